"""The job that merges: tensor by tensor from the files into the new one, which appears when it is complete."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from app.api import JobResult, ModelRecord, Run, TensorReader, hash_file, narrowed, open_tensors, take_in, torch_dtype, write_safetensors
from extensions.checkpoint_merger.formula import add_difference, merge_channels, weighted_sum
from extensions.checkpoint_merger.params import MergeRequest
from extensions.checkpoint_merger.plan import MergedTensor, discard
from extensions.checkpoint_merger.recipe import make_metadata
from extensions.checkpoint_merger.sources import FOLDER, Prepared, Sources, prepare

CONFIG = ".yaml"
KEPT_FROM = ("A, B or C", "B", "C")


def merge(run: Run, request: MergeRequest) -> JobResult:
    """Write the merged checkpoint; raises UserError that names the file and the reason."""
    prepared = prepare(request, run.host)
    sources = with_hashes(prepared.sources, run) if request.save_metadata and request.add_merge_recipe else prepared.sources
    for remark in prepared.plan.remarks:
        run.comment(remark)
    target, plan = prepared.target, discard(prepared.plan, request)

    def report(fraction: float, name: str) -> None:
        run.control.check()
        run.tell(f"Writing {target.name}: {name}", fraction)

    with ExitStack() as stack:
        readers = [stack.enter_context(open_tensors(Path(record.path))) for record in sources.models]
        vae = stack.enter_context(open_tensors(Path(sources.vae.path))) if sources.vae else None
        worker = Worker(readers, vae)
        written = write_safetensors(
            target,
            {key: tensor.info for key, tensor in plan.tensors.items()},
            lambda key: worker.make(plan.tensors[key]),
            metadata=make_metadata(request, sources, plan),
            report=report,
        )
    if worker.overflowed:
        run.comment(f"{len(worker.overflowed)} tensors have numbers that {request.save_as} cannot hold, such as {worker.overflowed[0]}.")
    config = copy_config(request, prepared, run)
    record = take_in(run.host.models, FOLDER, written)
    return JobResult(
        info={
            "path": str(target),
            "name": record.name if record else target.name,
            "title": record.title if record else target.name,
            "size_bytes": written.size_bytes,
            "sha256": written.sha256,
            "tensors": written.tensors,
            "config": config,
        }
    )


def with_hashes(sources: Sources, run: Run) -> Sources:
    """The models with their sha256, computed where nobody has yet."""

    def go_on() -> bool:
        run.control.check()
        return True

    def hashed(record: ModelRecord | None) -> ModelRecord | None:
        if record is None:
            return None
        known: ModelRecord = run.host.models.with_known_hash(record)
        if known.sha256 is None:
            run.tell(f"Hashing {record.name}")
            sums = hash_file(Path(record.path), go_on)
            known = run.host.models.put_hash(record, *sums) if sums else known
        return known

    primary = hashed(sources.primary)
    assert primary is not None
    return replace(sources, primary=primary, secondary=hashed(sources.secondary), tertiary=hashed(sources.tertiary))


class Worker:
    """Makes the tensors of the result; ``overflowed`` names those with numbers that the wanted format made infinite."""

    def __init__(self, models: Sequence[TensorReader], vae: TensorReader | None) -> None:
        self._models = models
        self._vae = vae
        self.overflowed: list[str] = []

    def make(self, tensor: MergedTensor) -> Tensor:
        """One tensor of the result."""
        made = self._read(tensor)
        dtype = torch_dtype(tensor.info.dtype)
        if made.dtype is dtype:
            return made
        result, has_overflowed = narrowed(made, dtype)
        if has_overflowed:
            self.overflowed.append(tensor.first)
        return result

    def _read(self, tensor: MergedTensor) -> Tensor:
        if tensor.vae and self._vae is not None:
            return self._vae.read(tensor.vae).reshape(tensor.info.shape)
        first = self._models[0].read(tensor.first)
        if not tensor.second:
            return first
        part = first[:, : tensor.channels].clone() if tensor.channels else first
        second = self._models[1].read(tensor.second)
        if tensor.third:
            merged = add_difference(part, second, self._models[2].read(tensor.third), tensor.multiplier)
        else:
            merged = weighted_sum(part, second, tensor.multiplier)
        return merge_channels(first, merged) if tensor.channels else merged


def copy_config(request: MergeRequest, prepared: Prepared, run: Run) -> str:
    """Copy the ``.yaml`` that lies beside one of the models; returns the new file's name, "" where there is none."""
    sources = prepared.sources
    wanted = ((sources.primary, sources.secondary, sources.tertiary), (sources.secondary,), (sources.tertiary,), ())[request.config_source]
    beside = (Path(record.path).with_suffix(CONFIG) for record in wanted if record is not None)
    found = next((path for path in beside if path.is_file()), None)
    if found is None:
        if request.config_source in (1, 2):
            run.comment(f"There is no {CONFIG} beside the model {KEPT_FROM[request.config_source]} to copy.")
        return ""
    target = prepared.target.with_suffix(CONFIG)
    try:
        with found.open("rb") as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)
    except OSError as error:
        run.comment(f"{found.name} was not copied to {target.name} ({error.strerror or error}).")
        return ""
    return target.name
