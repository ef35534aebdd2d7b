"""What a merged file says of its making: A1111's ``sd_merge_recipe`` and ``sd_merge_models``, and the files' own notes; no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.api import OWN_HASHES, Json, ModelRecord, UserError
from extensions.checkpoint_merger.params import NO_INTERPOLATION, MergeRequest
from extensions.checkpoint_merger.plan import MergePlan
from extensions.checkpoint_merger.sources import Sources

RECIPE, MODELS = "sd_merge_recipe", "sd_merge_models"
LEGACY_START, LEGACY_BYTES, LEGACY_DIGITS = 0x100000, 0x10000, 8


def parse_metadata(request: MergeRequest) -> dict[str, str]:
    """The metadata that the user has written; raises UserError, with the field, for anything but a JSON object."""
    try:
        given = json.loads(request.metadata_json or "{}")
    except (ValueError, RecursionError) as error:
        raise UserError(f"The metadata is no JSON: {error}.", field="metadata_json") from error
    if not isinstance(given, dict):
        raise UserError("The metadata must be a JSON object: {...}.", field="metadata_json")
    return {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in given.items()}


def joined_metadata(records: Iterable[ModelRecord]) -> dict[str, str]:
    """The notes of several files, those of the later ones on top."""
    joined: dict[str, str] = {}
    for record in records:
        joined |= record.metadata
    return joined


def make_metadata(request: MergeRequest, sources: Sources, plan: MergePlan) -> dict[str, str]:
    """The metadata of the result; the files' sha256 must be known for the recipe."""
    if not request.save_metadata:
        return {}
    metadata = joined_metadata(sources.models) if request.copy_metadata_fields else {}
    if request.method != NO_INTERPOLATION:
        metadata = {key: value for key, value in metadata.items() if key not in OWN_HASHES}
    metadata |= parse_metadata(request)
    if request.add_merge_recipe:
        metadata[RECIPE] = json.dumps(make_recipe(request, sources, plan), ensure_ascii=False)
        metadata[MODELS] = json.dumps(_models(sources.models), ensure_ascii=False)
    return {**metadata, "format": "pt"}


def make_recipe(request: MergeRequest, sources: Sources, plan: MergePlan) -> dict[str, Json]:
    """A1111's fields; those that it does not have only where they were used."""
    recipe: dict[str, Json] = {
        "type": "webui",
        "primary_model_hash": sources.primary.sha256,
        "secondary_model_hash": sources.secondary.sha256 if sources.secondary else None,
        "tertiary_model_hash": sources.tertiary.sha256 if sources.tertiary else None,
        "interp_method": request.method,
        "multiplier": request.multiplier,
        "save_as_half": request.save_as == "float16",
        "custom_name": request.custom_name,
        "config_source": request.config_source,
        "bake_in_vae": request.bake_in_vae,
        "discard_weights": request.discard_weights,
        "is_inpainting": plan.special == "inpainting",
        "is_instruct_pix2pix": plan.special == "instruct-pix2pix",
    }
    if request.save_as == "bfloat16":
        recipe["save_as"] = request.save_as
    if request.block_weights.strip() and request.method != NO_INTERPOLATION:
        recipe["block_weights"] = request.block_weights.strip()
    return recipe


def _models(records: Iterable[ModelRecord]) -> dict[str, Json]:
    """The merged files by their sha256, and those that they were merged of."""
    known: dict[str, Json] = {}
    for record in records:
        recipe = _parsed(record.metadata, RECIPE)
        known[record.sha256 or ""] = {"name": record.name, "legacy_hash": legacy_hash(Path(record.path)), RECIPE: recipe}
        earlier = _parsed(record.metadata, MODELS)
        known |= earlier if isinstance(earlier, dict) else {}
    return known


def _parsed(metadata: Mapping[str, str], key: str) -> Json:
    try:
        value: Json = json.loads(metadata.get(key) or "null")
    except (ValueError, RecursionError):
        return None
    return value


def legacy_hash(path: Path) -> str:
    """The short hash of A1111's first versions: of 64 KiB that begin at 1 MiB."""
    with path.open("rb") as file:
        file.seek(LEGACY_START)
        return hashlib.sha256(file.read(LEGACY_BYTES)).hexdigest()[:LEGACY_DIGITS]
