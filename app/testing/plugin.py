"""pytest fixtures; use them with ``pytest_plugins = ["app.testing.plugin"]`` in a conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.host import Host, Role
from app.testing.conformance import Conformance
from app.testing.hosts import HostMaker, forgetting_extensions, temporary_host


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[HostMaker]:
    """Build hosts in the test's own folder: ``host = make_host("samplers", role="worker", port=7861)``."""

    def make(*extensions: str, role: Role = "web", environment: Mapping[str, str] | None = None, **options: Any) -> Host:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
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
