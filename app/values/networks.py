"""What became of the files (LoRAs, embeddings, VAEs ...) that a picture was drawn with."""

from __future__ import annotations

from pydantic import Field

from app.values.base import Json, Value

SHOWN = 5
SENTENCES = (
    *("{} {}: {}/{} keys applied ({})", "{} {}: {}/{} keys applied ({}).", "{} {}: {}/{} keys applied", "{} {}: {}/{} keys applied."),
    *("{}; not matched: {}", "{}; not matched: {}.", "{} {}: nothing of it was used."),
)
"""The forms of what is told of a file, for tables of translations."""


class UserMetadata(Value):
    """What a user wrote about a model file, in the ``.json`` beside it, under A1111's keys; ``preferred_weight`` 0: none."""

    description: str = ""
    notes: str = ""
    sd_version: str = Field(default="", alias="sd version")
    activation_text: str = Field(default="", alias="activation text")
    negative_text: str = Field(default="", alias="negative text")
    preferred_weight: float = Field(default=0.0, alias="preferred weight")
    vae: str = ""


class NetworkNotes(Value):
    """What a model file says of itself: ``facts`` as (what, value), ``words`` of its training with their counts, ``triggers``: words
    that call for what it was trained on."""

    facts: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, int], ...] = ()
    triggers: tuple[str, ...] = ()


class CardText(Value):
    """What a click on a card adds to the prompts; ``network`` is the part by which it is found there again and taken out."""

    network: str
    prompt: str = ""
    negative: str = ""


class NetworkUse(Value):
    """The truth about one file that a job was to use.

    ``type``: id of its kind, ``name``: as it was asked for, ``file``: which file that was, "" where there is none. Of the file's
    ``total`` keys ``applied`` took effect, by part of the model in ``parts``; ``unmatched`` are (some of) the others. ``note``: what
    else the user should know.
    """

    type: str
    name: str
    file: str = ""
    sha256: str = ""
    strength: str = ""
    applied: int = 0
    total: int = 0
    parts: dict[str, int] = {}
    unmatched: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_whole(self) -> bool:
        """True when everything of the file took effect."""
        return self.applied == self.total > 0

    def told(self) -> dict[str, Json]:
        """For programs: everything, and the sentence."""
        fields: dict[str, Json] = self.model_dump(mode="json")
        return {"sentence": self.sentence(), **fields}

    def sentence(self) -> str:
        """For the user: "lora style: 264/264 keys applied (U-Net 192, text encoder 72)"."""
        if not self.total:
            return f"{self.type} {self.name}: {self.note or 'nothing of it was used.'}"
        parts = ", ".join(f"{part} {count}" for part, count in self.parts.items())
        text = f"{self.type} {self.name}: {self.applied}/{self.total} keys applied{f' ({parts})' if parts else ''}"
        if self.unmatched:
            more = " ..." if len(self.unmatched) > SHOWN else ""
            text += f"; not matched: {', '.join(self.unmatched[:SHOWN])}{more}"
        return f"{text}. {self.note}" if self.note else text
