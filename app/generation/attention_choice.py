"""Chooses how a model's attention is computed: by the setting, by a command-line flag, or by what was measured on the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contracts import Attention, LoadedModel, Run

if TYPE_CHECKING:
    from app.host import Host

SETTING = "cross_attention_optimization"
AUTOMATIC, NONE = "Automatic", "None"
TITLE_SEPARATOR = " - "
HALF_FORMATS = ("torch.bfloat16", "torch.float16")


def choose_attention(model: LoadedModel, run: Run) -> Attention | None:
    """The way that ``model`` is to use; None: whatever its libraries do by themselves. What cannot be had is told in the result."""
    host, device = run.host, str(model.device)
    wanted = str(run.settings.get(SETTING) or AUTOMATIC)
    if wanted == NONE:
        return None
    if wanted != AUTOMATIC:
        found = find_attention(wanted, host)
        if found is not None and found.supports(device):
            return found
        what = "is not known" if found is None else f"does not run on {device}"
        run.comment(f"The attention {wanted!r} {what}; it was chosen automatically.")
    usable = [attention for attention in host.attention if attention.supports(device)]
    preferred = next((attention for attention in usable if any(host.options.flag(flag) for flag in attention.flags)), None)
    return preferred or _measured(usable, model, run)


def find_attention(wanted: str, host: Host) -> Attention | None:
    """By name, alias, title, or by a title as A1111 writes it: "name - what it is"."""
    return host.attention.find(wanted) or host.attention.find(wanted.partition(TITLE_SEPARATOR)[0])


def _measured(usable: list[Attention], model: LoadedModel, run: Run) -> Attention | None:
    """The fastest in half precision; in full precision all are alike, and the first is taken."""
    first = usable[0] if usable else None
    if str(model.dtype) not in HALF_FORMATS or len(usable) < 2:
        return first
    fastest = run.host.device_speed.facts(str(model.device)).attention
    return next((attention for attention in usable if attention.name == fastest), first)
