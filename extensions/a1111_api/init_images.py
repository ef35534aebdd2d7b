"""The pictures of an img2img request: taken in, and named in its request by their refs."""

from __future__ import annotations

from typing import TypeVar

from app.api import Host, NotFoundError, UserError, sent_picture
from extensions.a1111_api.body import DrawingBody
from extensions.a1111_api.img2img_body import Img2ImgBody

B = TypeVar("B", bound=DrawingBody)


def with_pictures_taken_in(body: B, owner: str, host: Host) -> B:
    """The body with refs of ``host.inputs`` in place of its pictures; raises UserError that names the field."""
    if not isinstance(body, Img2ImgBody):
        return body
    if not body.init_images:
        raise NotFoundError("Init image not found.", hint="Send init_images.", field="init_images")
    refs = [_ref(text, owner, host, "init_images") for text in body.init_images]
    both = {} if body.mask_blur is None else {"mask_blur_x": body.mask_blur, "mask_blur_y": body.mask_blur}
    mask = _ref(body.mask, owner, host, "mask") if body.mask else None
    return body.model_copy(update={"init_images": refs, "mask": mask, **both})


def _ref(text: str, owner: str, host: Host, field: str) -> str:
    try:
        return host.inputs.put(sent_picture(text, host.settings), owner, field).ref
    except UserError as error:
        raise UserError(f"{field}: {error.what}", hint=error.hint, field=field, status=error.status) from error


def echoed(body: DrawingBody) -> dict[str, object]:
    """What an answer repeats of the request: its pictures only where it asks for them."""
    values = body.model_dump(mode="json")
    if isinstance(body, Img2ImgBody) and not body.include_init_images:
        return values | {"init_images": None, "mask": None}
    return values
