"""From the networks that a pass asks for to edits of the model's layers, with the truth about each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.api import LoadedModel, ModelFileError, ModelRecord, NetworkUse, Run, UserError, WeightEdits, family_title
from extensions.lora import hookspecs
from extensions.lora.api import LayerKind, WantedNetwork
from extensions.lora.blocks import block_factors
from extensions.lora.cards import family_of
from extensions.lora.library import library
from extensions.lora.names import FOLDER, find_file
from extensions.lora.network import Network, NetworkEdit

if TYPE_CHECKING:
    from app.api import Host

SHOWN = 10
ON_MISSING = "lora_on_missing"


def network_edits(wanted: WantedNetwork, model: LoadedModel, run: Run) -> WeightEdits | None:
    """The edits, and a report of what took effect; None where the file is missing, or nothing fits, and the settings go on without it.

    Raises UserError in these cases otherwise.
    """
    factors = block_factors(wanted.blocks, model.identity.family, run.settings, wanted.place) if wanted.blocks else None
    reading = library(run.host)
    try:
        record = find_file(wanted.name, run.host, wanted.place)
        network = reading.read(record, model, layer_kinds(run), wanted.rank)
    except ModelFileError:
        raise
    except UserError as error:
        _without(NetworkUse(type=FOLDER, name=wanted.title or wanted.name, strength=wanted.strength, note=error.what), error, run)
        return None
    use = report(wanted, record, network)
    if not network.changes:
        what = f"{nothing_fits(record, model, run.host)} {use.note}".strip()
        misfit = UserError(what, hint="Choose one that was made for it.", field=wanted.place.field)
        _without(use, misfit, run)
        return None
    run.used_network(use)
    blocks = reading.place(model).blocks if factors else {}
    strengths = {layer: _strength(wanted, layer) for layer in network.changes}
    if factors:
        strengths = {layer: strength * factors.of(blocks[layer]) for layer, strength in strengths.items()}
        _tell_left_out(wanted, {blocks[layer] for layer in network.changes} - factors.by_block.keys(), run)
    key = f"{record.path}|{record.size_bytes}|{record.mtime_ns}|{wanted.rank}"
    return WeightEdits(
        {
            layer: NetworkEdit(f"{key}|{strengths[layer]}", change, strengths[layer])
            for layer, change in network.changes.items()
            if strengths[layer]
        }
    )


def _strength(wanted: WantedNetwork, layer: str) -> float:
    return wanted.text if layer.startswith("text_encoder") else wanted.denoiser


def _tell_left_out(wanted: WantedNetwork, blocks: set[str], run: Run) -> None:
    """Say of which blocks the file has something that the numbers have no place for."""
    if blocks:
        names = ", ".join(sorted(blocks))
        told = f"its layers in {names} were left out: the block weights {wanted.blocks!r} do not name these."
        run.comment(f"lora {wanted.title or wanted.name}: {told}")


def layer_kinds(run: Run) -> Sequence[LayerKind]:
    """The kinds of networks that are installed."""
    owned = run.host.hooks.collect(hookspecs.register_layer_kinds, strict=True, host=run.host)
    return sorted((item.value for item in owned), key=lambda kind: kind.order)


def report(wanted: WantedNetwork, record: ModelRecord, network: Network) -> NetworkUse:
    """What of the file takes effect."""
    applied = len(network.changes)
    reasons = sorted(set(network.problems.values()))
    return NetworkUse(
        type=FOLDER,
        name=wanted.title or wanted.name,
        file=record.name,
        sha256=record.sha256 or "",
        strength=wanted.strength,
        applied=applied,
        total=applied + len(network.problems),
        parts=network.parts,
        unmatched=tuple(sorted(network.problems))[:SHOWN],
        note=f"Reason: {'; '.join(reasons[:3])}." if reasons else "",
    )


def nothing_fits(record: ModelRecord, model: LoadedModel, host: Host) -> str:
    """Why a file changes nothing."""
    family = family_of(record)
    mine = family_title(model.identity.family, host)
    if family and family != model.identity.family:
        made_for = family_title(family, host)
        return f"The LoRA {record.name} was made for {made_for}, and the checkpoint is {mine}: nothing of it fits."
    return f"Nothing of the LoRA {record.name} fits this checkpoint ({mine})."


def _without(use: NetworkUse, error: UserError, run: Run) -> None:
    if run.settings.get(ON_MISSING) == "error":
        raise error
    run.used_network(use)
