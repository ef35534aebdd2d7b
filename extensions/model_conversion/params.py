"""The request of the job that converts a model file, and where the new file goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelRecord, NotFoundError, UserError, Value

if TYPE_CHECKING:
    from app.api import Host

KIND = "convert_model"
SUFFIX = ".safetensors"
PICKLES = (".ckpt", ".pt", ".pth", ".bin")


class ConvertRequest(Value):
    """A model by the kind of its folder and its name, title or hash; ``name`` of the new file beside it, "": that of the old one."""

    model: str
    folder_kind: str = "checkpoint"
    name: str = ""


def find_model(request: ConvertRequest, host: Host) -> ModelRecord:
    """The file that is meant; raises NotFoundError, and UserError for files that are no pickles by their name."""
    if request.folder_kind not in host.models.folders:
        raise NotFoundError(f"There is no model folder of the kind {request.folder_kind!r}.", field="folder_kind")
    record = host.models.find(request.folder_kind, request.model)
    if record is None:
        raise NotFoundError(f"There is no model {request.model!r} in the folders of the kind {request.folder_kind!r}.", field="model")
    if Path(record.path).suffix.lower() not in PICKLES:
        raise UserError(f"{record.name} is no pickled model file.", hint=f"Those end in {', '.join(PICKLES)}.", field="model")
    return record


def target_of(request: ConvertRequest, record: ModelRecord) -> Path:
    """The path of the new file; raises UserError for names with folders, and where there is a file already."""
    source = Path(record.path)
    name = request.name or source.stem
    if Path(name).name != name or "\\" in name:
        raise UserError(f"{name!r} is no file name.", hint="Give it without folders.", field="name")
    target = source.with_name(name if name.lower().endswith(SUFFIX) else name + SUFFIX)
    if target.exists():
        raise UserError(f"There is a file {target.name} already.", hint="Choose another name.", field="name")
    return target
