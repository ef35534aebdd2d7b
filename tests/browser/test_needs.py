"""What the browser tests need is missed aloud."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser.conftest import chromium_program, present


def test_a_missing_browser_fails_and_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium_program()


def test_a_missing_checkpoint_fails_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"paintbox-demo\.safetensors is missing"):
        present(tmp_path / "paintbox-demo.safetensors")
