"""SD upscale: a script that enlarges a picture and draws it anew in tiles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.sd_upscale.params import UpscaleParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """A1111's."""

    def begin(task: ScriptTask) -> ScriptWork:
        from extensions.sd_upscale.upscale import Upscale

        return Upscale(task)

    return [Script("SD upscale", UpscaleParams, begin, forms=("img2img",), order=80)]
