"""From the rows of the panel to edits of the model's layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import ModelRecord, PassContext, Run, UserError, WeightEdits
from extensions.additional_networks.infotext import DIGITS, split_name
from extensions.additional_networks.params import OTHER_MODULE, AdditionalNetworksParams, NetworkRow
from extensions.lora.api import LoraPlace, WantedNetwork, apply_network, find_by_hash, find_file, has_hash, lora_hash

if TYPE_CHECKING:
    from app.api import Host

PLACE = LoraPlace("params.additional_networks.networks", 'take its row out of "Additional Networks"')


def row_edits(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """One item a row, in order; a file may stand in several rows. Raises UserError for files as the extension ``lora`` does."""
    for number, row in enumerate(AdditionalNetworksParams.of(context.plan.params).used, 1):
        if row.model.startswith(OTHER_MODULE):
            raise UserError(f"Row {number} asks for {row.model[len(OTHER_MODULE) :]!r}; the panel knows LoRA files.", field=PLACE.field)
        name = _known_name(row, run)
        wanted = WantedNetwork(
            name=name,
            text=row.text_encoder,
            denoiser=row.unet,
            blocks=row.blocks.strip(),
            title=f"{name} (row {number})",
            place=PLACE,
        )
        edits = apply_network(wanted, context, run)
        if edits is not None:
            yield edits


def row_files(context: PassContext, run: Run) -> Iterable[tuple[str, ModelRecord]]:
    """Name and file of each row that is on and there."""
    for row in AdditionalNetworksParams.of(context.plan.params).used:
        record = _record(row, run.host)
        if record is not None:
            yield record.stem, record


def _known_name(row: NetworkRow, run: Run) -> str:
    """The name of the row's file, or as the row says; says where a hash is another one than the file's."""
    name, digits = split_name(row.model)
    host: Host = run.host
    record = _record(row, host)
    if record is None:
        return name
    if digits and not has_hash(record, digits, host):
        run.comment(f"The LoRA {record.name} is another file than {row.model}: its hash begins with {lora_hash(record, host)[:DIGITS]}.")
    return record.name


def _record(row: NetworkRow, host: Host) -> ModelRecord | None:
    """The row's file by its name, else by its hash; None where it is not here."""
    name, digits = split_name(row.model)
    try:
        return find_file(name, host)
    except UserError:
        return find_by_hash(digits, host)
