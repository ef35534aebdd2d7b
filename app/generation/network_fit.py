"""Families of models in words: their titles, and why a file made for one does not work with a checkpoint of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.host import Host


def unfit_for(family: str, checkpoint_family: str, host: Host) -> str:
    """A sentence that names both families by their titles; "" where they are the same, or one of them is not known ("")."""
    if not family or not checkpoint_family or family == checkpoint_family:
        return ""
    return f"Made for {family_title(family, host)}; the checkpoint is {family_title(checkpoint_family, host)}."


def family_title(family_id: str, host: Host) -> str:
    """The title of a family; of one that nothing installed can load, its id as a name."""
    family = host.families.find(family_id)
    return family.title if family is not None else family_id.capitalize()
