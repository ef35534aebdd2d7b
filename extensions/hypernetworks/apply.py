"""From the tags of a pass to changes of the model, with the truth about each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.api import (
    LoadedModel,
    ModelFileError,
    ModelPatch,
    ModelRecord,
    NetworkStrength,
    NetworkUse,
    PassContext,
    Run,
    UserError,
    family_title,
)
from extensions.hypernetworks.library import library, state_of
from extensions.hypernetworks.names import find_file
from extensions.hypernetworks.network import Pair
from extensions.hypernetworks.patch import HypernetworkPatch, attention_layers, width_of
from extensions.hypernetworks.tags import TYPE, named_hypernetworks

ON_MISSING = "hypernetwork_on_missing"


def tag_patches(context: PassContext, run: Run) -> list[ModelPatch]:
    """One for each tag, in their order; none for a strength of 0.

    Raises ModelFileError for files that cannot be used, and UserError for tags that are written wrongly, for files that are missing and
    for those of which nothing fits, unless the settings say to go on without these.
    """
    wanted = named_hypernetworks(context.tags)
    pairs = {name: _pairs(name, wanted, context.model, run) for name in dict.fromkeys(tag.name for tag in wanted)}
    patches: list[ModelPatch] = []
    for tag in wanted:
        found = pairs[tag.name]
        if found is not None and tag.denoiser:
            patches.append(HypernetworkPatch("|".join(map(str, state_of(found[0]))), found[1], tag.denoiser))
    return patches


def _pairs(name: str, wanted: Sequence[NetworkStrength], model: LoadedModel, run: Run) -> tuple[ModelRecord, Mapping[int, Pair]] | None:
    """The networks of a file; None where the settings go on without it."""
    strength = " + ".join(f"{tag.denoiser:g}" for tag in wanted if tag.name == name)
    try:
        record = find_file(name, run.host)
        pairs = library(run.host).read(record)
    except ModelFileError:
        raise
    except UserError as error:
        _without(NetworkUse(type=TYPE, name=name, strength=strength, note=error.what), error, run)
        return None
    use = report(NetworkUse(type=TYPE, name=name, strength=strength), record, pairs, model)
    if not use.applied:
        family = family_title(model.identity.family, run.host)
        what = f"Nothing of the hypernetwork {record.name} fits this checkpoint ({family}). {use.note}"
        _without(use, UserError(what, hint="Choose one that was made for it.", field="prompt"), run)
        return None
    run.used_network(use)
    return record, pairs


def report(asked: NetworkUse, record: ModelRecord, pairs: Mapping[int, Pair], model: LoadedModel) -> NetworkUse:
    """What of the file takes effect: the networks whose width an attention layer has."""
    widths = {width_of(layer) for layer in attention_layers(model)}
    applied = sum(pair.keys for width, pair in pairs.items() if width in widths)
    others = [width for width in pairs if width not in widths]
    return asked.model_copy(
        update={
            "file": record.name,
            "sha256": record.sha256 or "",
            "applied": applied,
            "total": sum(pair.keys for pair in pairs.values()),
            "parts": {"U-Net": applied} if applied else {},
            "unmatched": tuple(f"width {width}" for width in others),
            "note": "Reason: this checkpoint has no attention layer that wide." if others else "",
        }
    )


def _without(use: NetworkUse, error: UserError, run: Run) -> None:
    if run.settings.get(ON_MISSING) == "error":
        raise error
    run.used_network(use)
