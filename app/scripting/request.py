"""What is asked of the queue when a script is to be used."""

from __future__ import annotations

import secrets

from pydantic import Field

from app.values.base import Json, Value
from app.values.request import GenerationRequest

SCRIPT_KIND = "script"
"""The kind of jobs that scripts are."""


class ScriptRequest(Value):
    """``script`` is its id, ``form`` the id of the form whose request it is, ``params`` the values of its fields by name.

    ``salt``: everything random follows from it; drawn when the job is taken. ``resumes``: the job whose finished cells are taken over.
    """

    script: str
    form: str
    request: GenerationRequest
    params: dict[str, Json] = {}
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=64)
    resumes: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")
