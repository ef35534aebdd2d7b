"""A conclusion about a file that no installed extension may be able to use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .tensors import Tensors


@dataclass(frozen=True)
class Kind:
    """Kind of a file, its name for people, its model family ("" when it fits several or none) and its variant."""

    kind: str
    title: str
    family: str = ""
    variant: str = ""


Rule = Callable[[Tensors], "Kind | None"]
