"""The settings of the canvas, under A1111's keys."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_PAGE: JsonDict = {"page": True}
Modifier = Literal["Shift", "Ctrl", "Alt"]
Action = Literal[
    "Zoom", "Adjust brush size", "Hotkey enlarge brush", "Hotkey shrink brush", "Moving canvas", "Fullscreen", "Reset Zoom", "Overlap"
]


def _key(letter: str, title: str) -> Any:
    return Field(letter, title=title, min_length=1, max_length=1, json_schema_extra=_PAGE)


class CanvasKeys(BaseModel):
    """Keys for the canvas under the pointer."""

    model_config = ConfigDict(frozen=True)

    canvas_hotkey_zoom: Modifier = Field("Alt", title="Zoom canvas", description="With the wheel.", json_schema_extra=_PAGE)
    canvas_hotkey_adjust: Modifier = Field("Ctrl", title="Adjust brush size", description="With the wheel.", json_schema_extra=_PAGE)
    canvas_hotkey_shrink_brush: str = _key("Q", "Shrink the brush size")
    canvas_hotkey_grow_brush: str = _key("W", "Enlarge the brush size")
    canvas_hotkey_move: str = _key("F", "Moving the canvas")
    canvas_hotkey_fullscreen: str = _key("S", "Fullscreen Mode")
    canvas_hotkey_reset: str = _key("R", "Reset zoom and canvas position")
    canvas_blur_prompt: bool = Field(
        False,
        title="Take the focus off the prompt when working with a canvas",
        description="Keys then go to the canvas as soon as the pointer is on it.",
        json_schema_extra=_PAGE,
    )
    canvas_disabled_functions: list[Action] = Field(["Overlap"], title="Disable function that you don't use", json_schema_extra=_PAGE)
