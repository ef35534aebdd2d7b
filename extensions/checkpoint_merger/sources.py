"""Finds the files of a merge, reads their headers, and settles the name of the result; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelHeader, ModelRecord, NotFoundError, UserError, new_model_file, without_forbidden
from extensions.checkpoint_merger.params import ADD_DIFFERENCE, NO_INTERPOLATION, NONE, VAE_FOLDERS, WEIGHTED_SUM, MergeRequest
from extensions.checkpoint_merger.plan import MergePlan, plan_merge

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "checkpoint"
MISSING = {
    "primary": "Choose a primary model.",
    "secondary": "Choose a secondary model.",
    "tertiary": "Choose a tertiary model.",
}


@dataclass(frozen=True)
class Sources:
    """The files that a merge reads; B and C only where the method uses them."""

    primary: ModelRecord
    secondary: ModelRecord | None = None
    tertiary: ModelRecord | None = None
    vae: ModelRecord | None = None

    @property
    def models(self) -> tuple[ModelRecord, ...]:
        """A, and B and C where there are such."""
        return tuple(record for record in (self.primary, self.secondary, self.tertiary) if record is not None)


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before a weight is read."""

    sources: Sources
    plan: MergePlan
    target: Path


def prepare(request: MergeRequest, host: Host) -> Prepared:
    """Check a request against the files' headers; raises UserError and NotFoundError that name the field."""
    if request.checkpoint_format == "ckpt":
        raise UserError(
            "A .ckpt is a pickle, which can carry code; Paintbox writes safetensors only.",
            hint="A1111 and other programs read .safetensors as well.",
            field="checkpoint_format",
        )
    sources = find_sources(request, host)

    def header(record: ModelRecord | None) -> ModelHeader | None:
        return host.models.header(record) if record else None

    others = header(sources.secondary), header(sources.tertiary), header(sources.vae)
    plan = plan_merge(request, host.models.header(sources.primary), *others)
    target = new_model_file(host.models.folders[FOLDER].roots, result_name(request, sources, plan), field="custom_name")
    return Prepared(sources, plan, target)


def find_sources(request: MergeRequest, host: Host) -> Sources:
    """The files; those that the method does not use are not looked for."""
    if FOLDER not in host.models.folders:
        raise NotFoundError("No installed extension has checkpoints.", field="primary")
    two, three = request.method != NO_INTERPOLATION, request.method == ADD_DIFFERENCE
    return Sources(
        find_model(request.primary, "primary", host),
        _needed(request.secondary, "secondary", request.method, host) if two else None,
        _needed(request.tertiary, "tertiary", request.method, host) if three else None,
        find_vae(request.bake_in_vae, host),
    )


def _needed(name: str, field: str, method: str, host: Host) -> ModelRecord:
    if not name or name == NONE:
        raise UserError(f"The method {method!r} needs more models.", hint=MISSING[field], field=field)
    return find_model(name, field, host)


def find_model(name: str, field: str, host: Host) -> ModelRecord:
    """The checkpoint that ``field`` names; raises UserError and NotFoundError."""
    if not name:
        raise UserError(MISSING[field], field=field)
    record = host.models.find(FOLDER, name)
    if record is None:
        raise NotFoundError(f"There is no checkpoint {name!r}.", field=field)
    return record


def find_vae(name: str, host: Host) -> ModelRecord | None:
    """The file to bake in; None for "None"."""
    if not name or name == NONE:
        return None
    for kind in VAE_FOLDERS:
        record = host.models.find(kind, name) if kind in host.models.folders else None
        if record is not None:
            return record
    raise NotFoundError(f"There is no VAE {name!r}.", field="bake_in_vae")


def result_name(request: MergeRequest, sources: Sources, plan: MergePlan) -> str:
    """The custom name, or A1111's: "0.7(A) + 0.3(B)"; with what the result draws with behind it."""
    name = request.custom_name.strip() or default_name(request, *sources.models)
    return name.removesuffix(".safetensors") + plan.name_suffix


def default_name(request: MergeRequest, *models: ModelRecord) -> str:
    """What A1111 calls the result of these models."""
    names = [without_forbidden(record.name.rpartition(".")[0]).strip(". ") for record in models]
    amount, rest = round(float(request.multiplier), 2), round(1 - float(request.multiplier), 2)
    if request.method == WEIGHTED_SUM:
        return f"{rest}({names[0]}) + {amount}({names[1]})"
    return f"{names[0]} + {amount}({names[1]} - {names[2]})" if request.method == ADD_DIFFERENCE else names[0]
