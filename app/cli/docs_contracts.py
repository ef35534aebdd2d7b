"""docs/contracts.md: the manifest, and every value that hooks name, with fields, defaults and methods as its source has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app import api
from app.api import routes
from app.cli.docs_source import Described, describe
from app.manifest import PROJECT_FIELDS, FlagDeclaration, ToolTable

PAGE = "contracts.md"
SURFACE = "app.api"
OF_EXTENSIONS = ("app.contracts", "app.values")
"""Where the values lie that extensions give and get; others are described when one of these names them."""

HEAD = """# What hooks name

Generated from the code by `python webui.py docs`. [hooks.md](hooks.md) lists the hooks; [first-extension.md](first-extension.md) builds an
extension step by step. Everything here is imported from `app.api`, unless its entry names another module. Classes stand as in their source,
without bodies: fields with types and defaults, and methods.

* `Value`, `Params` and `SettingsSection.model` are frozen pydantic models: fields are declared with `pydantic.Field`, a copy with
  other values is `value.model_copy(update={...})`.
* A `@dataclass` is filled by its fields in order or by name: `Panel("my_panel", PageSlot.GENERATION, order=500, build=build)`.
* A `Protocol` needs no base class: any object with these attributes and methods will do.

## The manifest

`pyproject.toml` in the extension's folder, whose name is the extension's id (letters, digits, underscores). An unknown field of
`[tool.paintbox]` is an error.
"""
FUNCTIONS = """
## Functions

Of `app.api`, with the first line of what is said of them. What comes from `app.api.routes` is for `routes.py`.

"""


def contracts_page(named_by_hooks: Mapping[str, Sequence[str]], further: Mapping[str, str]) -> str:
    """The page's text; ``named_by_hooks``: values by hook, ``further``: those of extensions' own, with the module that has each."""
    values = described_values(named_by_hooks, further)
    users: dict[str, list[str]] = {}
    for hook, names in named_by_hooks.items():
        for name in names:
            users.setdefault(name, []).append(hook)
    parts = [HEAD, *_manifest(), "\n## Values\n"]
    parts += [_entry(each, users.get(each.name, ())) for each in sorted(values.values(), key=lambda each: each.name.lower())]
    return "".join([*parts, FUNCTIONS, *_functions()])


def described_values(named_by_hooks: Mapping[str, Sequence[str]], further: Mapping[str, str]) -> dict[str, Described]:
    """The values of the page by name: contracts, what hooks and they name in turn, and ``further`` ones."""
    found: dict[str, Described] = {}
    surface = {name: described for name in api.__all__ if _is_type(name) and (described := describe(name, SURFACE))}
    waiting = [name for name, described in surface.items() if described.module.startswith(OF_EXTENSIONS)]
    known = {**surface, **{name: described for name, module in further.items() if (described := describe(name, module))}}
    waiting += [*further, *(name for names in named_by_hooks.values() for name in names)]
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += known[name].named
    return found


def link(name: str) -> str:
    """A link to a value's entry."""
    return f"[{name}]({PAGE}#{name.lower()})"


def names_in(texts: Iterable[str]) -> list[str]:
    """What could be names of values in annotations, each once."""
    return list(dict.fromkeys(re.findall(r"\b[A-Z]\w+", " ".join(texts))))


def _is_type(name: str) -> bool:
    return not name.isupper() and not isinstance(getattr(api, name), (FunctionType, int))


def _entry(each: Described, hooks: Sequence[str]) -> str:
    about = f"{each.text}\n\n" if each.text else ""
    where = "" if each.name in api.__all__ else f"From `{each.module}`.\n\n"
    named = f"\nNamed by {', '.join(f'`{hook}`' for hook in hooks)}.\n" if hooks else ""
    return f"\n### {each.name}\n\n{where}{about}```python\n{each.stub}\n```\n{named}"


def _manifest() -> list[str]:
    rows = [f"| `[project]` | `{name}` | {about} |\n" for name, about in PROJECT_FIELDS.items()]
    rows += [f"| `[tool.paintbox]` | {row}" for row in _model_rows(ToolTable)]
    rows += [f"| `[[tool.paintbox.flags]]` | {row}" for row in _model_rows(FlagDeclaration)]
    return ["\n| table | field | meaning |\n|---|---|---|\n", *rows]


def _model_rows(model: type[BaseModel]) -> list[str]:
    return [f"`{name}` | {field.description}{_default(field)} |\n" for name, field in model.model_fields.items()]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return " Must be there."
    shown = {False: "`false`", (): "none", "": "none"}.get(field.default, f'`"{field.default}"`')
    return f" Default: {shown}."


def _functions() -> Iterator[str]:
    for surface in (api, routes):
        for name in sorted(set(surface.__all__)):
            described = describe(name, surface.__name__) if isinstance(getattr(surface, name), FunctionType) else None
            if described is not None:
                where = "" if surface is api else f"`{surface.__name__}`: "
                yield f"* {where}`{described.stub}`: {described.text.partition(chr(10))[0]}\n"
