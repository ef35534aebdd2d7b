"""The job that writes one file anew, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from app.api import (
    FLOAT_FORMATS,
    FORMATS_BY_WORD,
    JobResult,
    Json,
    ModelHeader,
    Run,
    TensorInfo,
    TensorReader,
    UserError,
    in_format,
    open_tensors,
    scaled_tensor,
    take_in,
    torch_dtype,
    write_safetensors,
)

from .params import ConvertRequest, find_model, target_of
from .pruning import pruned_names, told_dropped


def convert(run: Run, request: ConvertRequest) -> JobResult:
    """Write the new file; raises UserError that names the file and the reason."""
    record = find_model(request, run.host)
    target = target_of(request, record)

    def report(fraction: float, tensor: str) -> None:
        run.control.check()
        run.tell(f"Writing {target.name}: {tensor}", fraction)

    with open_tensors(Path(record.path)) as reader:
        header = reader.header
        if not header.tensors:
            raise UserError(f"{record.name}: has no tensors, there is nothing to convert.", field="model")
        kept = pruned_names(header.tensors, request.prune)
        planned = planned_tensors(header, kept, request)
        maker = Maker(reader, kept, planned)
        written = write_safetensors(target, planned, maker.make, metadata=header.metadata, report=report)
        if reader.left_out:
            run.comment(f"{record.name}: tensors that are no part of the model were left out: {', '.join(reader.left_out)}.")
    if told := told_dropped(header.tensors, kept, request.prune):
        run.comment(told)
    if maker.overflowed:
        run.comment(
            f"{len(maker.overflowed)} tensors have numbers that {request.number_format} cannot hold, such as {maker.overflowed[0]}."
        )
    take_in(run.host.models, request.folder_kind, written)
    facts: dict[str, Json] = {"path": str(target), "name": target.name, "tensors": written.tensors}
    return JobResult(info={**facts, "size_bytes": written.size_bytes, "sha256": written.sha256})


def planned_tensors(header: ModelHeader, kept: Mapping[str, str], request: ConvertRequest) -> dict[str, TensorInfo]:
    """What is written for each name; weights change their number format, whole numbers never do."""
    wanted = FORMATS_BY_WORD.get(request.number_format)
    infos = {name: header.tensors[source] for name, source in kept.items()}
    if wanted is None:
        return infos
    scaled = scaled_tensor(infos)
    if scaled:
        raise UserError(
            f"{header.path.name} has 8-bit weights with scales ({scaled}), whose number format cannot be changed.", field="model"
        )
    return {name: TensorInfo(wanted, info.shape) if info.dtype in FLOAT_FORMATS else info for name, info in infos.items()}


class Maker:
    """Reads tensors and changes their number format; ``overflowed`` names those that became infinite by it."""

    def __init__(self, reader: TensorReader, kept: Mapping[str, str], planned: Mapping[str, TensorInfo]) -> None:
        self._reader = reader
        self._kept = kept
        self._planned = planned
        self.overflowed: list[str] = []

    def make(self, name: str) -> Tensor:
        """One tensor of the new file."""
        made, has_overflowed = in_format(self._reader.read(self._kept[name]), torch_dtype(self._planned[name].dtype))
        if has_overflowed:
            self.overflowed.append(name)
        return made
