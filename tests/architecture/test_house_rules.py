"""Rules about the code that no linter knows: hooks, names, state, first lines, length."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import api, hookspecs
from app.cli.docs import make_pages
from app.cli.docs_hooks import declaring_modules, hook_groups, hooks_of, named_values, values_of_extensions
from app.manifest import FlagDeclaration, ToolTable
from app.paths import CHECKOUT
from app.settings_core import core_sections
from app.testing.hosts import temporary_host
from app.values.options import StartOptions

HOOKS = [name for names in hook_groups().values() for name in names]
OWN = ("app", "extensions/*", "bootstrap", "paintbox_client")
CODE = sorted({file for folder in OWN for file in CHECKOUT.glob(f"{folder}/**/*.py")})
SHIPPED = [file for file in CODE if "tests" not in file.parts]
BESIDE = sorted({*CHECKOUT.glob("benchmarks/**/*.py"), *CHECKOUT.glob("tools/**/*.py")})
TESTS = sorted({*CHECKOUT.glob("tests/**/*.py"), *CHECKOUT.glob("extensions/*/tests/**/*.py"), *CHECKOUT.glob("app/testing/*.py")})
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
LIST_OF_NAMES = CHECKOUT / "app" / "api" / "__init__.py"
"""Re-exports, a name a line; its length is that of the public surface."""
STYLES = ("Collect", "First", "Fold", "Notify")
PLACES = {"register_face_restorers"}
"""Hooks whose work nobody may pass on: the weights of face restorers forbid it."""


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in {*CODE, *BESIDE, *TESTS}}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return temporary_host(tmp_path_factory.mktemp("data"), None)


@pytest.fixture(scope="module")
def uses(trees) -> dict[Path, set[str]]:
    """What the code of each file names: names, attributes alone and with what they belong to, fields, and whole strings."""
    return {file: _uses(tree) for file, tree in trees.items()}


def _uses(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found |= {node.attr, f"{_last_name(node.value)}.{node.attr}"}
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _written(tree: ast.Module) -> set[str]:
    """Functions defined in the code that a test writes: in its strings, which are neither comments nor docstrings."""
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {name for text in texts for name in re.findall(r"^\s*def (\w+)\(", text, re.MULTILINE)}


def test_comments_and_docstrings_use_nothing() -> None:
    tree = ast.parse('"""About edit_request."""\n# edit_request\nX = "code that mentions edit_request"\n')
    assert "edit_request" not in _uses(tree) | _written(tree)
    assert "edit_request" in _written(ast.parse('write("@hookimpl\\ndef edit_request(request): ...")'))


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


def test_every_hook_is_called_by_the_host(uses) -> None:
    called = {name for file in SHIPPED if "testing" not in file.parts for name in uses[file] if name.startswith("hookspecs.")}
    assert [hook for hook in HOOKS if f"hookspecs.{hook}" not in called] == []


def test_every_hook_is_tested(trees, uses) -> None:
    named = set().union(*(uses[file] | _written(trees[file]) for file in TESTS))
    assert [hook for hook in HOOKS if hook not in named] == []


@pytest.fixture(scope="module")
def hooks_of_extensions(host) -> dict[str, list[str]]:
    return {owner: hooks_of(module) for owner, module in declaring_modules(host).items()}


def test_every_file_of_hooks_of_an_extension_is_in_the_docs(hooks_of_extensions) -> None:
    assert set(hooks_of_extensions) == {file.parent.name for file in CHECKOUT.glob("extensions/*/hookspecs.py")}
    page = (CHECKOUT / "docs" / "hooks.md").read_text(encoding="utf-8").partition("\n## Hooks of extensions\n")[2]
    assert [hook for hooks in hooks_of_extensions.values() for hook in hooks if f"\n### {hook}\n" not in page] == []


def test_hooks_of_extensions_keep_to_the_same_rules(hooks_of_extensions, host, trees, uses) -> None:
    hooks = {hook: owner for owner, names in hooks_of_extensions.items() for hook in names}
    texts = {hook: inspect.getdoc(getattr(declaring_modules(host)[owner], hook)) or "" for hook, owner in hooks.items()}
    assert [hook for hook, text in texts.items() if not re.match(rf"({'|'.join(STYLES)})\b[^:]*: ", text)] == []
    users = {hook: [report for report in host.extensions if hook in report.hooks] for hook in hooks}
    assert [hook for hook, reports in users.items() if not reports and hook not in PLACES] == [], "no extension implements them"
    for hook, reports in users.items():
        strangers = [report.id for report in reports if report.id != hooks[hook] and hooks[hook] not in report.requires]
        assert strangers == [], f"{hook}: they must require {hooks[hook]}"
    called = {owner: set().union(*(uses[file] for file in SHIPPED if file.parent.name == owner)) for owner in hooks_of_extensions}
    assert [hook for hook, owner in hooks.items() if f"hookspecs.{hook}" not in called[owner]] == [], "nobody calls them"
    named = set().union(*(uses[file] | _written(trees[file]) for file in TESTS))
    assert [hook for hook in hooks if hook not in named] == [], "no test names them"


def test_every_field_of_the_manifest_is_described() -> None:
    assert [name for model in (ToolTable, FlagDeclaration) for name, field in model.model_fields.items() if not field.description] == []


def test_the_docs_have_an_entry_for_every_value_that_hooks_name(host) -> None:
    page = (CHECKOUT / "docs" / "contracts.md").read_text(encoding="utf-8")
    named = {name for names in named_values(host).values() for name in names}
    assert [name for name in sorted(named) if name in {*dir(api), *values_of_extensions(host)} and f"\n### {name}\n" not in page] == []


def test_the_generated_pages_are_current() -> None:
    stale = [_name(path) for path, text in make_pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python webui.py docs"


# --- the host knows no feature ---


OWN_WORDS = {
    "app/discovery.py": {"scripts", "wildcards"},
    "app/generation/filenames.py": {"styles"},
    "app/jobs/run.py": {"comments"},
}
"""Strings of a file that are ids of extensions as well and there mean something else.

