"""Model files from the page and the API: upload, download by address, rename, move, trash with undo."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, Run, SettingsSection, hookimpl, typed_as
from extensions.model_files.params import ASKED_AT, KIND, DownloadRequest, ModelFileSettings

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Tokens of the sites."""
    return [SettingsSection("model_files", "Model files", ModelFileSettings, category="Uncategorized")]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """In the web process: what is being uploaded and downloaded."""
    from extensions.model_files.keeping import keep_work

    return () if host.role == "worker" else (keep_work(host),)


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Downloads wait for servers far away, so they run beside the device."""

    def check(request: BaseModel) -> None:
        from extensions.model_files.download import check_request

        check_request(typed_as(DownloadRequest, request), host)

    def run(run: Run, request: BaseModel) -> JobResult:
        from extensions.model_files.download import download

        return download(run, typed_as(DownloadRequest, request))

    return (JobKind(KIND, "Download a model file", DownloadRequest, run, check, needs_device=False, asked_at=ASKED_AT),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Everything below /paintbox/v1/models that changes files."""
    from extensions.model_files.routes import make_router

    return (make_router(host),)
