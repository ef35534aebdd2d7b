"""Draws what a request asks for: a job in the queue, waited for, and answered in OpenAI's form."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.api import (
    GenerationRequest,
    IsDisconnected,
    Job,
    JobState,
    Json,
    NotFoundError,
    UserError,
    ended_job,
    forget_spooled,
    picture_bytes,
)
from extensions.openai_api.body import ImageBody

if TYPE_CHECKING:
    from app.api import Host

KIND, SOURCE = "generate", "openai"
FILE_FORMATS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
FIELDS = {"batch_count": "n", "width": "size", "height": "size", "checkpoint": "model"}
"""OpenAI's names of fields of a generation request."""
Params = Mapping[str, dict[str, Json]]


async def draw(body: ImageBody, params: Params, owner: str, host: Host, is_disconnected: IsDisconnected) -> Job:
    """The ended job; raises UserError. When the client goes away, the job is cancelled."""
    job = await asyncio.to_thread(_submit, body, params, owner, host)
    ended = await ended_job(host.jobs, job.id, is_disconnected)
    if ended.state is JobState.FAILED:
        field = FIELDS.get(ended.result.error_field, ended.result.error_field)
        raise UserError(ended.error, field=field, status=422 if ended.user_error else 500)
    if not ended.result.images:
        raise UserError("The job was ended before it had drawn a picture.", status=409 if ended.state is not JobState.INTERRUPTED else 503)
    return ended


def answer_to(body: ImageBody, job: Job, base_url: str) -> dict[str, Json]:
    """The answer; ``base_url`` is how the client calls this server."""
    as_url = body.answer_format == "url"
    try:
        data: list[Json] = [
            {
                "b64_json": None if as_url else base64.b64encode(picture_bytes(image)).decode("ascii"),
                "url": f"{base_url.rstrip('/')}/paintbox/v1/jobs/{job.id}/images/{number}" if as_url else None,
                "revised_prompt": image.prompt,
                "seed": image.seed,
            }
            for number, image in enumerate(job.result.images)
        ]
    finally:
        if not as_url:
            forget_spooled(job)
    first = job.result.images[0]
    comments = [f"{name} has no effect here." for name in body.without_effect]
    if body.names_openai_model:
        comments.append(f"There is no {body.model} here; the checkpoint in use has drawn.")
    return {
        "created": int(job.created),
        "data": data,
        "background": "opaque",
        "output_format": body.output_format or "png",
        "quality": body.quality,
        "size": f"{first.width_px}x{first.height_px}",
        "model": job.result.info.get("sd_model_name"),
        "comments": [*comments, *job.result.comments],
    }


def _submit(body: ImageBody, params: Params, owner: str, host: Host) -> Job:
    width, height = body.sides_px or (None, None)
    settings: dict[str, Json] = {"samples_format": FILE_FORMATS[body.output_format or "png"]}
    if body.output_compression is not None:
        settings["jpeg_quality"] = max(1, body.output_compression)
    fields: dict[str, Any] = {
        "prompt": body.prompt,
        "negative_prompt": body.negative_prompt,
        "checkpoint": _checkpoint(body, host),
        "sampler": body.sampler,
        "scheduler": body.scheduler,
        "steps": body.drawn_steps,
        "cfg_scale": body.cfg_scale,
        "width": width,
        "height": height,
        "seed": body.seed,
        "batch_count": body.n,
        "params": dict(params),
        "settings": settings,
        "save": "spool",
    }
    request = GenerationRequest.model_validate({name: value for name, value in fields.items() if value is not None})
    return host.jobs.submit(KIND, request.model_dump(mode="json"), owner=owner, source=SOURCE, settings=host.settings.changed())


def _checkpoint(body: ImageBody, host: Host) -> str | None:
    """Title of the checkpoint asked for; None for the one in use."""
    if not body.model or body.names_openai_model:
        return None
    record = host.models.find("checkpoint", body.model)
    if record is None or not record.usable:
        raise NotFoundError(f"The model {body.model!r} does not exist.", hint="GET /v1/models lists those there are.", field="model")
    return record.title
