"""Which tensors of a training checkpoint a model needs, by the names that CompVis' training code gives them; no torch.

A training checkpoint holds the weights twice: as they were last, and averaged over the steps (EMA), as ``model_ema.`` and the name
without its "model." and without dots. "No EMA" keeps the first, "EMA only" puts the second in their place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.api import UserError

EMA, MODEL = "model_ema.", "model."
COUNTERS = (f"{EMA}decay", f"{EMA}num_updates")
JUNK = (
    "optimizer",
    "lr_scheduler",
    "callbacks",
    "loops.",
    "hparams",
    "hyper_parameters",
    "loss.",
    "first_stage_model.loss.",
    "amp_scaler",
    "native_amp",
    "ema_scaler",
)
"""What only training needs."""


def pruned_names(names: Collection[str], prune: str) -> dict[str, str]:
    """The names of the new file, with those that their weights have in the old one; raises UserError where there is no EMA to keep."""
    if not prune:
        return {name: name for name in names}
    kept = {name: name for name in names if not name.startswith((EMA, *JUNK))}
    if prune == "ema-only":
        averaged = {name: found for name in kept if (found := ema_name(name)) in names}
        if not averaged:
            raise UserError("The file has no averaged weights (EMA).", hint="Choose to prune without EMA.", field="prune")
        kept |= averaged
    return kept


def ema_name(name: str) -> str:
    """What the average of a tensor is called; "" for those that have none."""
    return EMA + name.removeprefix(MODEL).replace(".", "") if name.startswith(MODEL) else ""


def told_dropped(names: Collection[str], kept: Mapping[str, str], prune: str) -> str:
    """A sentence on what was left out; "" for nothing."""
    used = {*kept, *kept.values(), *COUNTERS}
    dropped = [name for name in names if name not in used]
    if not prune or not dropped:
        return ""
    return f"{len(dropped)} tensors were left out, such as {dropped[0]}."
