"""Finding extensions: folders in the built-in and the user's extensions folder, and the entry points of installed packages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from app.errors import UserError
from app.manifest import MANIFEST, Manifest, read_manifest
from app.paths import Paths

ENTRY_POINT_GROUP = "paintbox.extensions"
NAMESPACE = "extensions"
SHIPPED = "app/shipped_extensions.txt"
"""The list of those that come with Paintbox, one a line, for checkouts that were downloaded as an archive."""
FOREIGN_PARTS = (
    "scripts",
    "install.py",
    "preload.py",
    "javascript",
    "style.css",
    "metadata.ini",
    "localizations",
    "styles.csv",
    "wildcards",
    "tags",
)
"""Files and folders by any of which a folder without our manifest is known as an extension of A1111."""


@dataclass(frozen=True)
class Candidate:
    """Something that may be an extension; ``problem`` says why it cannot be one, and ``manifest`` is then None.

    ``is_foreign``: it was written for A1111; its code is not run, and it has no manifest.
    """

    id: str
    module: str
    folder: Path | None
    is_builtin: bool
    manifest: Manifest | None
    problem: str = ""
    is_foreign: bool = False


def find_extensions(paths: Paths, *, with_packages: bool = True) -> list[Candidate]:
    """All candidates, sorted by id; of two with one id the one in the checkout's folder counts and the other is a problem.

    Built-in is what lies in the checkout's ``extensions`` folder, says ``builtin = true`` in its manifest, is no git repository of its
    own (that is how users install extensions there), and is tracked by the checkout's git, or named in its list where there is no git.
    """
    found = _in_folder(paths.builtin_extensions, shipped_extensions(paths.root))
    if paths.extensions.resolve() != paths.builtin_extensions.resolve():
        found += _in_folder(paths.extensions, frozenset())
    if with_packages:
        found += _in_packages()
    return _unique(found)


def candidate_of(folder: Path) -> Candidate:
    """What a folder of the user's is; it need not lie where extensions are found."""
    return _from_folder(folder, frozenset())


def is_foreign(folder: Path) -> bool:
    """True for a folder that was written for A1111 and has no manifest for Paintbox."""
    if not any((folder / part).exists() for part in FOREIGN_PARTS):
        return False
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    return "[tool.paintbox]" not in text


def _unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        first = kept.setdefault(candidate.id, candidate)
        if first is not candidate:
            problem = f"There is another extension with the id {candidate.id!r} in {first.folder or first.module}; that one is used."
            other = f"{candidate.id} ({candidate.folder or candidate.module})"
            kept[other] = Candidate(other, candidate.module, candidate.folder, False, None, problem)
    return [kept[key] for key in sorted(kept)]


def _in_folder(folder: Path, shipped: frozenset[str]) -> list[Candidate]:
    """``shipped``: ids of those that can be built-in."""
    if not folder.is_dir():
        return []
    children = [child for child in folder.iterdir() if child.is_dir() and child.name[0] not in "._"]
    return [_from_folder(child, shipped) for child in children if any(child.iterdir())]


def _from_folder(folder: Path, shipped: frozenset[str]) -> Candidate:
    module = f"{NAMESPACE}.{folder.name}"
    try:
        manifest = read_manifest(folder)
    except UserError as error:
        return Candidate(folder.name, module, folder, False, None, str(error), is_foreign=is_foreign(folder))
    is_own_repository = (folder / ".git").exists()
    is_builtin = manifest.claims_builtin and not is_own_repository and folder.name in shipped
    return Candidate(folder.name, module, folder, is_builtin, manifest)


def shipped_extensions(root: Path) -> frozenset[str]:
    """Names of the extensions that belong to a checkout: as its git knows them, else as its list does; none where there is neither."""
    tracked = _tracked(root)
    if tracked is not None:
        return tracked
    try:
        lines = (root / SHIPPED).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _tracked(root: Path) -> frozenset[str] | None:
    """What the checkout's git tracks; None when there is no git to ask."""
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "ls-files", "-z", "--", f"{NAMESPACE}/*/{MANIFEST}"]
    try:
        listing = subprocess.run(command, capture_output=True, timeout=5, check=True).stdout.decode("utf-8", "surrogateescape")
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(name.split("/")[1] for name in listing.split("\0") if name)


def _in_packages() -> list[Candidate]:
    return [_from_entry_point(point) for point in metadata.entry_points(group=ENTRY_POINT_GROUP)]


def _from_entry_point(point: metadata.EntryPoint) -> Candidate:
    """The package may carry its manifest beside its code; without one its distribution's metadata stand in."""
    folder = _package_folder(point.module)
    if folder is not None and (folder / MANIFEST).is_file():
        candidate = _from_folder(folder, frozenset())
        return Candidate(point.name, point.module, folder, False, candidate.manifest, candidate.problem)
    about = point.dist.metadata if point.dist is not None else None
    manifest = Manifest(
        id=point.name,
        title=point.name,
        version=point.dist.version if point.dist is not None else "0",
        description=(about["Summary"] if about is not None and "Summary" in about else point.module),
        host="",
    )
    return Candidate(point.name, point.module, folder, False, manifest)


def _package_folder(module: str) -> Path | None:
    """Where a package lies, without importing it (its parent packages are imported)."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec is not None and spec.origin else None
