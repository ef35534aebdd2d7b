"""Recorded cases for tests: files of the folder named by PAINTBOX_VECTORS, tests/vectors by default; a missing file has no cases."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

VARIABLE = "PAINTBOX_VECTORS"
DEFAULT = Path(__file__).resolve().parent.parent.parent / "tests" / "vectors"


def vectors_folder() -> Path:
    """The folder of the recorded cases."""
    return Path(os.environ.get(VARIABLE) or DEFAULT)


def vectors(name: str) -> dict[str, Any]:
    """A vector file as recorded; empty when this folder has none of that name."""
    path = vectors_folder() / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def vector_cases(name: str, key: str) -> list[dict[str, Any]]:
    """One list of cases of a vector file, for ``pytest.mark.parametrize``."""
    cases: list[dict[str, Any]] = vectors(name).get(key, [])
    return cases


def vector_tensors(name: str) -> dict[str, Tensor]:
    """The tensors of a vector file, by name; empty when the file is missing."""
    from safetensors.torch import load_file

    path = vectors_folder() / name
    return load_file(str(path)) if path.is_file() else {}
