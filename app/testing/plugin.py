"""pytest fixtures; use them with ``pytest_plugins = ["app.testing.plugin"]`` in a conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.discovery import NAMESPACE
from app.host import Host, Role
from app.loader import open_namespace
from app.manifest import MANIFEST
from app.paths import CHECKOUT
from app.testing.conformance import Conformance
from app.testing.hosts import HostMaker, forgetting_extensions, temporary_host


def pytest_configure(config: pytest.Config) -> None:
    """Make the extensions whose tests are asked for importable, wherever they lie."""
    folders = [_extension_folder(Path(argument.partition("::")[0])) for argument in config.args]
    open_namespace([*(folder.parent for folder in folders if folder is not None), CHECKOUT / NAMESPACE])


def _extension_folder(path: Path) -> Path | None:
    """The folder of the extension that ``path`` belongs to; None for any other path."""
    for place in (path.absolute(), *path.absolute().parents):
        if place.parent.name == NAMESPACE and (place / MANIFEST).is_file():
            return place
    return None


@pytest.fixture
def make_host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[HostMaker]:
    """Build hosts in the test's own folder: ``host = make_host("samplers", role="worker", port=7861)``."""
    own = _extension_folder(request.path)

    def make(*extensions: str, role: Role = "web", environment: Mapping[str, str] | None = None, **options: Any) -> Host:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        if own is not None and not own.is_relative_to(CHECKOUT):
            link = data / NAMESPACE / own.name
            link.parent.mkdir(exist_ok=True)
            if not link.exists():
                link.symlink_to(own, target_is_directory=True)
        return temporary_host(data, extensions, role=role, environment=environment, options=options)

    with forgetting_extensions():
        yield make


@pytest.fixture
def write_extension(tmp_path: Path) -> Callable[..., Path]:
    """Write an extension into the test's data folder: ``write_extension("mine", code, requires=["samplers"])``."""

    def write(name: str, code: str, *, host: str = ">=1,<2", **manifest: Any) -> Path:
        folder = tmp_path / "data" / "extensions" / name
        folder.mkdir(parents=True)
        tool = "".join(f"{key} = {value!r}\n" for key, value in {"host": host, **manifest}.items())
        text = f'[project]\nname = "{name}"\nversion = "1.0.0"\ndescription = "of a test"\n\n[tool.paintbox]\n{tool}'
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        (folder / "__init__.py").write_text(code, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def conformance(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    """What the conformance checks learn of extensions, each asked once."""
    return Conformance(tmp_path_factory.mktemp("conformance"))
