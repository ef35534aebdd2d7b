"""Keeps a loaded model's weights as its networks want them: only what changed is computed anew, and all comes back from the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from weakref import WeakKeyDictionary

import torch
from torch import nn

from app import hookspecs
from app.contracts import LayerEdit, LayerWeights, LoadedModel, PassContext, WeightEdits
from app.errors import UserError
from app.generation.run_helpers import GenerationRun
from app.stash import StashKey

Signature = tuple[str, ...]
NOT_READ_BY_PROMPTS = ("unet.", "vae.")
"""Layers of these parts have no say in how a prompt is encoded."""


class EditedWeights:
    """The changes of one model, by layer; they stay from job to job, as long as the same are wanted."""

    def __init__(self) -> None:
        self._now: dict[str, Signature] = {}

    def become(self, wanted: Sequence[WeightEdits], model: LoadedModel) -> None:
        """Make each layer what the checkpoint's own weights become by all edits of it, in order.

        A failure leaves the layers that were in work as the checkpoint has them.
        """
        edits: dict[str, list[LayerEdit]] = {}
        for network in wanted:
            for name, edit in network.layers.items():
                edits.setdefault(name, []).append(edit)
        signatures = {name: tuple(edit.key for edit in layered) for name, layered in edits.items()}
        changed = [name for name in {**self._now, **signatures} if self._now.get(name) != signatures.get(name)]
        if not changed:
            return
        originals, modules = model.original_weights(changed), _modules(changed, model)
        try:
            for name in changed:
                self._now[name] = ()
                _put(modules[name], _edited(name, originals[name], edits.get(name, ())))
                self._now[name] = signatures.get(name, ())
        except BaseException:
            for name in changed:
                _put(modules[name], originals[name])
                self._now[name] = ()
            raise
        finally:
            self._now = {name: signature for name, signature in self._now.items() if signature}

    @property
    def prompt_keys(self) -> Signature:
        """What encoded prompts depend on."""
        return tuple(f"{name}={'+'.join(keys)}" for name, keys in sorted(self._now.items()) if not name.startswith(NOT_READ_BY_PROMPTS))


EDITED = StashKey[WeakKeyDictionary[LoadedModel, EditedWeights]]("edited weights")


def edit_weights(context: PassContext, run: GenerationRun) -> Signature:
    """Bring the model's weights to what the extensions want for this pass; returns what encoded prompts depend on."""
    wanted = run.host.hooks.collect(hookspecs.edit_weights, strict=True, context=context, run=run)
    edited = run.host.stash.made(EDITED, WeakKeyDictionary).setdefault(context.model, EditedWeights())
    with torch.no_grad():
        edited.become([owned.value for owned in wanted], context.model)
    return edited.prompt_keys


def _modules(names: Sequence[str], model: LoadedModel) -> Mapping[str, nn.Module]:
    """The layers by their names; raises UserError for a layer that the model does not have."""
    parts, found = model.modules(), {}
    for name in names:
        part, _, path = name.partition(".")
        try:
            found[name] = parts[part].get_submodule(path)
        except (KeyError, AttributeError):
            raise UserError(f"This checkpoint has no layer {name!r}, which a network is to change.") from None
    return found


def _edited(name: str, original: LayerWeights, edits: Sequence[LayerEdit]) -> LayerWeights:
    """The layer after its edits, which must keep its shapes."""
    if not edits:
        return original
    start = LayerWeights(original.weight.float(), None if original.bias is None else original.bias.float())
    result = reduce(lambda layer, edit: edit.apply(layer), edits, start)
    if result.weight.shape != original.weight.shape:
        raise UserError(
            f"A network would give the layer {name!r} the shape {tuple(result.weight.shape)}, not {tuple(original.weight.shape)}."
        )
    return result


def _put(module: nn.Module, layer: LayerWeights) -> None:
    """Write into the parameters that are there, in their number format and layout; a bias may come and go."""
    weight = module.get_parameter("weight")
    weight.data.copy_(layer.weight)
    if layer.bias is None:
        module.register_parameter("bias", None)
    elif getattr(module, "bias", None) is None:
        module.register_parameter("bias", nn.Parameter(layer.bias.to(weight, copy=True), requires_grad=False))
    else:
        module.get_parameter("bias").data.copy_(layer.bias)
