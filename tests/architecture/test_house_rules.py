"""Rules about the code that no linter knows: hooks, names, state, first lines, length."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import hookspecs
from app.cli.docs import make_pages
from app.cli.docs_hooks import hook_groups
from app.paths import CHECKOUT
from app.settings_core import core_sections
from app.testing.hosts import temporary_host
from app.values.options import StartOptions

HOOKS = [name for names in hook_groups().values() for name in names]
CODE = sorted({*CHECKOUT.glob("app/**/*.py"), *CHECKOUT.glob("extensions/*/**/*.py"), *CHECKOUT.glob("bootstrap/**/*.py")})
SHIPPED = [file for file in CODE if "tests" not in file.parts]
TESTS = sorted({*CHECKOUT.glob("tests/**/*.py"), *CHECKOUT.glob("extensions/*/tests/**/*.py"), *CHECKOUT.glob("app/testing/*.py")})
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
LONGER_FOR_A_REASON = {"app/contracts.py"}
"""Lists of declarations without logic."""
STYLES = ("Collect", "First", "Fold", "Notify")


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in {*CODE, *TESTS}}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return temporary_host(tmp_path_factory.mktemp("data"), None)


def _name(file: Path) -> str:
    return file.relative_to(CHECKOUT).as_posix()


# --- hooks ---


def test_every_hook_stands_under_a_heading() -> None:
    assert sorted(HOOKS) == sorted(name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "paintbox_spec"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_says_how_it_is_called(hook) -> None:
    text = inspect.getdoc(getattr(hookspecs, hook)) or ""
    assert re.match(rf"({'|'.join(STYLES)})\b[^:]*: ", text), f"{hook}: {text!r}"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_user_that_is_shipped(hook, host) -> None:
    assert [report.id for report in host.extensions if hook in report.hooks], f"no extension implements {hook}"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_called_by_the_host(hook) -> None:
    called = [file for file in SHIPPED if f"hookspecs.{hook}" in file.read_text(encoding="utf-8") and file.parts[-2] != "testing"]
    assert called, f"nothing calls {hook}"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_tested(hook) -> None:
    assert [file for file in TESTS if re.search(rf"\b{hook}\b", file.read_text(encoding="utf-8"))], f"no test names {hook}"


def test_the_generated_pages_are_current() -> None:
    stale = [_name(path) for path, text in make_pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python webui.py docs"


# --- the host knows no feature ---


def test_the_host_knows_no_extension_and_no_model_family(trees, host) -> None:
    names = {report.id for report in host.extensions if "_" in report.id} | set(host.families.names())
    found = [
        f"{_name(file)}:{node.lineno} {word}"
        for file, tree in trees.items()
        if file.is_relative_to(CHECKOUT / "app") and not file.is_relative_to(CHECKOUT / "app" / "testing")
        for node, word in _words(tree)
        if word in names
    ]
    assert found == []


def _words(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.alias | ast.arg | ast.stmt, str]]:
    """Whole strings, names and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value
        elif isinstance(node, ast.Name):
            yield node, node.id
        elif isinstance(node, ast.Attribute):
            yield node, node.attr


# --- state ---

DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
CONTAINERS = {
    "list",
    "dict",
    "set",
    "bytearray",
    "defaultdict",
    "deque",
    "OrderedDict",
    "Counter",
    "WeakKeyDictionary",
    "WeakValueDictionary",
}
CHANGING = {"append", "extend", "insert", "remove", "pop", "popitem", "clear", "add", "discard", "update", "setdefault", "sort", "reverse"}
CACHES = {"cache", "lru_cache"}
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*|__\w+__|pytest\w+")


@pytest.mark.parametrize("file", SHIPPED, ids=_name)
def test_modules_hold_no_state(file, trees) -> None:
    assert list(_state(trees[file])) == []


def _state(tree: ast.Module) -> Iterator[str]:
    containers: set[str] = set()
    for statement in tree.body:
        for name in _bound(statement):
            if _is_container(getattr(statement, "value", None)):
                containers.add(name)
                if not CONSTANT.fullmatch(name):
                    yield f"line {statement.lineno}: {name} is no constant"
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"line {node.lineno}: global {', '.join(node.names)}"
        elif isinstance(node, ast.FunctionDef) and any(_called_name(decorator) in CACHES for decorator in node.decorator_list):
            yield f"line {node.lineno}: {node.name} remembers its results in the module"
        elif (changed := _changed(node)) in containers:
            yield f"line {getattr(node, 'lineno', 0)}: {changed} is changed"


def _bound(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_container(value: ast.expr | None) -> bool:
    return isinstance(value, DISPLAYS) or (isinstance(value, ast.Call) and _called_name(value) in CONTAINERS)


def _called_name(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _changed(node: ast.AST) -> str:
    """The name of what a statement or call changes in place."""
    target: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        target = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
        target = node.func.value
    elif isinstance(node, ast.AugAssign):
        target = node.target
    return target.id if isinstance(target, ast.Name) else ""


@pytest.mark.parametrize(
    "code",
    [
        "seen = []",
        "SEEN = []\ndef f(x):\n    SEEN.append(x)",
        "KNOWN = {}\ndef f(x):\n    KNOWN[x] = 1",
        "KNOWN = dict()\ndef f(x):\n    del KNOWN[x]",
        "SEEN = set()\ndef f(x):\n    global SEEN",
        "import functools\n@functools.lru_cache(maxsize=3)\ndef f(x): ...",
        "from functools import cache\n@cache\ndef f(x): ...",
    ],
)
def test_the_check_for_state_finds_it(code) -> None:
    assert list(_state(ast.parse(code)))


# --- files ---


@pytest.mark.parametrize("file", sorted({*CODE, *TESTS}), ids=_name)
def test_the_first_line_says_what_the_file_is_for(file) -> None:
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith('"""') and len(first) > 12, first


@pytest.mark.parametrize("file", [file for file in SHIPPED if _name(file) not in LONGER_FOR_A_REASON], ids=_name)
def test_files_and_functions_are_short(file, trees) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(trees[file]) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = [f"{node.name}: {length} lines" for node in functions if (length := _length(node)) > LONGEST_FUNCTION]
    assert long == []


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- nothing is silently ignored ---


def _read_by(name: str, *, but: str) -> bool:
    pattern = re.compile(rf"\b{re.escape(name)}\b")
    return any(pattern.search(file.read_text(encoding="utf-8")) for file in SHIPPED if _name(file) != but and "testing" not in file.parts)


@pytest.mark.parametrize("key", [key for owned in core_sections() for key in owned.value.model.model_fields])
def test_every_setting_of_the_host_is_read(key) -> None:
    assert _read_by(key, but="app/settings_core.py"), f"nothing reads the setting {key}"


@pytest.mark.parametrize("field", StartOptions.model_fields)
def test_every_start_option_is_read(field) -> None:
    pattern = re.compile(rf"(options|_start|start|public|self)\.{field}\b")
    assert any(pattern.search(file.read_text(encoding="utf-8")) for file in SHIPPED if "testing" not in file.parts)
