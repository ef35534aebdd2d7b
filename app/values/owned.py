"""A thing together with the extension that gave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Owned(Generic[T]):
    """Something an extension gave, with the extension's id."""

    owner: str
    value: T