Folders of A1111's extensions, its word in file names, a field of a result.
"""


def test_the_host_knows_no_extension_and_no_model_family(trees, host) -> None:
    ids = {report.id for report in host.extensions}
    names = {name for name in ids if "_" in name} | set(host.families.names())
    found = [
        f"{_name(file)}:{node.lineno} {word}"
        for file, tree in trees.items()
        if file.is_relative_to(CHECKOUT / "app") and not file.is_relative_to(CHECKOUT / "app" / "testing")
        for node, word in _words(tree)
        if word in names or (word in ids - OWN_WORDS.get(_name(file), set()) and isinstance(node, ast.Constant))
    ]
    assert found == []


CORE_TERMS = ("checkpoint", "sd_model_checkpoint")
"""Kinds and keys that the host may know: it has one place where they are named."""


def test_core_terms_are_named_in_one_place(trees) -> None:
    named = [
        f"{_name(file)}:{node.lineno} {node.value}"
        for file, tree in trees.items()
        if file.is_relative_to(CHECKOUT / "app") and not file.is_relative_to(CHECKOUT / "app" / "testing")
        for node in _compared(tree)
    ]
    assert sorted(entry.partition(":")[0] for entry in named) == ["app/values/model.py"] * len(CORE_TERMS), named


def _compared(tree: ast.Module) -> Iterator[ast.Constant]:
    """Core terms as values; ``field=`` of an error, the first word of a Finding and texts for people are no look-ups."""
    shown = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in (
            *(word.value for word in node.keywords if word.arg == "field"),
            *(node.args if _called_name(node) == "Finding" else ()),
        )
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in CORE_TERMS and id(node) not in shown:
            yield node


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
CONTAINERS = set("list dict set bytearray defaultdict deque OrderedDict Counter WeakKeyDictionary WeakValueDictionary".split())
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


@pytest.mark.parametrize("file", [*SHIPPED, *BESIDE], ids=_name)
def test_files_and_functions_are_short(file, trees) -> None:
    if file != LIST_OF_NAMES:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(trees[file]) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = [f"{node.name}: {length} lines" for node in functions if (length := _length(node)) > LONGEST_FUNCTION]
    assert long == []


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- nothing is unpickled ---

UNPICKLING = re.compile(r"\btorch\.(jit\.|hub\.)?load\b|\b(np|numpy)\.load\b|\b(allow_pickle|weights_only)\b")


@pytest.mark.parametrize("file", SHIPPED, ids=_name)
def test_no_library_unpickles(file, trees) -> None:
    """Pickled files are read by ``app.weights.pickles`` alone, which runs nothing of them."""
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(trees[file])
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    assert not imported & {"pickle", "_pickle", "dill", "joblib", "shelve", "cloudpickle", "marshal"}
    assert not UNPICKLING.search(ast.unparse(_without_texts(trees[file])))


def _without_texts(tree: ast.Module) -> ast.Module:
    """The code without strings, which may speak of such things."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:
            return ast.Constant("") if isinstance(node.value, str) else node

    return ast.fix_missing_locations(Blank().visit(ast.parse(ast.unparse(tree))))


# --- nothing is silently ignored ---


HOLDERS_OF_OPTIONS = ("options", "_start", "start", "public", "self")


def _used(uses, *, but: str = "") -> set[str]:
    return set().union(*(uses[file] for file in SHIPPED if _name(file) != but and "testing" not in file.parts))


def test_every_setting_of_the_host_is_read(uses) -> None:
    used = _used(uses, but="app/settings_core.py")
    assert [key for owned in core_sections() for key in owned.value.model.model_fields if key not in used] == []


def test_every_start_option_is_read(uses) -> None:
    used = _used(uses)
    assert [field for field in StartOptions.model_fields if not any(f"{holder}.{field}" in used for holder in HOLDERS_OF_OPTIONS)] == []
