"""What a click on a card puts into the prompts."""

from __future__ import annotations

from app.api import CardText, ModelRecord, UserMetadata

FIELDS = ("activation_text", "negative_text", "preferred_weight")


def card_text(record: ModelRecord, user: UserMetadata, multiplier: float) -> CardText:
    """``<hypernet:name:weight>``, and the words that the user wrote down for it; ``multiplier`` is the weight where they chose none."""
    weight = user.preferred_weight or multiplier
    negative = f"({user.negative_text}:1)" if user.negative_text else ""
    tag = f"<hypernet:{record.stem}:{weight:g}>"
    return CardText(network=f"<hypernet:{record.stem}:", prompt=f"{tag} {user.activation_text}".strip(), negative=negative)
