"""Finds the embeddings in the LoRA files that a pass uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from torch import Tensor

from app.api import ModelFileError, ModelRecord, PassContext, Run, TensorInfo, UserError, load_tensors, read_header
from extensions.lora.api import used_files
from extensions.textual_inversion.api import Embedding, read_layout, read_rows

TO_INFOTEXT = "lora_bundled_ti_to_infotext"
_KEY = re.compile(r"bundle_emb\.(?P<word>.+?)\.(?P<tensor>string_to_param\..+|[^.]+)")


def bundled_embeddings(context: PassContext, run: Run) -> Iterator[Embedding]:
    """The embeddings of every LoRA that the pass uses; one that cannot be understood is told."""
    for called, record in used_files(context, run):
        for word, tensors in bundles(read_header(Path(record.path)).tensors).items():
            try:
                yield _embedding(word, tensors, called, record, run)
            except UserError as error:
                run.comment(f"The embedding {word} in the LoRA {record.name} cannot be used: {error.what.rstrip('.')}.")


def bundles(tensors: Mapping[str, TensorInfo]) -> dict[str, dict[str, TensorInfo]]:
    """The tensors of each embedding among those of a file, by their names in it."""
    found: dict[str, dict[str, TensorInfo]] = {}
    for key, info in tensors.items():
        match = _KEY.fullmatch(key)
        if match:
            found.setdefault(match["word"], {})[match["tensor"]] = info
    return found


def _embedding(word: str, tensors: Mapping[str, TensorInfo], called: str, record: ModelRecord, run: Run) -> Embedding:
    layout = read_layout(tensors)
    in_infotext = bool(run.settings.get(TO_INFOTEXT))
    return Embedding(
        name=word,
        file=record.name,
        key=f"{record.path}|{record.size_bytes}|{record.mtime_ns}",
        count=layout.vectors,
        widths=layout.widths,
        read=partial(_read, record, word, layout.names),
        digits=lambda: called if in_infotext else "",
    )


def _read(record: ModelRecord, word: str, names: Iterable[str]) -> tuple[Tensor, ...]:
    keys = [f"bundle_emb.{word}.{name}" for name in names]
    tensors = load_tensors(Path(record.path), keys)
    try:
        return read_rows([tensors[key] for key in keys])
    except UserError as error:
        raise ModelFileError(f"The embedding {word} in {record.name} cannot be used: {error.what.rstrip('.')}.") from error
