"""How a worker process is started: its command line and its environment."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import TOLD_FAILURES

if TYPE_CHECKING:
    from app.api import Host

ALLOCATOR: Mapping[str, str] = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
"""For glibc, which would give every large tensor back to the kernel and fault it in again: sampling takes 1.2 times as long.

All three belong together: with the second alone it takes twice as long.
"""
WORKER_ENVIRONMENT: Mapping[str, str] = {
    # nothing is ever fetched from a model hub behind the user's back
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    "PYTHONUTF8": "1",
}
"""Defaults: what the user's environment says already is kept."""


@dataclass(frozen=True)
class Launch:
    """A program to start: ``folder`` is its working directory."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path


def worker_environment(given: Mapping[str, str], *, uses_glibc: bool | None = None) -> dict[str, str]:
    """What a worker gets: what the program was started with, the defaults below it, and the allocator's where it is glibc's.

    Whoever sets one of the allocator's variables, or preloads another allocator, has decided about all of them.
    """
    uses_glibc = platform.libc_ver()[0] == "glibc" if uses_glibc is None else uses_glibc
    decided = any(name.startswith("MALLOC_") for name in given) or "malloc" in given.get("LD_PRELOAD", "")
    allocator = ALLOCATOR if uses_glibc and not decided else {}
    return {**WORKER_ENVIRONMENT, **allocator, **given}


def worker_launch(host: Host) -> Launch:
    """The worker that belongs to this host."""
    options = host.options.without_secrets().model_dump_json()
    return Launch(
        command=(sys.executable, "-m", "app", "worker", "--name", "local", "--options", options),
        environment={**worker_environment(os.environ), TOLD_FAILURES: ",".join(report.id for report in host.extensions.quarantined())},
        folder=host.paths.root,
    )
