"""Routes of the list of scripts: fields for the page, and unfinished jobs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api import Host, Json, Value, resumable, resume_job
from app.api.routes import Owner
from extensions.scripts.fields import described


class Resume(Value):
    """``source``: the form that will show the job; "": that of the old one."""

    source: str = ""


def make_router(host: Host) -> APIRouter:
    """Routes below /paintbox/v1/scripts."""
    router = APIRouter(prefix="/paintbox/v1/scripts", tags=["scripts"])

    @router.get("", summary="The scripts that a form offers, with their fields")
    def scripts(form: str = "txt2img") -> list[dict[str, Any]]:
        return [described(script, form, host) for script in host.scripts if script.is_offered(form)]

    @router.get("/unfinished/{job_id}", summary="What is left of a script's job that ended early; null where nothing can be resumed")
    def unfinished(job_id: str, owner: Owner) -> dict[str, Json] | None:
        job = host.jobs.get(job_id)
        if job.owner != owner:
            raise host.jobs.missing(job_id)
        left = resumable(job, host)
        return None if left is None else {"job": job.id, "title": left.title, "drawn": left.drawn, "cells": left.cells}

    @router.post(
        "/unfinished/{job_id}/resume",
        status_code=202,
        summary="Draw what is missing of a script's job, as a new job, or the one that does so already",
    )
    def resume(job_id: str, body: Resume, owner: Owner) -> dict[str, str]:
        job = host.jobs.get(job_id)
        if job.owner != owner:
            raise host.jobs.missing(job_id)
        return {"job": resume_job(job, host, body.source).id}

    return router
