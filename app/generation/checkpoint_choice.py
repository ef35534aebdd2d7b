"""Which checkpoint a request means."""

from __future__ import annotations

from app.contracts import ModelFamily, Run
from app.errors import NotFoundError, UserError
from app.values.base import Json
from app.values.model import CHECKPOINT_KIND, CHECKPOINT_SETTING, ModelRecord
from app.values.plan import PlannedCheckpoint
from app.weights.hasher import hash_now
from app.weights.index import ModelIndex
from app.weights.loading import family_of


def choose_checkpoint(wanted: str | None, run: Run) -> tuple[ModelRecord, ModelFamily]:
    """The request's checkpoint, else the configured one, else the first that can be loaded; raises UserError, NotFoundError."""
    record = _asked_for(wanted, run) if wanted else _configured(run)
    family = family_of(record, run.host.families)
    if record.sha256 is None and run.host.options.hash_models:
        run.tell(f"Hashing {record.name}")
        record = hash_now(run.host.models, record)
    return record, family


def plan_checkpoint(wanted: str | None, run: Run) -> PlannedCheckpoint:
    """The checkpoint of this name as a plan has it; raises UserError, NotFoundError."""
    return planned(*choose_checkpoint(wanted, run))


def planned(record: ModelRecord, family: ModelFamily) -> PlannedCheckpoint:
    """What a plan keeps of a checkpoint."""
    return PlannedCheckpoint(
        path=record.path,
        name=record.stem,
        title=record.title,
        sha256=record.sha256,
        family=family.id,
    )


def no_checkpoint(wanted: str) -> NotFoundError:
    """The error for a name that no checkpoint has."""
    return NotFoundError(f"There is no checkpoint {wanted!r}.", hint="Refresh the list, or choose another one.", field="checkpoint")


def _asked_for(wanted: str, run: Run) -> ModelRecord:
    record: ModelRecord | None = run.host.models.find(CHECKPOINT_KIND, wanted)
    if record is None:
        raise no_checkpoint(wanted)
    return record


def _configured(run: Run) -> ModelRecord:
    setting = run.settings.get(CHECKPOINT_SETTING)
    record = configured(setting, run.host.models)
    if record is None:
        place = run.host.models.folders.get(CHECKPOINT_KIND)
        folders = ", ".join(str(root) for root in place.roots) if place else "the models folder"
        hint = f"Put a .safetensors checkpoint into {folders}."
        raise UserError("There is no checkpoint to draw with.", hint=hint)
    if setting and _named(setting, run.host.models) is None:
        run.comment(f"The checkpoint {setting!r} is not there any more; {record.name} is used instead.")
    return record


def configured(setting: Json, models: ModelIndex) -> ModelRecord | None:
    """The checkpoint that the setting names, else the first that can be loaded; None when there is none."""
    named = _named(setting, models)
    if named is not None:
        return named
    for record in models.records(CHECKPOINT_KIND):
        read = models.find(CHECKPOINT_KIND, record.path) if record.pending else record
        if read is not None and read.usable:
            return read
    return None


def _named(setting: Json, models: ModelIndex) -> ModelRecord | None:
    return models.find(CHECKPOINT_KIND, setting) if isinstance(setting, str) and setting else None
