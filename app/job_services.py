"""What goes on beside the queue as long as it runs: old pictures of the spool are deleted, and ends of jobs are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.callback_service import telling_ends
from app.jobs.queue import JobQueue
from app.spool_service import keep_spool_small
from app.values.options import StartOptions


@contextmanager
def job_services(spools: Sequence[Path], jobs: JobQueue, options: StartOptions) -> Iterator[None]:
    """Both, while it is open."""
    with keep_spool_small(spools, jobs), telling_ends(jobs, allows_private=options.private_callbacks):
        yield
