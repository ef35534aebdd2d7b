"""What a user can set of prompts from a file, in the order of A1111's ``script_args``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import ScriptParams


class PromptsFromFileParams(ScriptParams):
    """A line of the list is a prompt, or options that begin with ``--``."""

    feature: ClassVar[str] = "prompts_from_file"

    checkbox_iterate: bool = Field(
        False, title="Iterate seed every line", description="Each line goes on with the seed after the last of the line before."
    )
    checkbox_iterate_batch: bool = Field(
        False, title="Use same random seed for all lines", description="For a seed of -1: it is drawn once."
    )
    prompt_position: Literal["start", "end"] = Field(
        "start",
        title="Insert prompts at the",
        description="Before or behind the prompt of the form.",
        json_schema_extra={"control": "radio"},
    )
    prompt_txt: str = Field("", title="List of prompt inputs", json_schema_extra={"lines": 6, "file": ".txt"})
