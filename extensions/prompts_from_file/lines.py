"""Makes a request of every line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.api import Cell, Cells, GenerationRequest, Json, RandomSeed, ScriptTask, UserError, field_extra, shown_samplers
from extensions.prompts_from_file.options import FIELD, read_line
from extensions.prompts_from_file.params import PromptsFromFileParams

if TYPE_CHECKING:
    from app.api import Host

MOST_LINES = 10_000
FIELDS = {
    "sd_model": "checkpoint",
    "sampler_name": "sampler",
    "seed_resize_from_w": "seed_resize_from_width",
    "seed_resize_from_h": "seed_resize_from_height",
    "n_iter": "batch_count",
    **{name: name for name in ("seed", "subseed", "subseed_strength", "steps", "cfg_scale", "width", "height", "batch_size")},
}
"""Options that are fields of a request, with their names there."""
SETTINGS: Mapping[str, tuple[str, bool]] = {
    "outpath_samples": ("outdir_samples", False),
    "outpath_grids": ("outdir_grids", False),
    "do_not_save_samples": ("samples_save", True),
    "do_not_save_grid": ("grid_save", True),
}
"""Options that are settings, and whether they say the opposite."""
OF_FEATURES = ("restore_faces", "tiling")
"""Options that are fields of a feature, by the name that they have in A1111's API."""
PROMPTS = ("prompt", "negative_prompt")


def begin(task: ScriptTask) -> Cells:
    """A cell for each line that is not empty; raises UserError that names the line at fault."""
    params = task.params
    assert isinstance(params, PromptsFromFileParams)
    lines = [(number, line.strip()) for number, line in enumerate(params.prompt_txt.splitlines(), start=1) if line.strip()]
    if not lines:
        raise UserError("There are no prompts.", hint="Type some, one a line, or read a file.", field=FIELD)
    if len(lines) > MOST_LINES:
        raise UserError(f"There are {len(lines)} lines; at most {MOST_LINES} can be drawn in one job.", field=FIELD)
    draws_seed = params.checkbox_iterate or params.checkbox_iterate_batch
    base = task.with_seeds() if draws_seed else task.request
    cells: list[Cell] = []
    for number, line in lines:
        cells.append(_cell(base, read_line(line, number), number, task))
        if params.checkbox_iterate and base.seed != RandomSeed:
            base = base.model_copy(update={"seed": base.seed + base.batch_size * base.batch_count})
    return Cells(cells)


def _cell(base: GenerationRequest, options: Mapping[str, Json], number: int, task: ScriptTask) -> Cell:
    """The request of one line."""
    assert isinstance(task.params, PromptsFromFileParams)
    changes: dict[str, Json] = {FIELDS[name]: value for name, value in options.items() if name in FIELDS}
    for name in PROMPTS:
        if options.get(name):
            changes[name] = _joined(str(options[name]), getattr(base, name), task.params.prompt_position)
    if "styles" in options:
        changes["styles"] = [name.strip() for name in str(options["styles"]).split(",") if name.strip()]
    if "sampler_index" in options and "sampler_name" not in options:
        changes["sampler"] = _sampler(int(str(options["sampler_index"])), number, task.host)
    settings = {key: value != opposite for name, (key, opposite) in SETTINGS.items() if isinstance(value := options.get(name), bool)}
    paths = {key: value for name, (key, _) in SETTINGS.items() if isinstance(value := options.get(name), str)}
    changes["settings"] = {**base.settings, **settings, **paths}
    params = _with_features(base, options, number, task.host)
    label = str(options.get("prompt_for_display") or options.get("prompt") or f"Line {number}")
    return Cell(request=_checked({**base.model_dump(mode="json"), **changes, "params": params}, number), label=label)


def _joined(line: str, typed: str, position: str) -> str:
    """The line and the prompt of the form."""
    if not typed:
        return line
    return f"{line} {typed}" if position == "start" else f"{typed} {line}"


def _sampler(index: int, number: int, host: Host) -> str:
    names = shown_samplers(host)
    if not 0 <= index < len(names):
        raise UserError(f"Line {number}: there is no sampler {index}.", hint=f"There are {len(names)}, counted from 0.", field=FIELD)
    return names[index]


def _with_features(base: GenerationRequest, options: Mapping[str, Json], number: int, host: Host) -> dict[str, dict[str, Json]]:
    """The features' parameters with the options that are theirs; raises UserError where nobody provides what is switched on."""
    params = {feature: dict(values) for feature, values in base.params.items()}
    for option in OF_FEATURES:
        if option not in options:
            continue
        owners = [
            (model.feature, name)
            for model in host.params
            for name, info in model.model_fields.items()
            if field_extra(info).get("api") == option
        ]
        if not owners and options[option]:
            raise UserError(f"Line {number}: --{option} cannot be used: no installed extension provides it.", field=FIELD)
        for feature, name in owners:
            params.setdefault(feature, {})[name] = options[option]
    return params


def _checked(values: Mapping[str, object], number: int) -> GenerationRequest:
    try:
        return GenerationRequest.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        given = {field: option for option, field in FIELDS.items()}.get(name, name)
        raise UserError(f"Line {number}: --{given}: {problem['msg']}.", field=FIELD) from error
