"""The bodies of requests for pictures: OpenAI's fields, and a few of what decides a picture here."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.api import LARGEST_SEED

SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
SIDES_PX = range(64, 4097)
SIZE_STEP_PX = 8
LONGEST_PROMPT = 32000
OPENAI_NAMES = ("dall-e", "gpt-image", "chatgpt-image")


def _not_null(value: Any) -> Any:
    return "auto" if value is None else value


def _size(value: str) -> str:
    """A size as it will be drawn; raises ValueError."""
    if value == "auto":
        return value
    found = SIZE.fullmatch(value)
    sides = [int(text) for text in found.groups()] if found else []
    if not sides or any(side not in SIDES_PX for side in sides):
        raise ValueError(f'a size is "auto" or "WxH" with sides of {SIDES_PX.start} to {SIDES_PX.stop - 1} pixels')
    return "x".join(str(side - side % SIZE_STEP_PX) for side in sides)


def _no_more_than_asked(value: Any) -> Any:
    if value:
        raise ValueError("pictures cannot be sent while they are drawn; watch the job at /paintbox/v1/jobs instead")
    return None


Unsupported = Annotated[Any, BeforeValidator(_no_more_than_asked)]


class ImageBody(BaseModel):
    """What all requests for pictures have; null means the default, and what is no field is refused.

    ``size``: in pixels, or "auto" for the checkpoint's own. The fields from ``negative_prompt`` on are not OpenAI's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    model: str | None = None
    n: Annotated[int | None, Field(ge=1, le=10)] = 1
    size: Annotated[str, BeforeValidator(_not_null), AfterValidator(_size)] = "auto"
    quality: Annotated[Literal["auto", "low", "medium", "high", "standard", "hd"], BeforeValidator(_not_null)] = "auto"
    response_format: Literal["url", "b64_json"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: Annotated[int | None, Field(ge=0, le=100)] = None
    background: Literal["auto", "opaque"] | None = None
    user: str | None = None
    stream: Unsupported = None
    partial_images: Unsupported = None
    negative_prompt: str = Field("", max_length=LONGEST_PROMPT)
    steps: Annotated[int | None, Field(ge=1, le=1000)] = None
    cfg_scale: Annotated[float, Field(ge=0.0, le=1000.0)] = 7.0
    seed: Annotated[int, Field(ge=-1, le=LARGEST_SEED)] = -1
    sampler: str | None = None
    scheduler: str | None = None

    @property
    def sides_px(self) -> tuple[int, int] | None:
        """(width, height); None for the checkpoint's own."""
        if self.size == "auto":
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)

    @property
    def drawn_steps(self) -> int:
        """As asked, else by the quality."""
        return self.steps or {"low": 10, "high": 30, "hd": 30}.get(self.quality, 20)

    @property
    def names_openai_model(self) -> bool:
        """True for a model that a client names because it knows no other."""
        return bool(self.model) and str(self.model).lower().startswith(OPENAI_NAMES)

    @property
    def answer_format(self) -> str:
        """As asked, else what the model's clients expect."""
        return self.response_format or ("url" if str(self.model).lower().startswith("dall-e") else "b64_json")

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Fields that were sent and do nothing."""
        return ()


class GenerationBody(ImageBody):
    """Pictures from a prompt."""

    style: Literal["vivid", "natural"] | None = None
    moderation: Literal["auto", "low"] | None = None

    @property
    def without_effect(self) -> tuple[str, ...]:
        """The prompt decides the style, and nothing is moderated."""
        return tuple(name for name in ("style", "moderation") if getattr(self, name) is not None)


class EditBody(ImageBody):
    """A picture changed; the files come beside these fields. ``strength``: how much is drawn anew, from 0 to 1."""

    input_fidelity: Literal["high", "low"] | None = None
    strength: Annotated[float, Field(ge=0.0, le=1.0)] = 0.75

    @property
    def without_effect(self) -> tuple[str, ...]:
        """``strength`` decides how near the result stays."""
        return ("input_fidelity",) if self.input_fidelity is not None else ()
