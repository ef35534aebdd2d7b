"""A request as it was asked, before anything of it is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.values.base import Json
from app.values.request import GenerationRequest

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Asked:
    """``settings`` are those in force, the request's on top; ``owner``: whose pictures it names."""

    request: GenerationRequest
    settings: Mapping[str, Json]
    host: Any
    owner: str
