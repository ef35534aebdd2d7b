"""Looks at an extension's folder without importing anything: its files, what its code seems to do, the hooks that it implements."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from app.errors import UserError
from app.manifest import Permission
from app.values.base import Value

MOST_FILES = 20_000
LARGEST_SOURCE = 2_000_000
NETWORK_MODULES = frozenset(
    {"socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "websockets", "ftplib", "smtplib"}
)
PROGRAM_MODULES = frozenset({"subprocess", "multiprocessing", "pty", "ctypes"})
PROGRAM_CALLS = frozenset({"system", "popen", "execv", "execve", "execvp", "spawnv", "startfile"})
WRITE_CALLS = frozenset({"write_text", "write_bytes", "unlink", "rmtree", "copyfile", "copytree", "symlink_to"})
SKIPPED = (".git", "__pycache__")


class PlannedFile(Value):
    """A file of an extension; ``path`` is relative to its folder."""

    path: str
    size: int


class Found(Value):
    """What a folder holds. ``uses``: what its Python code seems to do, by the names it uses: a hint, no proof.

    ``hashes``: SHA-256 by path. ``unreadable``: Python files that could not be understood.
    """

    files: tuple[PlannedFile, ...]
    hashes: dict[str, str]
    digest: str
    uses: tuple[Permission, ...] = ()
    hooks: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def inspect_folder(folder: Path) -> Found:
    """Look at everything; raises UserError for links and for more files than an extension has."""
    files = tuple(PlannedFile(path=path.relative_to(folder).as_posix(), size=path.stat().st_size) for path in walk(folder))
    hashes = hashes_of(folder)
    uses: set[Permission] = set()
    unreadable: list[str] = []
    for each in files:
        if each.path.endswith(".py") and not each.path.startswith("tests/"):
            tree = parse_source(folder / each.path)
            if tree is None:
                unreadable.append(each.path)
            else:
                uses |= _uses(tree)
    return Found(
        files=files,
        hashes=hashes,
        digest=_digest(hashes),
        uses=tuple(sorted(uses)),
        hooks=tuple(sorted(_hooks(folder / "__init__.py"))),
        unreadable=tuple(unreadable),
    )


def walk(folder: Path) -> Iterator[Path]:
    """All files in order, without git's own; raises UserError for links."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted([*names, *folders]):
            path = Path(place, name)
            if path.is_symlink():
                raise UserError(f"{path.relative_to(folder)} is a link, which an extension must not hold.", status=422)
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                raise UserError(f"{folder.name} holds more than {MOST_FILES} files.")
            if name != ".git":
                yield Path(place, name)


def digest_of(folder: Path) -> str:
    """SHA-256 over the names and contents of all files."""
    return _digest(hashes_of(folder))


def hashes_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    found: dict[str, str] = {}
    for path in walk(folder):
        with path.open("rb") as stream:
            found[path.relative_to(folder).as_posix()] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def _digest(hashes: Mapping[str, str]) -> str:
    whole = hashlib.sha256()
    for path in sorted(hashes):
        whole.update(f"{path}\0{hashes[path]}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def parse_source(path: Path) -> ast.Module | None:
    """The syntax tree of a Python file; None when it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_SOURCE:
            return None
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Dotted names of the modules that a syntax tree imports, those of relative imports left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def _uses(tree: ast.Module) -> set[Permission]:
    modules = {name.partition(".")[0] for name in imported_modules(tree)}
    calls = set(_called(tree))
    found: set[Permission] = set()
    if modules & NETWORK_MODULES:
        found.add("network")
    if modules & PROGRAM_MODULES or calls & PROGRAM_CALLS:
        found.add("processes")
    if "shutil" in modules or calls & WRITE_CALLS:
        found.add("files")
    return found


def _called(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def _hooks(path: Path) -> Iterator[str]:
    tree = parse_source(path)
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.FunctionDef) and any(_is_hookimpl(decorator) for decorator in node.decorator_list):
            yield node.name


def _is_hookimpl(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (isinstance(name, ast.Name) and name.id == "hookimpl") or (isinstance(name, ast.Attribute) and name.attr == "hookimpl")
