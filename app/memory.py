"""How much memory a device has left, giving back what is not in use, and the errors that say that there was too little."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")
CGROUPS, OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def is_out_of_memory(error: BaseException) -> bool:
    """True for Python's and for the tensor library's errors of this kind, which differ by device."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in MEMORY_WORDS)


def available_bytes(device: str) -> int | None:
    """Bytes that can be had on ``device`` ("cpu", "cuda:0"); None for devices that do not tell. Limits of containers count."""
    if device.startswith("cuda"):
        import torch

        free, _ = torch.cuda.mem_get_info(torch.device(device))
        return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.startswith("xpu"):
        return None
    return min([int(psutil.virtual_memory().available), *_left_in_cgroups(CGROUPS, OWN_CGROUP)])


def give_back(device: str) -> None:
    """Return to the system what this process has freed and kept; takes some milliseconds."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
        if trim is not None:
            trim(0)


def gib(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1024**3:.1f} GiB"


def _left_in_cgroups(root: Path, own: Path) -> Iterator[int]:
    """What the limits of this process's control groups (version 2) leave, from its own up to the root."""
    try:
        line = next((line for line in own.read_text(encoding="utf-8").splitlines() if line.startswith("0::")), None)
    except OSError:
        return
    if line is None:
        return
    folder = root / line.removeprefix("0::").lstrip("/")
    for place in (folder, *folder.parents):
        left = _left_in_cgroup(place)
        if left is not None:
            yield left
        if place == root:
            return


def _left_in_cgroup(folder: Path) -> int | None:
    """The limit less what is in use, pages of files that can be dropped aside; None without a limit."""
    try:
        limit = (folder / "memory.max").read_text(encoding="utf-8").strip()
        used = int((folder / "memory.current").read_text(encoding="utf-8"))
        lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    if limit == "max":
        return None
    droppable = sum(int(line.partition(" ")[2]) for line in lines if line.startswith("inactive_file "))
    return max(0, int(limit) - used + droppable)
