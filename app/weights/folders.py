"""Where each kind of model lies: A1111's folders, folders from flags, and ComfyUI's extra_model_paths.yaml."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.errors import UserError
from app.values.model import ModelFolder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FolderPlaces:
    """A kind of model folder with its roots in the order they are scanned."""

    folder: ModelFolder
    roots: tuple[Path, ...]


def resolve_folders(
    folders: Iterable[ModelFolder], data: Path, models: Path, flags: Mapping[str, Sequence[Path]], extra: Mapping[str, Sequence[Path]]
) -> dict[str, FolderPlaces]:
    """Roots of every kind: flag folders first (as in A1111), then the default, then ``extra`` (by ComfyUI's names)."""
    places: dict[str, FolderPlaces] = {}
    for folder in folders:
        roots = list(flags.get(folder.flag, ()))
        roots.extend((models if folder.in_models else data) / place for place in (folder.default, *folder.further))
        for name in folder.comfy_names:
            roots.extend(extra.get(name, ()))
        unique = dict.fromkeys(root.absolute() for root in roots)
        places[folder.kind] = FolderPlaces(folder, tuple(unique))
    return places


def read_extra_model_paths(path: Path) -> dict[str, list[Path]]:
    """ComfyUI's extra_model_paths.yaml: its kind names -> folders; an absent file gives an empty result.

    Each top-level section has an optional ``base_path`` and, per kind, one path or several on lines of their own. Raises UserError.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path.name}: cannot be read ({first}).", hint="Mend or delete the file.") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UserError(f"{path.name}: must hold sections such as 'comfyui:' with paths below them.")
    result: dict[str, list[Path]] = {}
    for section, entries in document.items():
        if entries is not None and not isinstance(entries, dict):
            raise UserError(f"{path.name}: section {section!r} must hold 'kind: path' lines.")
        _add_section(result, entries or {}, path.parent)
    return result


def _add_section(result: dict[str, list[Path]], entries: Mapping[object, object], beside: Path) -> None:
    base_text = entries.get("base_path")
    base = beside / Path(str(base_text)).expanduser() if base_text else beside
    for kind, value in entries.items():
        if kind in ("base_path", "is_default") or not isinstance(value, str):
            continue
        for line in value.splitlines():
            if line.strip():
                result.setdefault(str(kind), []).append(base / Path(line.strip()).expanduser())


def folders_of_flags(folder: ModelFolder, texts: Callable[[str], list[str]]) -> list[Path]:
    """Folders of a kind that the command line names, itself or by a file in it; ``texts`` gives the values of a flag."""
    named = [*map(Path, texts(folder.flag)), *(Path(text).parent for text in texts(folder.file_flag))]
    for missing in (place for place in named if not place.is_dir()):
        logger.warning("The folder %s, named for %s, does not exist.", missing, folder.title.lower())
    return named
