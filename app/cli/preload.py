"""Loading the configured checkpoint when a worker starts, so that the first picture need not wait for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.contracts import LoadOptions, WeightsCache
from app.generation.checkpoint_choice import choose_checkpoint
from app.generation.run_helpers import GenerationRun
from app.host import Host
from app.jobs.control import Control
from app.jobs.run import WorkerRun
from app.values.events import Event, JobProgress
from app.values.job import Job

logger = logging.getLogger(__name__)


class Preloader:
    """Called once by the worker; loads exactly what a first job with these settings would load."""

    def __init__(self, host: Host, weights: WeightsCache, device: str) -> None:
        self._host = host
        self._weights = weights
        self._device = device

    def __call__(self, report: Callable[[float, str], None]) -> str:
        """Load the checkpoint and return its title; raises UserError when there is none that can be loaded."""

        def send(event: Event) -> None:
            if isinstance(event, JobProgress):
                report(event.fraction, event.text)

        job = Job(id="", kind="preload", owner="", created=0.0)
        settings = self._host.settings.snapshot()
        run = GenerationRun.of(WorkerRun(job, self._host, settings, self._weights, Control(), self._device, send), {})
        record, _ = choose_checkpoint(None, run)
        options = self._host.options
        wanted = LoadOptions(self._device, precision=options.precision, vae_precision=options.vae_precision, report=report)
        with self._weights.pin(record.path, wanted):
            return record.title
