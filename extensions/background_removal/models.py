"""The models of rembg that lie on this machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("rembg", "onnxruntime")
PREFERRED = ("isnet-general-use", "u2net", "silueta", "u2netp")


def has_rembg() -> bool:
    """Whether the package and its runtime are there."""
    return all(find_spec(name) is not None for name in PACKAGES)


def models_folder() -> Path:
    """Where rembg keeps its files."""
    named = os.environ.get("U2NET_HOME") or os.environ.get("XDG_DATA_HOME", "~") + "/.u2net"
    return Path(named).expanduser()


def models_there() -> list[str]:
    """Names of the models whose files are there, the best known first."""
    names = sorted(path.stem for path in models_folder().glob("*.onnx"))
    return [*(name for name in PREFERRED if name in names), *(name for name in names if name not in PREFERRED)]
