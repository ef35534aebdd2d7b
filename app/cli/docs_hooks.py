"""docs/hooks.md: every hook with its arguments, what it is for, and who uses it; those of extensions too."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Collection
from types import ModuleType

from app import hookspecs
from app.cli.docs_contracts import link, names_in
from app.discovery import NAMESPACE
from app.hookspecs import generation, models, page
from app.hookspecs import host as of_the_host
from app.host import Host
from app.loader import DECLARES

GROUPS = {"host": of_the_host, "models": models, "generation": generation, "page": page}

HEAD = """# Hooks

Everything an extension can do. Generated from `app/hookspecs/` and the `hookspecs.py` of extensions by `python webui.py docs`.

[first-extension.md](first-extension.md) builds an extension step by step; [contracts.md](contracts.md) has the values that hooks name, with
their fields, and the fields of the manifest.

An extension is a folder with a manifest (`pyproject.toml`) and an `__init__.py` that implements hooks:

```python
from app.api import Host, Sampler, hookimpl

@hookimpl
def register_samplers(host: Host) -> list[Sampler]:
    ...
```

An implementation may leave out arguments it does not need. How a hook is called stands at the beginning of its text:

* **Collect**: every extension may return items (a list, or `yield` them). At start an extension that fails is quarantined: it
  contributes nothing, and the page and `python webui.py extensions list` name it with its error. *Strict* collects happen while a
  picture is made; there a failure fails the job, because a picture made without what was asked for is worse than an error.
* **First**: extensions are asked in order until one answers with something other than `None`.
* **Fold**: the value goes through every extension, each returns the next one. Always strict.
* **Notify**: everybody is told; what fails is logged and stops nobody.

The order is that of `requires`, then of the ids; `@hookimpl(tryfirst=True)` and `trylast` change it for one hook.

`python webui.py extensions new my_extension` writes an example that works.
"""
OF_EXTENSIONS = """
## Hooks of extensions

Extensions declare hooks for other extensions in their `hookspecs.py`. Who implements one lists the extension that declares it in
`requires`; the values come from its `api` module.
"""


def hooks_page(host: Host, values: Collection[str]) -> str:
    """The page's text; ``values``: names that docs/contracts.md has entries for."""
    parts = [HEAD]
    for group, names in hook_groups().items():
        parts.append(f"\n## {group.capitalize()}\n")
        parts += [_entry(name, GROUPS[group], host, values) for name in names]
    parts.append(OF_EXTENSIONS)
    for owner, module in declaring_modules(host).items():
        parts += [_entry(name, module, host, values, f"Declared by `{owner}`. ") for name in hooks_of(module)]
    return "".join(parts)


def hook_groups() -> dict[str, list[str]]:
    """The files of app/hookspecs with the names of the hooks in them, in their order."""
    return {group: hooks_of(module) for group, module in GROUPS.items()}


def declaring_modules(host: Host) -> dict[str, ModuleType]:
    """The modules in which the built-in extensions of a host declare hooks, by their ids."""
    ids = sorted(report.id for report in host.extensions if report.is_builtin)
    return {each: module for each in ids if (module := sys.modules.get(f"{NAMESPACE}.{each}.{DECLARES}"))}


def hooks_of(module: ModuleType) -> list[str]:
    """The hooks that a module declares, in their order."""
    return [name for name, spec in vars(module).items() if hasattr(spec, f"{hookspecs.PROJECT}_spec")]


def named_values(host: Host) -> dict[str, list[str]]:
    """What each hook names in its arguments and its answer."""
    modules = (*GROUPS.values(), *declaring_modules(host).values())
    return {name: _names(getattr(module, name)) for module in modules for name in hooks_of(module)}


def values_of_extensions(host: Host) -> dict[str, str]:
    """The values that hooks of extensions name and that extensions have themselves, with the modules that declare the hooks."""
    return {
        alias.name: module.__name__
        for module in declaring_modules(host).values()
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{NAMESPACE}.")
        for alias in node.names
    }


def _names(spec: object) -> list[str]:
    signature = inspect.signature(spec)  # type: ignore[arg-type]
    return names_in(map(str, (*(each.annotation for each in signature.parameters.values()), signature.return_annotation)))


def _entry(name: str, module: ModuleType, host: Host, values: Collection[str], origin: str = "") -> str:
    spec = getattr(module, name)
    signature = inspect.signature(spec)
    arguments = ", ".join(f"{each.name}: {each.annotation}" for each in signature.parameters.values())
    users = [report.id for report in host.extensions if report.is_builtin and name in report.hooks]
    used = f"Used by {', '.join(f'`{user}`' for user in sorted(users))}." if users else ""
    linked = ", ".join(link(each) for each in _names(spec) if each in values)
    below = "\n\n".join(filter(None, [f"Values: {linked}." if linked else "", f"{origin}{used}".strip()]))
    head = f"\n### {name}\n\n```python\ndef {name}({arguments}) -> {signature.return_annotation}\n```\n\n"
    return f"{head}{inspect.getdoc(spec)}\n\n{below}\n"
