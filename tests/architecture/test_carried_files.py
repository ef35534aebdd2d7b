"""What a checkout carries and what it collects: git ignores what a run writes, and NOTICE names the data of others."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from app.discovery import SHIPPED, shipped_extensions
from app.paths import CHECKOUT

WRITTEN = (
    ".venv/bin/python",
    "cache/models.sqlite3",
    "config.corrupt-2026-01-01-120000.json",
    "config.json",
    ".config.json.0123456789ab.tmp",
    "embeddings/mine.safetensors",
    "extensions/from_somebody/__init__.py",
    "log/images/1.png",
    "models/Lora/mine.safetensors",
    "models/Stable-diffusion/mine.safetensors",
    "models/Stable-diffusion/mine.safetensors.part",
    "outputs/txt2img-images/2026-01-01/00000-1.png",
    "paintbox.lock",
    "paintbox.sqlite3",
    "paintbox.sqlite3-wal",
    "paintbox.sqlite3.broken-20260101-120000",
    "params.txt",
    "settings-kept-aside.json",
    "settings-profiles/mine.json",
    "localizations/de_DE.json",
    "ui-config.json",
    "styles.csv",
    "tmp/spool/1.png",
)
BUILT_IN = sorted(file.parent.name for file in CHECKOUT.glob("extensions/*/pyproject.toml") if "builtin = true" in file.read_text())


@pytest.fixture(scope="module")
def ignored(tmp_path_factory):
    """Those of some paths that git ignores in a checkout."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    root = tmp_path_factory.mktemp("checkout")
    subprocess.run(["git", "init", "-q", root], check=True)
    shutil.copy(CHECKOUT / ".gitignore", root)

    def ask(paths):
        done = subprocess.run(
            ["git", "check-ignore", "--no-index", "--stdin"], cwd=root, input="\n".join(paths), capture_output=True, text=True
        )
        return done.stdout.splitlines()

    return ask


def test_what_a_run_writes_leaves_the_checkout_clean(ignored) -> None:
    assert [path for path in WRITTEN if path not in ignored(WRITTEN)] == []


def test_what_is_shipped_is_not_ignored(ignored) -> None:
    shipped = [f"extensions/{name}/new.py" for name in BUILT_IN]
    shipped += ["models/Stable-diffusion/paintbox-demo.safetensors", "app/new.py", "docs/new.md", "tests/vectors/new.safetensors"]
    assert ignored(shipped) == []


def test_the_list_of_shipped_extensions_names_what_git_tracks() -> None:
    if not (CHECKOUT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a git checkout")
    listed = subprocess.run(["git", "ls-files", "extensions/*/*"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    tracked = sorted({line.split("/")[1] for line in listed.splitlines()})
    named = [line for line in (CHECKOUT / SHIPPED).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert named == tracked
    assert sorted(shipped_extensions(CHECKOUT)) == tracked
    ignoring = (CHECKOUT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert sorted({line.split("/")[2] for line in ignoring if line.startswith("!/extensions/")}) == tracked


def test_notice_names_data_under_another_licence() -> None:
    notice = (CHECKOUT / "NOTICE").read_text(encoding="utf-8")
    licences = list(CHECKOUT.glob("extensions/*/**/LICENSE"))
    assert licences
    for licence in licences:
        assert licence.relative_to(CHECKOUT).as_posix() in notice
        owners = [line for line in licence.read_text(encoding="utf-8").splitlines() if line.startswith("Copyright (c)")]
        assert owners and all(owner in notice for owner in owners)
