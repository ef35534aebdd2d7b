"""A1111's HTTP API, so that existing clients can draw with Paintbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from app.api import LOG_CALLS, Host, Problem, SettingsSection, hookimpl
from extensions.a1111_api.settings import ApiSettings


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Whether pictures are fetched from addresses, in A1111's section."""
    return (SettingsSection("api", "API", ApiSettings, category="System"),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The routes below /sdapi/v1, those of tasks, and /app_id."""
    from extensions.a1111_api.routes import make_liveness_router, make_router, make_task_router

    return (make_router(host), make_task_router(host), make_liveness_router())


@hookimpl
def shape_problem(problem: Problem, host: Host) -> Problem | None:
    """What a client did wrong has A1111's name for it."""
    if not problem.path.startswith("/sdapi/") or problem.status >= 500 or "error" not in problem.body:
        return None
    return Problem(problem.path, problem.status, {**problem.body, "error": "HTTPException"})


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Remember what clients call their tasks, and what the worker tells of its memory; the web process alone has clients."""
    from extensions.a1111_api.memory import heard_memory
    from extensions.a1111_api.tasks import remembered_tasks

    return () if host.role == "worker" else (remembered_tasks(host), heard_memory(host), _logged_calls(host))


@contextmanager
def _logged_calls(host: Host) -> Iterator[None]:
    """``--api-log``: a line in the log for every call."""
    if host.options.flag("api-log"):
        host.stash[LOG_CALLS] = True
    try:
        yield
    finally:
        if LOG_CALLS in host.stash:
            del host.stash[LOG_CALLS]
