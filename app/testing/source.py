"""Reading an extension's source without importing it: what it imports, and where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEAVY = frozenset({"torch", "diffusers", "transformers", "peft", "accelerate"})
DECLARATIONS = frozenset({"__init__.py", "params.py", "panel.py", "routes.py"})


@dataclass(frozen=True)
class Import:
    """One imported module by its full name; ``at_start``: it is imported when the file is."""

    file: Path
    line: int
    module: str
    at_start: bool


def read_imports(folder: Path, extension: str) -> Iterator[Import]:
    """Every import of every Python file below an extension's folder."""
    for file in sorted(folder.rglob("*.py")):
        package = ["extensions", extension, *file.parent.relative_to(folder).parts]
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        yield from _imports(tree, file, package, at_start=True)


def _imports(node: ast.AST, file: Path, package: list[str], *, at_start: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(file, child.lineno, alias.name, at_start)
        elif isinstance(child, ast.ImportFrom):
            base = ".".join(package[: len(package) - child.level + 1]) if child.level else ""
            module = ".".join(part for part in (base, child.module or "") if part)
            for alias in child.names:
                yield Import(file, child.lineno, f"{module}.{alias.name}", at_start)
        else:
            later = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _is_type_checking(child)
            yield from _imports(child, file, package, at_start=at_start and not later)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def forbidden_import(found: Import, folder: Path, extension: str) -> str:
    """Why an import is not allowed; empty when it is."""
    parts = found.module.split(".")
    inside = found.file.relative_to(folder)
    is_test = inside.parts[0] == "tests"
    is_panel = inside.name == "panel.py" or inside.parts[0] == "panel"
    open_modules = {"api", "testing"} if is_test else {"api"}
    reason = ""
    if parts[0] == "app" and (len(parts) < 2 or parts[1] not in open_modules):
        reason = "only app.api (in tests also app.testing) is open to extensions"
    elif parts[:3] == ["app", "api", "routes"] and inside.name != "routes.py":
        reason = "app.api.routes brings the web server along, so it belongs into routes.py"
    elif parts[0] == "extensions" and len(parts) > 1 and parts[1] != extension and not open_modules.intersection(parts[2:3]):
        reason = "of another extension only its api module (in tests also its testing) may be imported, and it must be listed in requires"
    elif parts[0] == "gradio" and not is_panel and not is_test:
        reason = "gradio belongs into panel.py, or into modules of a package panel"
    elif parts[0] in ("fastapi", "starlette") and inside.name != "routes.py" and not is_test:
        reason = f"{parts[0]} belongs into routes.py"
    elif parts[0] in HEAVY and found.at_start and (is_panel or inside.name in DECLARATIONS) and not is_test:
        reason = "this file is read by the web process; import it inside the function that needs it"
    return f"{inside}:{found.line} imports {found.module}: {reason}" if reason else ""
