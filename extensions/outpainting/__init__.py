"""Outpainting: two scripts that extend a picture beyond its edges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.outpainting.params import Mk2Params, PoorManParams

if TYPE_CHECKING:
    from app.api import Host

FORMS = ("img2img",)


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """A1111's two."""

    def begin_mk2(task: ScriptTask) -> ScriptWork:
        from extensions.outpainting.mk2 import OutpaintingMk2

        return OutpaintingMk2(task)

    def begin_poor_man(task: ScriptTask) -> ScriptWork:
        from extensions.outpainting.poor_man import PoorMansOutpainting

        return PoorMansOutpainting(task)

    return [
        Script("Outpainting mk2", Mk2Params, begin_mk2, forms=FORMS, order=40),
        Script("Poor man's outpainting", PoorManParams, begin_poor_man, forms=FORMS, order=50),
    ]
