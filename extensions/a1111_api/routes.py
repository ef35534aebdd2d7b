"""The routes below /sdapi/v1."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.background import BackgroundTask

from app.api import WANTS_RESTART, Host, Job, JobState, Json, UserError, ended_job
from app.api.routes import Owner, check_changes
from extensions.a1111_api import lists, progress
from extensions.a1111_api.body import DrawingBody, Txt2ImgBody
from extensions.a1111_api.drawing import draw
from extensions.a1111_api.flags import command_line_flags
from extensions.a1111_api.img2img_body import Img2ImgBody
from extensions.a1111_api.memory import memory
from extensions.a1111_api.options import change_options, read_options
from extensions.a1111_api.png_info import png_info
from extensions.a1111_api.script_lists import FORMS, script_infos, script_titles
from extensions.a1111_api.tasks import TaskProgressBody, pending_tasks, task_progress
from extensions.checkpoints.api import load_again, undo_switch, unload

STARTED_BY_SCRIPT = "PAINTBOX_CALLED_FROM"
"""Variable that the start script sets; it starts a program again that ends with the wish for it."""
NO_RESTART = "Paintbox cannot restart itself; stop it and let your start script start it again."


class PngInfoBody(BaseModel):
    """A picture as base64 or as a data: address."""

    image: str


class AnyJsonRoute(APIRoute):
    """Reads bodies as JSON whatever their content type says, because clients leave it out or let their library guess."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler behind a request without content type."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            headers = [item for item in request.scope["headers"] if item[0] != b"content-type"]
            return await handler(Request({**request.scope, "headers": headers}, request.receive))

        return handle


def make_router(host: Host) -> APIRouter:
    """A1111's routes."""
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"], strict_content_type=False, route_class=AnyJsonRoute)
    _add_drawing(router, host)
    _add_control(router, host)
    _add_options(router, host)
    _add_lists(router, host)
    _add_scripts(router, host)
    _add_system(router, host)
    if host.options.flag("api-server-stop"):
        _add_server_stop(router, host)
    return router


def _add_scripts(router: APIRouter, host: Host) -> None:
    @router.get("/scripts", summary="Titles of the scripts, in lower case, by form")
    def scripts() -> dict[str, list[str]]:
        return {form: script_titles(host, form) for form in FORMS}

    @router.get("/script-info", summary="The scripts with their arguments, in order")
    def script_info() -> list[dict[str, Json]]:
        return [info for form in FORMS for info in script_infos(host, form)]


def make_liveness_router() -> APIRouter:
    """``/app_id``, by which clients see whether the program is up and whether it is still the same start."""
    router = APIRouter(include_in_schema=False)
    app_id = secrets.randbelow(2**53)

    @router.get("/app_id")
    def get_app_id() -> dict[str, int]:
        return {"app_id": app_id}

    return router


def make_task_router(host: Host) -> APIRouter:
    """Progress by the id of a task (``force_task_id``), as A1111's page asks for it."""
    router = APIRouter(prefix="/internal", tags=["A1111"], strict_content_type=False, route_class=AnyJsonRoute)

    @router.post("/progress", summary="How far a task is")
    def get_task_progress(body: TaskProgressBody, owner: Owner) -> dict[str, Json]:
        return task_progress(body, owner, host)

    @router.get("/pending-tasks", summary="Tasks that wait")
    def get_pending_tasks(owner: Owner) -> dict[str, Json]:
        return pending_tasks(owner, host)

    return router


def _add_drawing(router: APIRouter, host: Host) -> None:
    @router.post("/txt2img", summary="Draw pictures from a prompt", response_class=Response)
    async def txt2img(body: Txt2ImgBody, request: Request, owner: Owner) -> Response:
        return await _drawn(body, request, owner, host)

    @router.post("/img2img", summary="Draw pictures from pictures", response_class=Response)
    async def img2img(body: Img2ImgBody, request: Request, owner: Owner) -> Response:
        return await _drawn(body, request, owner, host)

    @router.post("/png-info", summary="Read the generation parameters of a picture")
    def read_png_info(body: PngInfoBody) -> dict[str, Json]:
        return png_info(body.image, host)


async def _drawn(body: DrawingBody, request: Request, owner: str, host: Host) -> Response:
    try:
        answer = await draw(body, owner, host, request.is_disconnected)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return Response(answer, media_type="application/json")


