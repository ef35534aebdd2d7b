"""Prompt matrix: all combinations of the parts of a prompt, in a grid whose labels show which are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.prompt_matrix.params import MatrixParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """A1111's."""

    def begin(task: ScriptTask) -> ScriptWork:
        from extensions.prompt_matrix.matrix import Matrix

        return Matrix(task)

    return [Script("Prompt matrix", MatrixParams, begin, order=60)]
