"""The job kind "img2img_batch": image to image for each picture of a folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel

from app.api import GenerationRequest, JobKind, JobResult, Run, UserError, Value, user_folder
from extensions.img2img.batch_files import count_inputs

if TYPE_CHECKING:
    from app.api import Host

KIND = "img2img_batch"
FOLDERS = ("input_dir", "output_dir", "mask_dir", "png_info_dir")
PNG_INFO_FIELDS = ("Prompt", "Negative prompt", "Seed", "CFG scale", "Sampler", "Steps", "Model hash")
OUTPUT_SETTING = "outdir_samples"
_NO_BARE_NAME = re.compile(r"\.{0,2}|[A-Za-z]:.*|.*[/\\\x00-\x1f].*", re.DOTALL)


def _bare(name: str) -> str:
    """The name of a file in whatever folder it is looked for, and never the way to another one."""
    if _NO_BARE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a file alone")
    return name


class Upload(Value):
    """A picture in ``host.inputs`` and the name of the file that it was, without a folder."""

    ref: str
    name: Annotated[str, AfterValidator(_bare)]


class Img2ImgBatch(Value):
    """``request`` is drawn once for each upload and each picture of ``input_dir`` (with its subfolders), which it starts from.

    ``output_dir`` "": saved as usual; else there, under the names of the inputs. ``mask_dir``: a mask of the same name for each
    picture, or one for all. ``use_png_info``: what the infotext of each picture says goes into its request, of the kinds in
    ``png_info_fields``; ``png_info_dir``: from pictures of the same name there.
    """

    request: GenerationRequest
    uploads: tuple[Upload, ...] = ()
    input_dir: str = ""
    output_dir: str = ""
    mask_dir: str = ""
    use_png_info: bool = False
    png_info_dir: str = ""
    png_info_fields: tuple[str, ...] = PNG_INFO_FIELDS


def batch_kind(host: Host) -> JobKind:
    """The kind, as this extension registers it."""

    def check(request: BaseModel) -> None:
        batch = typed(request)
        if not batch.uploads and not batch.input_dir:
            raise UserError("There is no picture to start from.", hint="Name a folder, or upload pictures.", field="input_dir")
        unknown = [name for name in batch.png_info_fields if name not in PNG_INFO_FIELDS]
        if unknown:
            raise UserError(
                f"{unknown[0]!r} cannot be taken from PNG info.", hint=f"Use {', '.join(PNG_INFO_FIELDS)}.", field="png_info_fields"
            )
        if batch.output_dir:
            reason = host.settings.lock_reason(OUTPUT_SETTING)
            if reason:
                raise UserError(f"The output directory cannot be chosen: {reason}.", hint="Leave it empty.", field="output_dir", status=403)
        host.job_kinds.get("generate").check(batch.request)

    def check_owner(request: BaseModel, owner: str) -> None:
        check_folders(typed(request), owner, host)

    def run_batch(run: Run, request: BaseModel) -> JobResult:
        from extensions.img2img.batch import draw_batch

        batch = typed(request)
        check_folders(batch, run.job.owner, host)
        return draw_batch(batch, run)

    def parts(request: BaseModel) -> int:
        batch = typed(request)
        return count_inputs(batch, host) * batch.request.batch_count

    def asked(request: BaseModel) -> GenerationRequest:
        return typed(request).request

    return JobKind(KIND, "Image to image for a folder", Img2ImgBatch, run_batch, check, parts, asked, check_owner=check_owner)


def typed(request: BaseModel) -> Img2ImgBatch:
    """The request; the queue and the worker validate with the kind's model, so it is one."""
    if not isinstance(request, Img2ImgBatch):
        raise TypeError(f"a job of the kind {KIND!r} got a {type(request).__name__}")
    return request


def check_folders(batch: Img2ImgBatch, owner: str, host: Host) -> None:
    """Raise UserError for folders that the user may not name, or that are not there."""
    for field in FOLDERS:
        text = getattr(batch, field)
        if text:
            user_folder(text, field, host.paths, host.options, owner, must_exist=field != "output_dir")
