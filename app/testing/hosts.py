"""Hosts for tests: in a temporary data folder, with the named extensions alone, leaving nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from app.discovery import NAMESPACE, find_extensions
from app.host import Host, Role, build_host
from app.paths import CHECKOUT, make_paths
from app.values.options import StartOptions


class HostMaker(Protocol):
    """The fixture ``make_host``."""

    def __call__(self, *extensions: str, role: Role = "web", environment: Mapping[str, str] | None = None, **options: Any) -> Host:
        """Build a host with these extensions and what they require; ``options`` are fields of StartOptions."""
        ...


def temporary_host(
    data: Path,
    extensions: Iterable[str] | None,
    *,
    role: Role = "web",
    environment: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Host:
    """A host in the data folder ``data``, with what lies in ``data/extensions`` and the checkout's ``extensions`` folder.

    ``extensions`` None loads all; else the named ones and what they require; NotFoundError for a name that there is not. Installed
    packages are not asked, and the environment's variables do not count unless given.
    """
    extensions = None if extensions is None else tuple(extensions)
    only = None if extensions is None else tuple(sorted(with_required(data, extensions)))
    start = StartOptions.model_validate({**(options or {}), "data_dir": str(data), "only_extensions": only})
    host = build_host(start, role, environment=environment or {}, with_packages=False)
    for name in extensions or ():
        host.extensions.get(name)
    return host


def with_required(data: Path, extensions: Iterable[str]) -> set[str]:
    """The named extensions and, over all steps, what they require."""
    return closure(extensions, requirements(data))


def requirements(data: Path) -> dict[str, tuple[str, ...]]:
    """What every extension that is found requires, by id."""
    found = find_extensions(make_paths(StartOptions(data_dir=str(data))), with_packages=False)
    return {candidate.id: candidate.manifest.requires if candidate.manifest else () for candidate in found}


def closure(extensions: Iterable[str], requires: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The extensions with all that they require, and all that those require."""
    wanted: set[str] = set()
    waiting = list(extensions)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(requires.get(name, ()))
    return wanted


@contextmanager
def forgetting_extensions() -> Iterator[None]:
    """Forget, at the end, the modules of extensions that were imported meanwhile from outside of the checkout, and their packages."""
    package = sys.modules.get(NAMESPACE)
    places = list(getattr(package, "__path__", ()))
    searched = list(sys.path)  # noqa: TID251  (put back as it was)
    try:
        yield
    finally:
        sys.path[:] = searched  # noqa: TID251
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name.startswith(NAMESPACE + ".") and not (file and Path(file).is_relative_to(CHECKOUT)):
                del sys.modules[name]
        after = sys.modules.get(NAMESPACE)
        if after is not None and hasattr(after, "__path__"):
            after.__path__ = places or [str(CHECKOUT / NAMESPACE)]


def limited_host(data: Path, extensions: Iterable[str], options: StartOptions) -> Host:
    """A host that may load these extensions, what they require, and no others, also such as come into its data folder while it runs."""
    limited = options.model_copy(update={"data_dir": str(data), "only_extensions": tuple(with_required(data, extensions))})
    return build_host(limited, "web", environment={}, with_packages=False)
