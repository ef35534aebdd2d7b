"""The job kind "img2img_batch": image to image for each picture of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.api import (
    GenerationRequest,
    JobKind,
    JobResult,
    Run,
    Upload,
    UserError,
    Value,
    check_uploads,
    count_given,
    typed_as,
    user_folder,
)

if TYPE_CHECKING:
    from app.api import Host

KIND = "img2img_batch"
FOLDERS = ("input_dir", "output_dir", "mask_dir", "png_info_dir")
PNG_INFO_FIELDS = ("Prompt", "Negative prompt", "Seed", "CFG scale", "Sampler", "Steps", "Model hash")
OUTPUT_SETTING = "outdir_samples"


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
        batch = typed(request)
        check_folders(batch, owner, host)
        check_uploads(batch.uploads, owner, host)
        host.job_kinds.get("generate").check_owner(batch.request, owner)

    def run_batch(run: Run, request: BaseModel) -> JobResult:
        from extensions.img2img.batch import draw_batch

        batch = typed(request)
        check_folders(batch, run.job.owner, host)
        return draw_batch(batch, run)

    def parts(request: BaseModel) -> int:
        batch = typed(request)
        return count_given(batch, host, deep=True) * batch.request.batch_count

    def asked(request: BaseModel) -> GenerationRequest:
        return typed(request).request

    return JobKind(KIND, "Image to image for a folder", Img2ImgBatch, run_batch, check, parts, asked, check_owner=check_owner)


def typed(request: BaseModel) -> Img2ImgBatch:
    """The request."""
    return typed_as(Img2ImgBatch, request)


def check_folders(batch: Img2ImgBatch, owner: str, host: Host) -> None:
    """Raise UserError for folders that the user may not name, or that are not there."""
    for field in FOLDERS:
        text = getattr(batch, field)
        if text:
            user_folder(text, field, host.paths, host.options, owner, must_exist=field != "output_dir")
