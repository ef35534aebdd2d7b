"""Renames a model file or moves it to a sub-folder, with everything that belongs to it and what is known of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import CHECKPOINT_KIND, Json, ModelRecord, UserError, Value, read_notes

from .moving import move_file
from .names import check_folder, check_name, suffix_of
from .places import model_folder, refuse_taken, root_of
from .sidecars import shares_its_name, sidecars_of

if TYPE_CHECKING:
    from app.api import Host

WORDS_FOR_NOTHING = ("none", "automatic", "")
VAES, VAE_NOTE = ("vae", "checkpoint_vae"), "vae"
SHOWN = 5


class Moved(Value):
    """What came of it: the file's new name below its kind's folder, what went along, and sentences for the user."""

    folder_kind: str
    name: str
    title: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def rename_model(record: ModelRecord, name: str, host: Host) -> Moved:
    """Give it another name in its folder, with or without the suffix, which stays; raises UserError, 409 where the name is taken."""
    folder, path = model_folder(record.folder_kind, host), Path(record.path)
    suffix = suffix_of(path.name, folder) or path.suffix
    wanted = name if name.lower().endswith(suffix.lower()) else name + suffix
    return relocate(record, path.with_name(check_name(wanted, folder)), host)


def move_model(record: ModelRecord, folder: str, host: Host) -> Moved:
    """Put it into a sub-folder ("": none) of the folder that it lies in; raises UserError, 409 where its name is taken there."""
    return relocate(record, root_of(record) / check_folder(folder) / Path(record.path).name, host)


def relocate(record: ModelRecord, target: Path, host: Host) -> Moved:
    """Move the model and its sidecars; all or nothing."""
    source = Path(record.path)
    if target == source:
        raise UserError(f"{record.name} is called so already.", field="name")
    refuse_while_drawing(record, host)
    shared = shares_its_name(record, host)
    moves = [(source, target)]
    if not shared:
        moves += [(file, target.with_name(target.stem + file.name[len(source.stem) :])) for file in sidecars_of(record, host)]
    for old, new in moves:
        refuse_taken(new, but=old)
    move_all(moves, host)
    moved = record_at(target, record.folder_kind, host)
    notes = [f"{shared} has the same name, so the pictures and notes beside it stay where they are."] if shared else []
    notes += [*rename_in_settings(record, moved, host), *left_names(record, host)]
    return Moved(
        folder_kind=moved.folder_kind, name=moved.name, title=moved.title, files=tuple(new.name for _, new in moves), notes=tuple(notes)
    )


def move_all(moves: list[tuple[Path, Path]], host: Host) -> None:
    """Move files one after another; when one cannot be moved, those before it go back."""
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            if old.name.casefold() == new.name.casefold() and old.parent == new.parent:
                old.rename(new)
            else:
                move_file(old, new)
            done.append((old, new))
    except (UserError, OSError):
        for old, new in reversed(done):
            move_file(new, old)
        raise
    for old, new in moves:
        host.models.note_move(old, new)


def refuse_while_drawing(record: ModelRecord, host: Host) -> None:
    """Raise UserError (409) for the checkpoint that a worker is drawing with: it may want to read its weights again."""
    status = host.jobs.worker_status()
    if status.state == "busy" and status.model in (record.title, record.name):
        raise UserError(f"{record.name} is just being drawn with.", hint="Wait until the picture is finished.", field="model", status=409)


def record_at(path: Path, kind: str, host: Host) -> ModelRecord:
    """The record of a file that was just put there."""
    host.models.refresh(kind)
    record = host.models.find(kind, str(path))
    if record is None:
        raise UserError(f"{path.name} was put into its folder but is not found there.", hint="Refresh the list.", status=503)
    return record


def settings_naming(record: ModelRecord, host: Host) -> dict[str, str]:
    """The settings whose value means this file, with that value."""
    names = set(_names(record).values())
    found: dict[str, str] = {}
    for key, option in host.settings.options.items():
        value = host.settings.get(key) if option.choices is not None else None
        if isinstance(value, str) and value in names and value.lower() not in WORDS_FOR_NOTHING:
            found[key] = value
    return found


def rename_in_settings(old: ModelRecord, new: ModelRecord, host: Host) -> list[str]:
    """Let the settings that mean the file go on meaning it; returns sentences about that."""
    before, after = _names(old), _names(new)
    notes = []
    for key, value in settings_naming(old, host).items():
        form = next(form for form, name in before.items() if name == value)
        notes.append(set_if_possible(key, after[form], f"It is chosen under {host.settings.option(key).label!r} by its new name.", host))
    return notes


def left_names(old: ModelRecord, host: Host) -> list[str]:
    """Sentences on where the file's old name still stands and is not changed: texts of settings that may mean it, notes of checkpoints."""
    names = set(_names(old).values())
    notes = []
    for key, option in host.settings.options.items():
        value = host.settings.get(key) if option.choices is None and not option.is_secret else None
        if isinstance(value, str) and value in names and value.lower() not in WORDS_FOR_NOTHING:
            notes.append(f"The setting {option.label!r} still says {value!r}: change it there if it means this file.")
    if old.folder_kind in VAES and (preferring := _that_prefer(Path(old.path).name, host)):
        shown = ", ".join(preferring[:SHOWN]) + (" ..." if len(preferring) > SHOWN else "")
        notes.append(f"The notes of {shown} still name it as the VAE to use: choose it there anew.")
    return notes


def _that_prefer(name: str, host: Host) -> list[str]:
    """The checkpoints whose notes name this VAE file."""
    found = []
    for record in host.models.records(CHECKPOINT_KIND) if CHECKPOINT_KIND in host.models.folders else ():
        with suppress(UserError):  # notes that cannot be read name nothing; whoever opens them is told
            if read_notes(Path(record.path).with_suffix(".json")).get(VAE_NOTE) == name:
                found.append(record.name)
    return found


def set_if_possible(key: str, value: Json, sentence: str, host: Host) -> str:
    """Change a setting; where it is frozen, the sentence says so instead."""
    reason = host.settings.lock_reason(key)
    if reason:
        return f"The setting {host.settings.option(key).label!r} still names the old file, because {reason}."
    host.settings.set({key: value})
    return sentence


def _names(record: ModelRecord) -> dict[str, str]:
    """The ways in which settings name a file, the most exact one first."""
    path = Path(record.path)
    return {"title": record.title, "name": record.name, "path": record.path, "file": path.name, "stem": path.stem}
