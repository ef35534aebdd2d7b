"""What an extension says of a kind of files that the page lists as cards: LoRAs, embeddings, checkpoints; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.values.model import ModelIdentity, ModelRecord
from app.values.networks import CardText, UserMetadata


def _fits_always(record: ModelRecord, checkpoint: ModelIdentity | None) -> str:
    return ""


@dataclass(frozen=True)
class NetworkType:
    """A kind of files that are used beside (or as) the checkpoint.

    ``id`` as in A1111's element ids ("lora", "textual_inversion"); ``folder_kind``: the kind of model folder that they lie in; ``tags``:
    types of prompt tags that mean such a file, ``<lora:...>``. ``insert`` gives what a click on a card puts into the prompts; None: a
    click does something else, which the extension's own page script does. ``unfit`` says why a file does not work with the loaded
    checkpoint, "" where it does or nobody knows.
    """

    id: str
    title: str
    folder_kind: str
    tags: tuple[str, ...] = ()
    insert: Callable[[ModelRecord, UserMetadata], CardText] | None = None
    unfit: Callable[[ModelRecord, ModelIdentity | None], str] = _fits_always
    order: int = 100
