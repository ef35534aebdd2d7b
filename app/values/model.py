"""What is known of a model file without loading it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.values.base import Value

Container = Literal["safetensors", "pickle", "onnx", "other"]
PredictionType = Literal["epsilon", "v"]

CHECKPOINT_KIND = "checkpoint"
"""The one kind of model folder the host itself speaks of, because every picture starts with a checkpoint; a family registers it."""
CHECKPOINT_SETTING = "sd_model_checkpoint"
"""A1111's key of the checkpoint in use: an extension declares the setting, and the host reads it by this name."""


@dataclass(frozen=True)
class TensorInfo:
    """One tensor as the header describes it; ``dtype`` in safetensors' spelling (F16, BF16, ...)."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ModelHeader:
    """Names, shapes and metadata of a model file; no weights. ``tensors`` is empty for containers that are not read."""

    path: Path
    container: Container
    size_bytes: int
    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str] = field(default_factory=dict)


class ModelIdentity(Value):
    """What an extension concluded from a header.

    ``kind``: checkpoint, vae, lora ...; ``family``: id of the ModelFamily that loads it; ``variant``: e.g. "base", "inpaint".
    ``supported`` false: recognised, but nothing installed can load it; ``reason`` then says so in a sentence.
    ``prediction_type`` None: the header cannot decide.
    """

    kind: str
    family: str
    variant: str = "base"
    title: str = ""
    prediction_type: PredictionType | None = None
    zero_terminal_snr: bool = False
    native_size_px: int | None = None
    supported: bool = True
    reason: str = ""


class LoadChoice(Value):
    """What the user decided about a checkpoint; None: by the file."""

    prediction_type: PredictionType | None = None
    zero_terminal_snr: bool | None = None


class ModelRecord(Value):
    """One row of the model index.

    ``folder_kind`` is the id of the model folder it was found in; ``name`` is the path below that folder with "/" separators;
    ``sha256`` and ``short_hash`` (its first 10 digits) are None until hashed; ``problem`` says why a file cannot be used.
    """

    path: str
    folder_kind: str
    name: str
    size_bytes: int
    mtime_ns: int
    identity: ModelIdentity | None = None
    metadata: dict[str, str] = {}
    sha256: str | None = None
    autov3: str | None = None
    problem: str = ""
    pending: bool = False
    """True while the header waits to be read."""

    @property
    def usable(self) -> bool:
        """True as far as is known: not while reading it has found a problem."""
        return self.pending or (self.identity is not None and not self.problem)

    @property
    def stem(self) -> str:
        """File name without folder and suffix."""
        return os.path.splitext(os.path.basename(self.path))[0]

    @property
    def short_hash(self) -> str | None:
        """First ten digits of the sha256, as A1111 shows it; None until hashed."""
        return self.sha256[:10] if self.sha256 else None

    @property
    def title(self) -> str:
        """``name [short hash]``, or the bare name until hashed."""
        return f"{self.name} [{self.short_hash}]" if self.sha256 else self.name


@dataclass(frozen=True)
class ModelFolder:
    """A kind of model folder: ``kind`` id, ``default`` below the models (or data) folder, suffixes with their dot."""

    kind: str
    title: str
    default: str
    suffixes: tuple[str, ...]
    flag: str = ""
    """Command-line flag (without dashes) that adds a folder of this kind, e.g. "ckpt-dir"."""
    file_flag: str = ""
    """Flag that names one file of this kind; the folder it lies in is added."""
    comfy_names: tuple[str, ...] = ()
    """Names of this kind in ComfyUI's extra_model_paths.yaml."""
    further: tuple[str, ...] = ()
    """Other places beside ``default`` that are looked at as well, such as a folder's old name."""
    without: tuple[str, ...] = ()
    """Endings of files in the same folders that are of another kind, such as ".vae.safetensors"."""
    holds: tuple[str, ...] = ()
    """Kinds of files (``ModelIdentity.kind``) that belong here, beside the one that is called like the folder."""
    in_models: bool = True
    """True: ``default`` lies below the models folder; False: below the data folder."""
