"""What can be completed while a prompt is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import hookspecs
from app.contracts import Completion
from app.values.owned import Owned

if TYPE_CHECKING:
    from app.host import Host


def offered_completions(host: Host) -> list[Owned[Completion]]:
    """What extensions offer at this moment, with who does."""
    return host.hooks.collect(hookspecs.list_completions, host=host)
