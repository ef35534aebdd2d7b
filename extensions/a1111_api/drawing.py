"""Draws the pictures of one API request: a job in the queue, waited for, and answered as A1111 answers."""

from __future__ import annotations

import asyncio
import base64
import json

from app.api import Host, IsDisconnected, Job, JobState, PaintboxError, UserError, ended_job, forget_spooled, picture_bytes
from extensions.a1111_api.body import DrawingBody
from extensions.a1111_api.field_names import in_api_terms
from extensions.a1111_api.infotext_field import filled_from_infotext
from extensions.a1111_api.init_images import echoed, with_pictures_taken_in
from extensions.a1111_api.response_info import response_info
from extensions.a1111_api.scripts import job_of
from extensions.a1111_api.tasks import TASKS, new_task_id
from extensions.a1111_api.translate import translate
from extensions.a1111_api.unknown_fields import unknown_fields_remark

SOURCE = "api"


class DrawingFailedError(PaintboxError):
    """The job failed for a reason that the client cannot mend."""


async def draw(body: DrawingBody, owner: str, host: Host, is_disconnected: IsDisconnected) -> bytes:
    """The JSON answer; raises UserError, or DrawingFailedError.

    When the client goes away, the job is cancelled unless its pictures are saved: nobody could fetch them any more.
    """
    body, job, remarks = await asyncio.to_thread(_submit, body, owner, host)
    ended = await ended_job(host.jobs, job.id, None if body.save_images else is_disconnected)
    return await asyncio.to_thread(_answer, body, ended, remarks, host)


def _submit(body: DrawingBody, owner: str, host: Host) -> tuple[DrawingBody, Job, list[str]]:
    remarks = unknown_fields_remark(body)
    body = filled_from_infotext(body, host, remarks)
    try:
        translation = translate(with_pictures_taken_in(body, owner, host), host)
        if translation.lasting_settings:
            host.settings.set(host.settings.for_request(translation.lasting_settings))
        kind, request = job_of(body, translation.request, host)
        job = host.jobs.submit(kind, request, owner=owner, source=SOURCE, settings=host.settings.changed())
    except UserError as error:
        raise in_api_terms(error, host) from error
    host.stash[TASKS].remember(body.force_task_id or new_task_id(body.route), job.id)
    return body, job, [*body.comments, *remarks, *translation.remarks]


def _answer(body: DrawingBody, job: Job, remarks: list[str], host: Host) -> bytes:
    try:
        _raise_failure(job, host)
        images = [base64.b64encode(picture_bytes(image)).decode("ascii") for image in job.result.images] if body.send_images else []
        info = response_info(body, job, remarks)
        size = {"width": info["width"], "height": info["height"]}
        answer = {"images": images, "parameters": echoed(body) | size, "info": json.dumps(info)}
        return json.dumps(answer).encode()
    finally:
        forget_spooled(job)


def _raise_failure(job: Job, host: Host) -> None:
    if job.state is JobState.FAILED and job.user_error:
        raise in_api_terms(UserError(job.error, field=job.result.error_field), host)
    if job.state is JobState.FAILED:
        raise DrawingFailedError(job.error)
    if job.state is JobState.INTERRUPTED:
        raise UserError("Paintbox was stopped while it drew.", hint="Ask again.", status=503)
