"""Routes of the styles: A1111's list, and below /paintbox/v1/styles what the page's editor reads and changes."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from app.api import Host, Value
from extensions.styles.api import installed_styles, listed_styles
from extensions.styles.book import delete, save
from extensions.styles.text import Style


class StyleBody(Value):
    """A style as it is to be: ``{prompt}`` in a text is where the user's own goes."""

    name: str
    prompt: str = ""
    negative_prompt: str = ""


class ListedStyle(StyleBody):
    """A style and the name of the file that it is in."""

    file: str


def make_router(host: Host) -> APIRouter:
    """``GET /sdapi/v1/prompt-styles``; ``GET``, ``PUT`` and ``DELETE /paintbox/v1/styles``."""
    router = APIRouter(tags=["styles"])

    @router.get("/sdapi/v1/prompt-styles")
    def prompt_styles() -> list[dict[str, str | None]]:
        """Name, prompt and negative prompt of every style; dividers between files have null texts."""
        return [
            {
                "name": style.name,
                "prompt": style.prompt if style.is_usable else None,
                "negative_prompt": style.negative_prompt if style.is_usable else None,
            }
            for style in listed_styles(host)
        ]

    @router.get("/paintbox/v1/styles")
    def styles() -> list[ListedStyle]:
        """All styles, as their files are at this moment."""
        return [_listed(style) for style in installed_styles(host)]

    @router.put("/paintbox/v1/styles")
    def save_style(body: StyleBody) -> ListedStyle:
        """Save a style under its name, in place of the one that has it."""
        return _listed(save(Style(body.name, body.prompt, body.negative_prompt), host))

    @router.delete("/paintbox/v1/styles")
    def delete_style(name: str) -> ListedStyle:
        """Delete a style; the answer is what it was."""
        return _listed(delete(name, host))

    return router


def _listed(style: Style) -> ListedStyle:
    return ListedStyle(name=style.name, prompt=style.prompt, negative_prompt=style.negative_prompt, file=Path(style.file).name)
