"""The job that converts one file, in a worker."""

from __future__ import annotations

from pathlib import Path

from app.api import JobResult, Run, convert_to_safetensors

from .params import ConvertRequest, find_model, target_of


def convert(run: Run, request: ConvertRequest) -> JobResult:
    """Write the new file; raises UserError that names the file and the reason."""
    record = find_model(request, run.host)
    target = target_of(request, record)

    def report(fraction: float, tensor: str) -> None:
        run.control.check()
        run.tell(f"Writing {target.name}: {tensor}", fraction)

    written = convert_to_safetensors(Path(record.path), target, report)
    if written.left_out:
        run.comment(f"{record.name}: tensors that are no part of the model were left out: {', '.join(written.left_out)}.")
    return JobResult(info={"path": str(target), "name": target.name, "tensors": written.tensors, "size_bytes": written.size_bytes})
