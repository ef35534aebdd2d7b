"""Loopback: a script that draws from its own results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.loopback.params import LoopbackParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """A1111's."""

    def begin(task: ScriptTask) -> ScriptWork:
        from extensions.loopback.loop import Loopback

        return Loopback(task)

    return [Script("Loopback", LoopbackParams, begin, forms=("img2img",), order=30)]
