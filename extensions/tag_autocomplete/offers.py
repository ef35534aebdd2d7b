"""What can be completed beside tags: networks, and what extensions offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app import hookspecs
from app.api import NOTHING_WRITTEN, Completion, NetworkType
