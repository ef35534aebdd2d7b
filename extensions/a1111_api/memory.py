"""How much memory Paintbox uses."""

from __future__ import annotations

import psutil

from app.api import Json


def memory() -> dict[str, Json]:
    """Main memory in bytes: what this program and its workers hold, and what is left. The web process knows no graphics card."""
    own = psutil.Process()
    used = sum(_resident_bytes(process) for process in (own, *own.children(recursive=True)))
    system = psutil.virtual_memory()
    return {
        "ram": {"free": system.available, "used": used, "total": system.total},
        "cuda": {"error": "unavailable"},
    }


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
