"""The embeddings in the folder: their names, sizes and reasons against them, by what the model index knows; no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import CHECKPOINT_KIND, CHECKPOINT_SETTING, Json, ModelIdentity, ModelRecord, StashKey, unfit_for
from extensions.textual_inversion.identify import KIND, vectors_of
from extensions.textual_inversion.layout import FAMILIES
from extensions.textual_inversion.pictures import is_picture, is_preview, read_picture

if TYPE_CHECKING:
    from app.api import Host

FOLDER = "embeddings"
COUNTED = StashKey[tuple[object, Mapping[str, int]]]("embeddings for the token counter")
FACTS = ("step", "sd_checkpoint", "sd_checkpoint_name")


@dataclass(frozen=True)
class Listed:
    """One file with its word; ``problem`` says why it is no use at all, "" where it may be."""

    name: str
    record: ModelRecord
    count: int = 0
    widths: tuple[int, ...] = ()
    problem: str = ""

    @property
    def family(self) -> str:
        """The family it was made for; "" where nobody knows."""
        return FAMILIES.get(self.widths, "")


def listed(host: Host) -> list[Listed]:
    """Every embedding in the folder, and what looks like one by its suffix; pictures only where they carry one."""
    return [found for record in host.models.records(FOLDER) if (found := listed_file(record)) is not None]


def listed_file(record: ModelRecord) -> Listed | None:
    """What is known of one file; None for pictures that carry nothing, and for those of cards."""
    path, identity = Path(record.path), record.identity
    is_one = identity is not None and identity.kind == KIND
    if is_picture(path) and (is_preview(path) or not (is_one or record.pending)):
        return None
    name = identity.title if identity is not None and is_picture(path) else record.stem
    count, widths = vectors_of(identity)
    if count:
        return Listed(name, record, count, widths)
    if record.pending:
        return Listed(name, record, problem=f"{record.name} is still being read.")
    if identity is not None and not is_one:
        return Listed(name, record, problem=f"{record.name} is no embedding ({identity.title or identity.kind}).")
    return Listed(name, record, problem=record.problem or f"{record.name} is no embedding.")


def chosen_family(host: Host) -> str:
    """The family of the checkpoint in the settings; "" where none is chosen or nobody knows."""
    name = host.settings.get(CHECKPOINT_SETTING)
    record = host.models.find(CHECKPOINT_KIND, str(name)) if name and CHECKPOINT_KIND in host.models.folders else None
    return record.identity.family if record is not None and record.identity is not None else ""


def unfit_reason(record: ModelRecord, checkpoint: ModelIdentity | None, host: Host) -> str:
    """Why a file does not work with the checkpoint; "" where it may."""
    found = listed_file(record)
    if found is None:
        return "A picture that carries no embedding."
    return found.problem or unfit_for(found.family, checkpoint.family if checkpoint else "", host)


def split(found: Iterable[Listed], family: str, host: Host) -> tuple[dict[str, Listed], list[tuple[Listed, str]]]:
    """The embeddings by name that work with checkpoints of a family, and the others with the reason; of one name the first works."""
    loaded: dict[str, Listed] = {}
    skipped: list[tuple[Listed, str]] = []
    for one in found:
        reason = one.problem or unfit_for(one.family, family, host)
        if not reason and one.name in loaded:
            reason = f"{loaded[one.name].record.name} has the same name."
        if reason:
            skipped.append((one, reason))
        else:
            loaded[one.name] = one
    return loaded, skipped


def counted_words(host: Host) -> Mapping[str, int]:
    """The words that work with the chosen checkpoint, with their vectors; worked out anew only when the files or the checkpoint change."""
    state = (host.models.state(FOLDER), chosen_family(host))
    known = host.stash.get(COUNTED, None)
    if known is None or known[0] != state:
        loaded, _ = split(listed(host), state[1], host)
        known = host.stash[COUNTED] = (state, {name: one.count for name, one in loaded.items()})
    return known[1]


def facts_of(one: Listed) -> dict[str, Json]:
    """``step``, ``sd_checkpoint`` and ``sd_checkpoint_name`` as the file tells them; raises UserError for a picture that has changed."""
    path = Path(one.record.path)
    if is_picture(path):
        picture = read_picture(path) if one.count else None
        values = (picture.step, picture.checkpoint_hash, picture.checkpoint_name) if picture else (None, None, None)
        return dict(zip(FACTS, values, strict=True))
    told = one.record.metadata
    step = told.get("step", "")
    texts = {key: told[key] if told.get(key) not in (None, "", "null") else None for key in FACTS[1:]}
    return {"step": int(step) if step.isdecimal() else None, **texts}
