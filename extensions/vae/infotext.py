"""What an infotext tells of the VAE: its file's name and hash; nothing for the checkpoint's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.api import GenerationPlan, ModelRecord, PlanInfo, Run, hash_file
from extensions.vae.wanted import wanted_vae


def vae_items(plan: GenerationPlan, run: Run) -> PlanInfo:
    """``VAE`` and ``VAE hash`` (10 digits) of the first pass's checkpoint, as far as the settings want them."""
    record = wanted_vae(plan.first.checkpoint.path, run).record
    if record is None:
        return {}
    items: Mapping[str, str | None] = {
        "VAE hash": with_hash(record, run).short_hash if run.settings.get("add_vae_hash_to_info") else None,
        "VAE": Path(record.path).name if run.settings.get("add_vae_name_to_info") else None,
    }
    return items


def with_hash(record: ModelRecord, run: Run) -> ModelRecord:
    """The record with the file's hash, computed if nobody has yet; without where the command line wants no hashes."""
    if not run.host.options.hash_models:
        return record
    known: ModelRecord = run.host.models.with_known_hash(record)
    if known.sha256 is None:
        computed = hash_file(Path(record.path))
        known = run.host.models.put_hash(record, *computed) if computed else known
    return known
