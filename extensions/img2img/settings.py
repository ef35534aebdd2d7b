"""A run's settings in the types of this extension."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from app.api import Run

M = TypeVar("M", bound=BaseModel)


def settings_of(model: type[M], run: Run) -> M:
    """The settings whose keys are the fields of ``model``."""
    return model.model_validate({name: run.settings[name] for name in model.model_fields if name in run.settings})