def _add_control(router: APIRouter, host: Host) -> None:
    @router.get("/progress", summary="How far the running job is")
    def get_progress(owner: Owner, skip_current_image: bool = False) -> dict[str, Json]:
        return progress.progress(owner, host, skip_current_image=skip_current_image)

    @router.post("/interrupt", summary="End the running job, keeping what was drawn")
    def interrupt(owner: Owner) -> dict[str, Json]:
        progress.stop(owner, host, "interrupt")
        return {}

    @router.post("/skip", summary="Leave out the rest of the running batch")
    def skip(owner: Owner) -> None:
        progress.stop(owner, host, "skip")


def _add_options(router: APIRouter, host: Host) -> None:
    @router.get("/options", summary="All settings")
    def get_options() -> dict[str, Json]:
        return read_options(host)

    @router.post("/options", summary="Change settings; returns when a new checkpoint is loaded")
    async def set_options(values: dict[str, Any], owner: Owner, request: Request) -> None:
        job = await run_in_threadpool(change_options, values, owner, host, lambda changed: check_changes(changed, request, host))
        if job is None:
            return
        ended = await ended_job(host.jobs, job.id)
        if ended.state is JobState.FAILED:
            await run_in_threadpool(undo_switch, ended, host)
            raise UserError(ended.error, field="sd_model_checkpoint", status=422 if ended.user_error else 500)

    @router.get("/cmd-flags", summary="The command line, without secrets")
    def get_flags() -> dict[str, Json]:
        return command_line_flags(host.options)


def _add_lists(router: APIRouter, host: Host) -> None:
    @router.get("/sd-models", summary="Checkpoints")
    def get_checkpoints() -> list[dict[str, Json]]:
        return lists.checkpoints(host)

    @router.post("/refresh-checkpoints", summary="Look for new checkpoint files")
    def refresh_checkpoints() -> None:
        host.models.refresh("checkpoint")

    @router.get("/samplers", summary="Samplers")
    def get_samplers() -> list[dict[str, Json]]:
        return lists.samplers(host)

    @router.get("/schedulers", summary="Schedule types")
    def get_schedulers() -> list[dict[str, Json]]:
        return lists.schedulers(host)

    @router.get("/upscalers", summary="Upscalers of pictures")
    def get_upscalers() -> list[dict[str, Json]]:
        return lists.upscalers(host)

    @router.get("/latent-upscale-modes", summary="Ways to enlarge latents")
    def get_latent_upscale_modes() -> list[dict[str, Json]]:
        return lists.latent_upscale_modes(host)


def _add_system(router: APIRouter, host: Host) -> None:
    @router.get("/memory", summary="Memory in use")
    def get_memory() -> dict[str, Json]:
        return memory(host)

    @router.post("/unload-checkpoint", summary="Give the memory of the checkpoint back; returns when it is free")
    async def unload_checkpoint(owner: Owner) -> dict[str, Json]:
        return await _waited_for(await run_in_threadpool(unload, owner, host), host)

    @router.post("/reload-checkpoint", summary="Load the checkpoint in use; returns when it is loaded")
    async def reload_checkpoint(owner: Owner) -> dict[str, Json]:
        return await _waited_for(await run_in_threadpool(load_again, owner, host), host)


async def _waited_for(job: Job, host: Host) -> dict[str, Json]:
    ended = await ended_job(host.jobs, job.id)
    if ended.state is JobState.FAILED:
        raise UserError(ended.error, status=422 if ended.user_error else 500)
    return {}


def can_restart() -> bool:
    """Whether somebody starts the program again: it itself, or the start script where a process cannot become another."""
    return os.name == "posix" or STARTED_BY_SCRIPT in os.environ


def _add_server_stop(router: APIRouter, host: Host) -> None:
    """``--api-server-stop``: routes by which a client ends the program."""

    @router.post("/server-kill", summary="End the program", response_class=PlainTextResponse)
    @router.post("/server-stop", summary="End the program", response_class=PlainTextResponse)
    def stop() -> PlainTextResponse:
        return PlainTextResponse("Stopping.", background=BackgroundTask(signal.raise_signal, signal.SIGINT))

    @router.post("/server-restart", summary="End the program and start it again", response_class=PlainTextResponse)
    def restart() -> PlainTextResponse:
        if not can_restart():
            return PlainTextResponse(NO_RESTART, status_code=501)
        host.stash[WANTS_RESTART] = True
        return PlainTextResponse("Restarting.", background=BackgroundTask(signal.raise_signal, signal.SIGINT))
