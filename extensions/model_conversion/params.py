"""The request of the job that writes a model file anew, and where the new file goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from app.api import ModelRecord, NotFoundError, UserError, Value, new_model_file

if TYPE_CHECKING:
    from app.api import Host

KIND = "convert_model"
PREFIX, CONVERT_AT = "/paintbox/v1/models", "/convert"
SUFFIX = ".safetensors"
READABLE = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
NumberFormat = Literal["", "float32", "float16", "bfloat16"]
Prune = Literal["", "no-ema", "ema-only"]


class ConvertRequest(Value):
    """A model by the kind of its folder and its name, title or hash; ``name`` of the new file beside it, "": that of the old one.

    ``number_format`` of the weights, "": as they are. ``prune``: which of the two sets of weights a training checkpoint keeps, and
    nothing that only training needs; "" keeps everything.
    """

    model: str = Field(title="Model")
    folder_kind: str = Field("checkpoint", title="Folder")
    name: str = Field("", title="Name of the new file")
    number_format: NumberFormat = Field("", title="Number format")
    prune: Prune = Field("", title="Prune")


def find_model(request: ConvertRequest, host: Host) -> ModelRecord:
    """The file that is meant; raises NotFoundError, and UserError for files of another kind by their name."""
    if request.folder_kind not in host.models.folders:
        raise NotFoundError(f"There is no model folder of the kind {request.folder_kind!r}.", field="folder_kind")
    if not request.model:
        raise UserError("Choose a model.", field="model")
    record = host.models.find(request.folder_kind, request.model)
    if record is None:
        raise NotFoundError(f"There is no model {request.model!r} in the folders of the kind {request.folder_kind!r}.", field="model")
    suffix = Path(record.path).suffix.lower()
    if suffix not in READABLE:
        raise UserError(f"{record.name} cannot be converted.", hint=f"Files that can end in {', '.join(READABLE)}.", field="model")
    if suffix == SUFFIX and not (request.number_format or request.prune):
        raise UserError(f"{record.name} is a safetensors file already.", hint="Choose a number format or what to prune.", field="model")
    return record


def target_of(request: ConvertRequest, record: ModelRecord) -> Path:
    """The path of the new file; raises UserError for names with folders, and where there is a file already."""
    source = Path(record.path)
    name = request.name or source.stem + name_suffix(request, source)
    if "/" in name or "\\" in name:
        raise UserError(f"{name!r} is no file name.", hint="Give it without folders.", field="name")
    return new_model_file([source.parent], name)


def name_suffix(request: ConvertRequest, source: Path) -> str:
    """What is put behind the old name where the new file is no mere copy in another container."""
    if source.suffix.lower() != SUFFIX:
        return ""
    short = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}.get(request.number_format, "")
    return "".join(f"-{word}" for word in ("pruned" if request.prune else "", short) if word)
