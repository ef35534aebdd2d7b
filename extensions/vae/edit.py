"""Puts a VAE file in the place of a model's own: an edit of every layer of its VAE."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from weakref import WeakKeyDictionary

from torch import nn

from app.api import LayerWeights, LoadedModel, ModelFileError, ModelRecord, NetworkUse, PassContext, Run, StashKey, WeightEdits
from extensions.stable_diffusion.api import VaeFile, read_vae
from extensions.vae.family import other_family
from extensions.vae.files import named_alike
from extensions.vae.infotext import with_hash
from extensions.vae.params import SETTING
from extensions.vae.wanted import wanted_vae

PART = "vae"
TYPE = "vae"
SHOWN = 10
HINT = f'Choose another one, or "None" for {SETTING}.'


@dataclass(frozen=True)
class Summary:
    """What of a file fits a model, without its weights."""

    layers: tuple[str, ...]
    applied: int
    total: int
    unmatched: tuple[str, ...]
    lacks: str


SUMMARIES = StashKey[WeakKeyDictionary[LoadedModel, dict[str, Summary]]]("VAE files by the models that they fit")


class WaitingFile:
    """A VAE file that is read when its weights are needed first."""

    def __init__(self, record: ModelRecord, module: nn.Module) -> None:
        self._record = record
        self._module = module
        self.key = f"{record.path}|{record.size_bytes}|{record.mtime_ns}"

    @cached_property
    def content(self) -> VaeFile:
        """The file's weights; raises ModelFileError that names it."""
        try:
            return read_vae(Path(self._record.path), self._module)
        except ModelFileError as error:
            what = error.what.rstrip(".")
            name = Path(self._record.path).name
            named = what if what.startswith(name) else f"{name} cannot be used as a VAE: {what}"
            raise ModelFileError(f"{named}.", hint=error.hint or HINT, field=SETTING) from error

    def summary(self) -> Summary:
        """What of it fits."""
        content = self.content
        return Summary(
            tuple(content.layers),
            content.tensor_count - len(content.unmatched),
            content.tensor_count,
            content.unmatched[:SHOWN],
            content.lacks,
        )


@dataclass(frozen=True)
class VaeEdit:
    """Fulfils LayerEdit: one layer as the file has it."""

    file: WaitingFile
    layer: str

    @property
    def key(self) -> str:
        """The file's state."""
        return self.file.key

    def apply(self, layer: LayerWeights) -> LayerWeights:
        """The file's weights in place of the given ones."""
        own = self.file.content.layers[self.layer]
        return LayerWeights(own.weight.to(layer.weight), None if own.bias is None else own.bias.to(layer.weight))


def vae_edits(context: PassContext, run: Run) -> tuple[WeightEdits, ...]:
    """The VAE of this pass's checkpoint, with the truth about it; none for the checkpoint's own. Raises ModelFileError, UserError."""
    choice = wanted_vae(context.checkpoint.path, run)
    for name in choice.missing:
        run.used_network(NetworkUse(type=TYPE, name=name, note=f"There is no such file in models/VAE: {choice.instead}."))
    record = choice.record
    if record is None:
        return ()
    module = context.model.modules().get(PART)
    if module is None:
        raise ModelFileError(f"This checkpoint has no VAE that {record.name} could take the place of.", hint=HINT, field=SETTING)
    file = WaitingFile(record, module)
    summary = _summary(file, context.model, run)
    _tell(record, summary, context, run)
    return (WeightEdits({f"{PART}.{layer}": VaeEdit(file, layer) for layer in summary.layers}),)


def _summary(file: WaitingFile, model: LoadedModel, run: Run) -> Summary:
    """The file's summary, found out once for each model in memory."""
    known = run.host.stash.made(SUMMARIES, WeakKeyDictionary).setdefault(model, {})
    if file.key not in known:
        known[file.key] = file.summary()
    summary: Summary = known[file.key]
    return summary


def _tell(record: ModelRecord, summary: Summary, context: PassContext, run: Run) -> None:
    """The truth about the file."""
    name = Path(record.path).name
    run.used_network(
        NetworkUse(
            type=TYPE,
            name=name,
            file=record.name,
            sha256=with_hash(record, run).sha256 or "",
            applied=summary.applied,
            total=summary.total,
            parts={"VAE": summary.applied},
            unmatched=summary.unmatched,
        )
    )
    count = named_alike(record, run.host)
    remarks = [
        f"The VAE {name} has no encoder: pictures are read with the checkpoint's own, and drawn with the file's decoder."
        if summary.lacks
        else "",
        f"{count} VAE files are called {name}: {record.path} was used." if count > 1 else "",
        other_family(record, context.model.identity.family),
    ]
    for remark in filter(None, remarks):
        run.comment(remark)
