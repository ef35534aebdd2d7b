"""X/Y/Z plot: pictures over up to three axes, as one job whose cells are drawn and saved one after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Script, ScriptTask, ScriptWork, hookimpl
from extensions.xyz_plot.params import PlotParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_scripts(host: Host) -> Iterable[Script]:
    """The last of A1111's."""

    def begin(task: ScriptTask) -> ScriptWork:
        from extensions.xyz_plot.plot import Plot

        return Plot(task)

    return [Script("X/Y/Z plot", PlotParams, begin, order=90)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What the page asks about axes."""
    from extensions.xyz_plot.routes import make_router

    return [make_router(host)]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The titles of the axes, what the page's script has of its own, and the page beside a grid."""
    from extensions.xyz_plot.axes import axis_texts
    from extensions.xyz_plot.explore import TEXTS

    return (*axis_texts(host), *TEXTS)
