"""What the web process imports never pulls in torch: checked by reading the code, so that the guilty line is named."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "diffusers", "transformers", "peft", "accelerate"}
LIGHT_FILES = sorted(
    {
        *ROOT.glob("app/contracts/*.py"),
        *ROOT.glob("app/values/**/*.py"),
        *ROOT.glob("app/web/**/*.py"),
        *(
            ROOT / "app" / name
            for name in ("__main__.py", "api/__init__.py", "hookspecs/__init__.py", "hookspecs/generation.py", "host.py", "cli/serve.py")
        ),
        *(file for name in ("__init__", "params", "panel", "routes") for file in ROOT.glob(f"extensions/*/{name}.py")),
        *ROOT.glob("extensions/*/panel/*.py"),
    }
)


def test_there_are_files_to_check():
    assert len(LIGHT_FILES) > 20


@pytest.mark.parametrize("file", LIGHT_FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_importing_it_imports_no_machine_learning_library(file):
    assert list(heavy_chains(file)) == []


def heavy_chains(start: Path) -> Iterator[str]:
    """Chains of module-level imports that lead from a file to a heavy library, readable."""
    waiting, seen = [(start, start.relative_to(ROOT).as_posix())], {start}
    while waiting:
        file, chain = waiting.pop()
        for name in module_level_imports(file):
            if name.partition(".")[0] in HEAVY:
                yield f"{chain} -> {name}"
            for found in files_of(name) - seen:
                seen.add(found)
                waiting.append((found, f"{chain} -> {found.relative_to(ROOT).as_posix()}"))


def module_level_imports(file: Path) -> Iterator[str]:
    """Dotted names that importing a file imports, ``from`` names included; not what functions or type checkers import."""
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute_name(node, file)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def absolute_name(node: ast.ImportFrom, file: Path) -> str:
    """The dotted name after ``from``, with the dots of a relative import resolved."""
    package = file.relative_to(ROOT).parent.parts
    around = package[: len(package) + 1 - node.level] if node.level else ()
    return ".".join([*around, *([node.module] if node.module else [])])


def files_of(name: str) -> set[Path]:
    """The project's files that importing a dotted name runs: its own and those of the packages around it."""
    parts = name.split(".")
    if parts[0] not in ("app", "extensions"):
        return set()
    folders = [ROOT.joinpath(*parts[:count]) for count in range(1, len(parts) + 1)]
    return {file for folder in folders for file in (folder / "__init__.py", folder.with_suffix(".py")) if file.is_file()}
