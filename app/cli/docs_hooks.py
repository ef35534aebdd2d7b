"""docs/hooks.md: every hook with its arguments, what it is for, and who uses it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from app import hookspecs
from app.hookspecs import generation, models, page
from app.hookspecs import host as of_the_host
from app.host import Host

GROUPS = {"host": of_the_host, "models": models, "generation": generation, "page": page}

HEAD = """# Hooks

Everything an extension can do. Generated from `app/hookspecs/` by `python webui.py docs`.

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


def hooks_page(host: Host) -> str:
    """The page's text."""
    parts = [HEAD]
    for group, names in hook_groups().items():
        parts.append(f"\n## {group.capitalize()}\n")
        parts += [_entry(name, host) for name in names]
    return "".join(parts)


def hook_groups() -> dict[str, list[str]]:
    """The files of app/hookspecs with the names of the hooks in them, in their order."""
    return {group: _hooks_of(module) for group, module in GROUPS.items()}


def _hooks_of(module: ModuleType) -> list[str]:
    return [name for name, spec in vars(module).items() if hasattr(spec, f"{hookspecs.PROJECT}_spec")]


def _entry(name: str, host: Host) -> str:
    spec: Callable[..., Any] = getattr(hookspecs, name)
    signature = inspect.signature(spec)
    arguments = ", ".join(f"{each.name}: {each.annotation}" for each in signature.parameters.values())
    users = [report.id for report in host.extensions if report.is_builtin and name in report.hooks]
    used = f"\n\nUsed by {', '.join(f'`{user}`' for user in sorted(users))}." if users else ""
    return f"\n### {name}\n\n```python\ndef {name}({arguments}) -> {signature.return_annotation}\n```\n\n{inspect.getdoc(spec)}{used}\n"
