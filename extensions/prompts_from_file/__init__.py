"""Prompts from file or textbox: a script that draws a list of prompts, each with options of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.prompts_from_file.params import PromptsFromFileParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """A1111's."""

    def begin(task: ScriptTask) -> ScriptWork:
        from extensions.prompts_from_file import lines

        return lines.begin(task)

    return [Script("Prompts from file or textbox", PromptsFromFileParams, begin, order=70)]
