"""The routes below /v1."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from app.api import Host, Json, UserError
from app.api.routes import Owner
from extensions.openai_api.body import EditBody, GenerationBody
from extensions.openai_api.drawing import answer_to, draw
from extensions.openai_api.editing import edit_params, size_of
from extensions.openai_api.models import listed_models, model

IMAGE_FIELDS = ("image", "image[]")
MOST_FILES, MOST_FIELDS = 17, 100


def make_router(host: Host) -> APIRouter:
    """OpenAI's routes for pictures and models."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"], strict_content_type=False)

    @router.get("/models", summary="Checkpoints")
    def get_models() -> dict[str, Json]:
        return {"object": "list", "data": listed_models(host)}

    @router.get("/models/{name:path}", summary="One checkpoint")
    def get_model(name: str) -> Json:
        return model(name, host)

    @router.post("/images/generations", summary="Draw pictures from a prompt")
    async def generate(body: GenerationBody, request: Request, owner: Owner) -> dict[str, Json]:
        job = await draw(body, {}, owner, host, request.is_disconnected)
        return await run_in_threadpool(answer_to, body, job, str(request.base_url))

    @router.post("/images/edits", summary="Change a picture (multipart/form-data)", openapi_extra=_edit_form())
    async def edit(request: Request, owner: Owner) -> dict[str, Json]:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
            body, image, mask = await _edit_of(form)
        params = await run_in_threadpool(edit_params, image, mask, body.strength, owner, host)
        if body.sides_px is None:
            width, height = await run_in_threadpool(size_of, image)
            body = body.model_copy(update={"size": f"{width}x{height}"})
        job = await draw(body, params, owner, host, request.is_disconnected)
        return await run_in_threadpool(answer_to, body, job, str(request.base_url))

    return router


async def _edit_of(form: FormData) -> tuple[EditBody, bytes, bytes | None]:
    """Fields, picture and mask; raises UserError, RequestValidationError."""
    images = [part for name in IMAGE_FIELDS for part in form.getlist(name)]
    if len(images) != 1:
        what = "image: an edit begins with one picture" + (f", not with {len(images)}." if images else ", and there is none.")
        raise UserError(what, field="image")
    fields = {name: value for name, value in form.items() if name not in (*IMAGE_FIELDS, "mask")}
    try:
        body = EditBody.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False, include_input=False)) from error
    mask = await _file(form.get("mask"), "mask") if form.get("mask") else None
    return body, await _file(images[0], "image"), mask


async def _file(part: UploadFile | str | None, field: str) -> bytes:
    if not isinstance(part, UploadFile):
        raise UserError(f"{field}: send the picture as a file.", field=field)
    return await part.read()


def _edit_form() -> dict[str, Any]:
    """The description of the form, which is read by hand because its files have two names."""
    schema = EditBody.model_json_schema(ref_template="#/components/schemas/{model}")
    file = {"type": "string", "format": "binary"}
    properties = {"image": file, "mask": file, **schema["properties"]}
    form = {"type": "object", "properties": properties, "required": ["image", "prompt"]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}
