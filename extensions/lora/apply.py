"""From the networks that a pass asks for to edits of the model's layers, with the truth about each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import LoadedModel, ModelFileError, ModelRecord, NetworkUse, Run, UserError, WeightEdits, family_title
from extensions.lora import hookspecs
from extensions.lora.api import LayerKind
from extensions.lora.cards import family_of
from extensions.lora.library import library
from extensions.lora.names import find_file
from extensions.lora.network import Network, NetworkEdit

if TYPE_CHECKING:
    from app.api import Host

TYPE = "lora"
SHOWN = 10
ON_MISSING = "lora_on_missing"


@dataclass(frozen=True)
class Wanted:
    """A network by its name; ``strength_of`` a layer ("unet.conv_in"), ``strength`` in words; ``rank`` cuts low-rank networks."""

    name: str
    strength: str
    strength_of: Callable[[str], float]
    rank: int | None = None


def network_edits(wanted: Wanted, model: LoadedModel, run: Run) -> WeightEdits | None:
    """The edits, and a report of what took effect; None where the file is missing, or nothing fits, and the settings go on without it.

    Raises UserError in these cases otherwise.
    """
    try:
        record = find_file(wanted.name, run.host)
        network = library(run.host).read(record, model, layer_kinds(run), wanted.rank)
    except ModelFileError:
        raise
    except UserError as error:
        _without(NetworkUse(type=TYPE, name=wanted.name, strength=wanted.strength, note=error.what), error, run)
        return None
    use = report(wanted, record, network)
    if not network.changes:
        _without(use, UserError(nothing_fits(record, model, run.host), hint="Choose one that was made for it.", field="prompt"), run)
        return None
    run.used_network(use)
    key = f"{record.path}|{record.size_bytes}|{record.mtime_ns}|{wanted.rank}"
    strengths = {layer: wanted.strength_of(layer) for layer in network.changes}
    return WeightEdits(
        {
            layer: NetworkEdit(f"{key}|{strengths[layer]}", change, strengths[layer])
            for layer, change in network.changes.items()
            if strengths[layer]
        }
    )


def layer_kinds(run: Run) -> Sequence[LayerKind]:
    """The kinds of networks that are installed."""
    owned = run.host.hooks.collect(hookspecs.register_layer_kinds, strict=True, host=run.host)
    return sorted((item.value for item in owned), key=lambda kind: kind.order)


def report(wanted: Wanted, record: ModelRecord, network: Network) -> NetworkUse:
    """What of the file takes effect."""
    applied = len(network.changes)
    reasons = sorted(set(network.problems.values()))
    return NetworkUse(
        type=TYPE,
        name=wanted.name,
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
