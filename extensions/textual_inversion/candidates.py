"""Which embeddings a pass may use: those that fit its model, by name, and what speaks against the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import NetworkUse, PassContext, Run
from extensions.textual_inversion import hookspecs
from extensions.textual_inversion.api import Embedding
from extensions.textual_inversion.catalogue import FOLDER, Listed, listed, listed_file
from extensions.textual_inversion.files import embedding_of
from extensions.textual_inversion.pictures import is_picture
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
    for one in _named(run.host, texts):
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


def _named(host: Host, texts: Sequence[str]) -> Iterator[Listed]:
    """Files whose names may be in the texts; where a header waits to be read, it is read now: of pictures, for their names lie inside."""
    files = listed(host)
    likely = set(likely_words(texts, [one.name for one in files]))
    for one in files:
        if not one.record.pending:
            if one.name in likely:
                yield one
        elif one.name in likely or is_picture(Path(one.record.path)):
            record = host.models.find(FOLDER, one.record.path)
            read = listed_file(record) if record is not None else None
            if read is not None and likely_words(texts, [read.name]):
                yield read


def _words(widths: tuple[int, ...]) -> str:
    return " and ".join(str(width) for width in widths) or "none"
