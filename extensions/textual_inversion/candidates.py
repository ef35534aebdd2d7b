"""Which embeddings a pass may use: those that fit its model, by name, and what speaks against the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.api import NetworkUse, PassContext, Run
from extensions.textual_inversion import hookspecs
from extensions.textual_inversion.api import Embedding
from extensions.textual_inversion.catalogue import FOLDER, Listed, listed, listed_file
from extensions.textual_inversion.files import embedding_of
from extensions.textual_inversion.words import likely_words

if TYPE_CHECKING:
    from app.api import Host

TYPE = "textual_inversion"


@dataclass
class Candidates:
    """``fitting`` by name; ``unfit``: reports of names that none of the fitting has; ``hidden``: further files of a name that fits."""

    fitting: dict[str, Embedding] = field(default_factory=dict)
    unfit: dict[str, NetworkUse] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """How many vectors each fitting word stands for."""
        return {name: embedding.count for name, embedding in self.fitting.items()}


def candidates(context: PassContext, run: Run, widths: tuple[int, ...], texts: Sequence[str]) -> Candidates:
    """Files and what other extensions find, as far as their names may be in the texts; files come first.

    ``widths``: of the vectors that the model's text encoders read.
    """
    found = Candidates()
    offered: list[Embedding] = []
    files = [_read_now(one, run.host) for one in listed(run.host)]
    likely = _likely([one.name for one in files if one is not None], texts)
    for one in files:
        if one is None or one.name not in likely:
            continue
        if one.problem:
            found.unfit.setdefault(one.name, NetworkUse(type=TYPE, name=one.name, file=one.record.name, note=one.problem))
        else:
            offered.append(embedding_of(one, run.host))
    foreign = run.host.hooks.collect(hookspecs.find_embeddings, strict=True, context=context, run=run)
    for embedding in [*offered, *(owned.value for owned in foreign)]:
        _sort_in(embedding, widths, found)
    for name in found.fitting:
        found.unfit.pop(name, None)
    return found


def _sort_in(embedding: Embedding, widths: tuple[int, ...], found: Candidates) -> None:
    name = embedding.name
    if embedding.widths != widths:
        note = f"Skipped: its vectors are {_words(embedding.widths)} wide, and this checkpoint reads {_words(widths)}."
        total = embedding.count * len(embedding.widths)
        found.unfit.setdefault(name, NetworkUse(type=TYPE, name=name, file=embedding.file, total=total, note=note))
    elif name in found.fitting:
        found.hidden.setdefault(name, []).append(embedding.file)
    else:
        found.fitting[name] = embedding


def _likely(names: Sequence[str], texts: Sequence[str]) -> set[str]:
    return {name for text in texts for name in likely_words(text, names)}


def _read_now(one: Listed, host: Host) -> Listed | None:
    """A file whose header waits to be read, read now."""
    if not one.record.pending:
        return one
    record = host.models.find(FOLDER, one.record.path)
    return listed_file(record) if record is not None else None


def _words(widths: tuple[int, ...]) -> str:
    return " and ".join(str(width) for width in widths) or "none"
