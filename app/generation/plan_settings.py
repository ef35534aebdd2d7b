"""Settings that a request brings for itself."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from app.errors import UserError
from app.settings import Settings
from app.values.base import Json


def check_settings(given: Mapping[str, Json], settings: Settings) -> dict[str, Json]:
    """The values as the settings keep them; raises UserError for an unknown key or a value that it cannot have."""
    return {key: _checked(key, value, settings) for key, value in given.items()}


def _checked(key: str, value: Json, settings: Settings) -> Json:
    try:
        return settings.option(key).validate(value)
    except ValidationError as error:
        raise UserError(f"The setting {key!r} cannot be {value!r}: {error.errors()[0]['msg']}.", field=key) from error
