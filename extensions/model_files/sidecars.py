"""The files that belong to a model file by their names: pictures, notes, configurations, a VAE of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelRecord

if TYPE_CHECKING:
    from app.api import Host

PICTURES = ("png", "jpg", "jpeg", "webp", "gif", "avif")
NOTES = ("json", "txt", "info", "yaml", "yml", "civitai.info", "cm-info.json", "metadata.json", "description.txt", "sha256", "html")
OWN_VAE = tuple(f"vae.{suffix}" for suffix in ("pt", "ckpt", "safetensors"))
ENDINGS = frozenset({*PICTURES, *(f"preview.{picture}" for picture in PICTURES), *NOTES, *OWN_VAE})


def sidecars_of(record: ModelRecord, host: Host) -> list[Path]:
    """Files beside the model that are called as it is; none that is a model in its own right, or belongs to another model as well."""
    path = Path(record.path)
    beginning = f"{path.stem}."
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return []
    found = [path.parent / name for name in names if name.startswith(beginning) and name[len(beginning) :].lower() in ENDINGS]
    return [file for file in found if file != path and str(file) not in _models(record, host)]


def shares_its_name(record: ModelRecord, host: Host) -> str:
    """Name of another model beside this one that the same sidecars belong to; "" when there is none."""
    path = Path(record.path)
    others = (Path(other) for other in _models(record, host) if other != record.path)
    return next((other.name for other in others if other.parent == path.parent and other.stem == path.stem), "")


def _models(record: ModelRecord, host: Host) -> set[str]:
    """Paths of the models in the folders of the record's kind."""
    return {other.path for other in host.models.records(record.folder_kind) if other.identity is not None or other.path == record.path}
