"""What an extension says of a kind of files that the page lists as cards: LoRAs, embeddings, checkpoints; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Protocol

from app.values.model import ModelIdentity, ModelRecord
from app.values.networks import CardText, NetworkNotes, UserMetadata

NOTHING_WRITTEN = UserMetadata.model_validate({})
"""For files of which no user has written anything."""


class Unfit(Protocol):
    """Says why a file does not work with the loaded checkpoint; "" where it does or nobody knows."""

    def __call__(self, record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata = NOTHING_WRITTEN) -> str:
        """``user``: what the user wrote about the file."""
        ...


def _fits_always(record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata = NOTHING_WRITTEN) -> str:
    return ""


def _is_always_one(record: ModelRecord) -> bool:
    return True


HidingRule = Callable[[ModelRecord, UserMetadata], bool]


def _hides_nothing(checkpoint: ModelIdentity | None) -> HidingRule | None:
    return None


def _looks_at_nothing(records: Sequence[ModelRecord]) -> None:
    return None


def _knows_nothing(record: ModelRecord) -> NetworkNotes:
    return NetworkNotes()


@dataclass(frozen=True)
class NetworkType:
    """A kind of files that are used beside (or as) the checkpoint.

    ``id`` as in A1111's element ids ("lora", "textual_inversion"); ``folder_kind``: the kind of model folder that they lie in; ``tags``:
    types of prompt tags that mean such a file, ``<lora:...>``. ``insert`` gives what a click on a card puts into the prompts; None: a
    click does something else, which the extension's own page script does when it hears the page's event ``paintbox:card``.
    """

    id: str
    title: str
    folder_kind: str
    _: KW_ONLY
    tags: tuple[str, ...] = ()
    insert: Callable[[ModelRecord, UserMetadata], CardText] | None = None
    unfit: Unfit = _fits_always
    order: int = 100
    kinds: tuple[str, ...] = ()
    """Kinds of ``ModelIdentity`` that such files are; one of another kind is greyed out and says what it is. Empty: as the index says."""
    is_one: Callable[[ModelRecord], bool] = _is_always_one
    """False for files of the folder that are none of this kind after all, which get no card."""
    hides: Callable[[ModelIdentity | None], HidingRule | None] = _hides_nothing
    """The rule by which files are left out that do not fit the checkpoint, instead of being greyed out; how many are is told."""
    look: Callable[[Sequence[ModelRecord]], None] = _looks_at_nothing
    """Called with all files whenever their list is made anew, for what depends on the others (names that several have)."""
    notes: Callable[[ModelRecord], NetworkNotes] = _knows_nothing
    """What the file says of itself, in words; it is asked for one file at a time."""
    current: Callable[[], ModelRecord | None] | None = None
    """The file in use, where a click chooses one; None where the prompts tell which are in use."""
    follows_focus: bool = False
    """The text goes into the prompt box that was used last: the words of embeddings are good for both."""
    fields: tuple[str, ...] = ()
    """Fields of ``UserMetadata`` that the page's editor offers beside description and notes."""
    choices: Callable[[str], Sequence[str]] | None = None
    """What such a field can be chosen from, by its name; nothing: any text."""
    preview_ending: str = ".png"
    """How the name of a preview ends that is made from a picture: after the model file's name without suffix."""
