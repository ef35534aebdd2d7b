"""The worker process: takes jobs from the web process on stdin and answers with events on stdout, until stdin ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from app.cli.parser import Parser
from app.device_memory import TorchMemory, told_memory
from app.generation.preload import load_checkpoint
from app.host import Host, build_host
from app.jobs.control import Control
from app.jobs.link import WorkerLink
from app.jobs.run import WorkerRun
from app.jobs.worker import Preload, Report, Workbench, serve
from app.logs import console_log
from app.values.events import Event, JobProgress
from app.values.job import Job
from app.values.options import StartOptions
from app.weights.cache import ModelCache
from app.weights.loading import checkpoint_loader, memory_limits

logger = logging.getLogger(__name__)
LIMIT_SETTING = "sd_checkpoints_limit"


def work(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve jobs; started by an executor, never by a person. Raises UserError."""
    parser = Parser(prog="webui.py worker", description="Started by Paintbox itself.")
    parser.add_argument("--options", required=True, help="StartOptions as JSON")
    parser.add_argument("--name", default="worker", help="how the worker calls itself in its events")
    given = parser.parse_args(list(arguments))
    options = StartOptions.model_validate_json(given.options)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the web process ends its workers in order
    link = _open_link()
    link.start()
    with console_log(options.loglevel):
        host = build_host(options, "worker", environment=environment)
        with host.running():
            serve(_workbench(host, given.name), link)
    return 0


def _open_link() -> WorkerLink:
    """Take stdin and stdout for the link alone.

    What libraries print goes to stderr from now on and does not mix with the events; child processes find an empty stdin and cannot
    take commands away.
    """
    commands = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return WorkerLink(commands, events)


def _workbench(host: Host, name: str) -> Workbench:
    device = choose_device(host.options.device)
    weights = ModelCache(checkpoint_loader(host.models, host.families), memory_limits(lambda: _kept_models(host)), TorchMemory())
    preload = _preloader(host, weights, device) if host.options.preload_model else None
    return Workbench(name, host, weights, device, preload, partial(told_memory, device))


def _preloader(host: Host, weights: ModelCache, device: str) -> Preload:
    """Loads, when the worker starts, what a first job with the present settings would load."""

    def preload(report: Report) -> str:
        def send(event: Event) -> None:
            if isinstance(event, JobProgress):
                report(event.fraction, event.text)

        job = Job(id="", kind="preload", owner="", created=0.0)
        run = WorkerRun(job, host, host.settings.snapshot(), weights, Control(), device, send)
        return load_checkpoint(None, run).title

    return preload


def _kept_models(host: Host) -> int:
    """How many checkpoints may stay in memory, as it is set now."""
    host.settings.reread()
    limit = host.settings.get(LIMIT_SETTING)
    return limit if isinstance(limit, int) else 1


def choose_device(wanted: str) -> str:
    """The device asked for, else the best there is: cuda (NVIDIA, AMD), xpu (Intel), mps (Apple), cpu."""
    if wanted == "cpu":
        return wanted
    import torch

    available = {"cuda": torch.cuda.is_available(), "xpu": torch.xpu.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted and available.get(wanted.partition(":")[0]):
        return wanted
    chosen = next(name for name, there in available.items() if there)
    if wanted:
        logger.warning("This PyTorch finds no device %s; %s is used.", wanted, chosen)
    return chosen
