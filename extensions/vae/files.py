"""The VAE files: those of models/VAE and those beside checkpoints, by their names; no torch."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Choices, ModelFolder, ModelRecord, UserError, natural_key, read_notes
from extensions.vae.params import AUTOMATIC, NONE

if TYPE_CHECKING:
    from app.api import Host

logger = logging.getLogger(__name__)
FOLDER, BESIDE = "vae", "checkpoint_vae"
SUFFIXES = (".safetensors", ".ckpt", ".pt")
FOLDERS = (
    ModelFolder(FOLDER, "VAE", "VAE", SUFFIXES, flag="vae-dir", comfy_names=("vae",)),
    ModelFolder(
        BESIDE,
        "VAE beside a checkpoint",
        "Stable-diffusion",
        tuple(f".vae{suffix}" for suffix in SUFFIXES),
        flag="ckpt-dir",
        file_flag="ckpt",
        comfy_names=("checkpoints",),
    ),
)


def vae_files(host: Host) -> dict[str, ModelRecord]:
    """The files by their names without folder, in natural order; of several with one name the one that A1111 reads last.

    Those of models/VAE come before those beside checkpoints, and folders that the command line names before both.
    """
    ranked = [(_rank(record, host), record) for kind in (BESIDE, FOLDER) for record in host.models.records(kind)]
    by_name = {Path(record.path).name: record for _, record in sorted(ranked, key=lambda pair: pair[0])}
    return dict(sorted(by_name.items(), key=lambda pair: natural_key(pair[0])))


def _rank(record: ModelRecord, host: Host) -> tuple[bool, bool, int]:
    """Higher is read later: (named by the command line, of models/VAE, nearer to the front of the folders)."""
    places = host.models.folders[record.folder_kind]
    default = host.paths.models / places.folder.default
    position = next((index for index, root in enumerate(places.roots) if Path(record.path).is_relative_to(root)), 0)
    usual = places.roots.index(default) if default in places.roots else len(places.roots)
    return position < usual, record.folder_kind == FOLDER, -position


def named_alike(record: ModelRecord, host: Host) -> int:
    """How many files have the name of this one."""
    name = Path(record.path).name
    return len({other.path for kind in (BESIDE, FOLDER) for other in host.models.records(kind) if Path(other.path).name == name})


def forced_file(host: Host) -> ModelRecord | None:
    """The file of ``--vae-path``; raises UserError where there is none."""
    wanted = host.options.flag("vae-path")
    if not isinstance(wanted, str):
        return None
    path = Path(wanted)
    if not path.is_file():
        raise UserError(f"--vae-path {wanted}: there is no such file.", hint="Start without it, or with the path of a VAE file.")
    stat = path.stat()
    record = ModelRecord(path=str(path), folder_kind=FOLDER, name=path.name, size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)
    return host.models.with_known_hash(record)


def refresh(host: Host) -> None:
    """Look at the folders again."""
    for kind in (FOLDER, BESIDE):
        host.models.refresh(kind)


def choices(host: Host) -> Choices:
    """What the setting can be chosen from."""
    return Choices(lambda: [AUTOMATIC, NONE, *vae_files(host)], lambda: refresh(host))


def preference_of(checkpoint: Path) -> str:
    """What the ``.json`` beside a checkpoint says of its VAE, "" for nothing; a file that cannot be read is logged."""
    sidecar = checkpoint.with_suffix(".json")
    try:
        value = read_notes(sidecar).get("vae")
    except UserError as error:
        logger.warning("%s So no VAE is known from it.", error.what)
        return ""
    return value if isinstance(value, str) else ""
