"""Captions that are the prompts which pictures were drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookimpl
from extensions.interrogation.api import Describe, Interrogator

if TYPE_CHECKING:
    from app.api import Host

NAME = "Prompt from the picture's parameters"


@hookimpl
def register_interrogators(host: Host) -> Iterable[Interrogator]:
    """For every picture with an infotext."""

    def load() -> Describe:
        from extensions.infotext_captions.prompt import prompt_of

        return prompt_of

    return [Interrogator(NAME, load, order=100)]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """Its name in lists."""
    return (NAME,)
