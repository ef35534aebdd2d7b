"""What the infotexts of a batch's pictures say goes into their requests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from app.api import GenerationRequest, Json, Run, UserError, open_image, parse_infotext, split_sampler, understand_metadata
from extensions.img2img.batch_kind import Img2ImgBatch

PROMPTS = {"Prompt": "prompt", "Negative prompt": "negative_prompt"}
NUMBERS = {"Seed": "seed", "CFG scale": "cfg_scale", "Steps": "steps"}


def with_png_info(request: GenerationRequest, batch: Img2ImgBatch, path: Path, name: str, run: Run) -> GenerationRequest:
    """The request with the wanted fields of the picture's infotext: prompts are appended, all others replaced."""
    if not batch.use_png_info:
        return request
    source = run.host.paths.resolve(batch.png_info_dir) / name if batch.png_info_dir else path
    if not source.is_file():
        raise UserError(f"There is no {name} in the folder of the PNG info.", field="png_info_dir")
    reading = understand_metadata(open_image(source, name).metadata, run.host)
    if reading is None:
        run.comment("It holds no generation parameters.")
        return request
    fields = parse_infotext(reading.infotext)
    wanted = {label: fields[label] for label in batch.png_info_fields if fields.get(label)}
    try:
        return GenerationRequest.model_validate({**request.model_dump(), **_changes(request, wanted, fields, run)})
    except ValidationError as error:
        raise UserError(f"Its infotext has a value that cannot be: {error.errors()[0]['msg']}.") from error


def _changes(request: GenerationRequest, wanted: Mapping[str, str], fields: Mapping[str, str], run: Run) -> dict[str, Json]:
    changes: dict[str, Json] = {}
    for label, key in PROMPTS.items():
        if label in wanted:
            changes[key] = f"{getattr(request, key)} {wanted[label]}".strip()
    changes |= {key: wanted[label] for label, key in NUMBERS.items() if label in wanted}
    if "Sampler" in wanted:
        sampler, combined = split_sampler(wanted["Sampler"], run.host.samplers, run.host.schedules)
        if sampler is None:
            raise UserError(f"There is no sampler {wanted['Sampler']!r} here.", field="sampler")
        changes |= {"sampler": sampler.name, "scheduler": combined or fields.get("Schedule type") or "Automatic"}
    if "Model hash" in wanted:
        record = run.host.models.find("checkpoint", wanted["Model hash"])
        if record is None:
            run.comment(f"There is no checkpoint with the hash {wanted['Model hash']}; the one in use was taken.")
        else:
            changes["checkpoint"] = record.title
    return changes
