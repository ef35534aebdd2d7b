"""Additional Networks: LoRA files that are applied by a panel, outside of the prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import (
    Axis,
    GenerationPlan,
    ImagePlan,
    ModelRecord,
    Page,
    PageSlot,
    Panel,
    Params,
    PassContext,
    PlanInfo,
    Run,
    WeightEdits,
    hookimpl,
)
from extensions.additional_networks.params import AdditionalNetworksParams

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [AdditionalNetworksParams]


@hookimpl
def register_axes(host: Host) -> Iterable[Axis]:
    """The rows' files and weights."""
    from extensions.additional_networks.axes import row_axes

    return row_axes(host)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The block in the form."""

    def build(page: Page) -> None:
        from extensions.additional_networks.panel import draw_block

        draw_block(page)

    return [Panel(id="additional_networks", slot=PageSlot.GENERATION, order=65, build=build)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """What the panel can be filled with."""
    from extensions.additional_networks.routes import make_router

    return [make_router(host)]


@hookimpl
def edit_weights(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """One item for each row that is on."""
    from extensions.additional_networks.apply import row_edits

    return row_edits(context, run)


@hookimpl
def find_used_files(context: PassContext, run: Run) -> Iterable[tuple[str, ModelRecord]]:
    """The files of the rows, for what else lies in them."""
    from extensions.additional_networks.apply import row_files

    return row_files(context, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``AddNet ...``, as the extension of A1111 of this name writes it."""
    from extensions.additional_networks.infotext import written_rows

    return written_rows(AdditionalNetworksParams.of(plan.params), run.host)
