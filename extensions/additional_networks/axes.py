"""The rows of the panel as axes of plots, by the titles that A1111's extension gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.api import Axis, GenerationRequest, Json, UserError
from extensions.additional_networks.infotext import split_name
from extensions.additional_networks.params import NOTHING, AdditionalNetworksParams, NetworkRow
from extensions.lora.api import FOLDER, find_file

if TYPE_CHECKING:
    from app.api import Host

ROWS = 5
NO_FILE = "None"
FEATURE = AdditionalNetworksParams.feature
WEIGHTS = (("Weight", ("unet", "text_encoder")), ("UNet Weight", ("unet",)), ("TEnc Weight", ("text_encoder",)))
"""Axes of a row's strength, and what they change; the first one comes first, so that the others count beside it."""
LEAST, MOST = -10.0, 10.0
ORDER = 1410


def row_axes(host: Host) -> Iterable[Axis]:
    """Of the rows 1 to 5: the file, which is switched on, and its strength."""

    def names() -> list[str]:
        return [NO_FILE, *(record.name.rpartition(".")[0] for record in host.models.records(FOLDER))]

    def check_files(request: GenerationRequest, values: Sequence[Json]) -> None:
        for value in values:
            if str(value).strip().lower() not in NOTHING:
                find_file(split_name(str(value))[0], host)

    for place in range(ROWS):
        order = ORDER + place * (1 + len(WEIGHTS))
        yield Axis(f"AddNet Model {place + 1}", "text", partial(_with_file, place), names, check_files, cost=0.3, order=order)
        for number, (title, fields) in enumerate(WEIGHTS, 1):
            apply = partial(_with_weight, place, fields)
            yield Axis(f"AddNet {title} {place + 1}", "number", apply, check=_check_weights, cost=0.1, order=order + number)


def _with_file(place: int, request: GenerationRequest, value: Json) -> GenerationRequest:
    name = "" if str(value).strip().lower() in NOTHING else str(value)
    return _changed(request, place, lambda row: row.model_copy(update={"model": name, "enabled": True}))


def _with_weight(place: int, fields: Sequence[str], request: GenerationRequest, value: Json) -> GenerationRequest:
    def change(row: NetworkRow) -> NetworkRow:
        return row.model_copy(update=dict.fromkeys(fields, float(str(value))))

    return _changed(request, place, change, is_separate=len(fields) == 1)


def _changed(
    request: GenerationRequest, place: int, change: Callable[[NetworkRow], NetworkRow], *, is_separate: bool = False
) -> GenerationRequest:
    """The request with the row at ``place`` changed and the panel on; rows before it that are not there are empty."""
    params = AdditionalNetworksParams.of(request.params)
    rows = list(params.rows) if params.enabled else [row.model_copy(update={"enabled": False}) for row in params.rows]
    rows += [NetworkRow.model_validate({})] * (place + 1 - len(rows))
    if is_separate and not params.separate_weights:
        rows = [row.model_copy(update={"text_encoder": row.unet}) for row in rows]
    rows[place] = change(rows[place])
    separate = params.separate_weights or is_separate
    own = {"enabled": True, "separate_weights": separate, "networks": [row.model_dump(mode="json") for row in rows]}
    return request.model_copy(update={"params": {**request.params, FEATURE: own}})


def _check_weights(request: GenerationRequest, values: Sequence[Json]) -> None:
    wrong = next((value for value in values if not LEAST <= float(str(value)) <= MOST), None)
    if wrong is not None:
        raise UserError(f"{wrong} is no weight of a network.", hint=f"Weights go from {LEAST:g} to {MOST:g}.")
