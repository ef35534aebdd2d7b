"""Runs jobs on this computer in a worker process of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Executor, SettingsSection, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """When a worker that does not answer is ended."""
    from extensions.local_executor.params import WorkerSettings

    return [SettingsSection("workers", "Workers", WorkerSettings, category="System")]


@hookimpl
def register_executors(host: Host) -> Iterable[Executor]:
    """The executor that is used unless another one is chosen."""
    from extensions.local_executor.executor import LocalExecutor
    from extensions.local_executor.launch import worker_launch

    return [LocalExecutor(worker_launch(host), lambda: host.settings.get("worker_kill_after_s"))]
