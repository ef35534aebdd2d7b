"""Turns what somebody asked for into a job, or says which field is wrong."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from app.contracts import JobKind
from app.errors import UserError
from app.values.base import Json
from app.values.job import Job


def make_job(kind: JobKind, request: Mapping[str, Json], settings: Mapping[str, Json], *, owner: str, source: str, now: float) -> Job:
    """A queued job whose request the kind's model has accepted; raises UserError that names the field."""
    try:
        checked = kind.model.model_validate(request)
        _check(kind, checked, owner)
        job = Job(
            id=uuid.uuid4().hex,
            kind=kind.id,
            owner=owner,
            source=source,
            request=checked.model_dump(mode="json"),
            settings=dict(settings),
            created=now,
        )
        job.model_dump_json()
    except ValidationError as error:
        raise _field_error(kind, error) from error
    except PydanticSerializationError as error:
        raise UserError(
            f"The request ({kind.title}) holds characters that are no valid text.", hint="Remove them and ask again."
        ) from error
    return job


def _check(kind: JobKind, request: BaseModel, owner: str) -> None:
    """Let the kind look at the request; one whose check breaks, or calls sys.exit, refuses the job and harms nothing else."""
    try:
        kind.check(request)
        kind.check_owner(request, owner)
    except UserError:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise  # the user's own; elsewhere only an extension can have raised it
        raise UserError(
            f"{kind.title}: the request could not be checked ({type(error).__name__}: {error}).",
            hint="This is a fault of the extension that provides this kind of job.",
            status=503,
        ) from error


def _field_error(kind: JobKind, error: ValidationError) -> UserError:
    """One sentence about every field at fault; ``field`` is the first."""
    problems = error.errors(include_url=False, include_context=False)
    names = [".".join(str(part) for part in problem["loc"]) for problem in problems]
    sentences = [f"{name or 'request'}: {problem['msg']}" for name, problem in zip(names, problems, strict=True)]
    return UserError(f"{kind.title}: {'; '.join(sentences)}.", hint="Correct the request.", field=names[0])
