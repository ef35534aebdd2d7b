"""The worker process: reads jobs as JSON lines from stdin and answers with events on stdout, until stdin ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from app.errors import UserError
from app.host import build_host
from app.logs import console_log
from app.values.options import StartOptions


def work(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve jobs; started by an executor, never by a user. Raises UserError."""
    if len(arguments) != 2 or arguments[0] != "--options":
        raise UserError("worker needs --options JSON.", hint="It is started by the program itself.")
    options = StartOptions.model_validate_json(arguments[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the web process ends its workers in order
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print must not mix with the events
    from app.jobs.worker import serve

    with console_log(options.loglevel):
        host = build_host(options, "worker", environment=environment)
        with host.running():
            return serve(host, sys.stdin, events)
