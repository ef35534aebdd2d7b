"""Puts an error of a job into a sentence for the user."""

from __future__ import annotations

import traceback

from app.errors import PaintboxError, UserError
from app.memory import is_out_of_memory
from app.values.events import JobFailed
from app.values.job import JobResult

OUT_OF_MEMORY = "There was not enough memory for this job. Try a smaller size or batch, or close other programs."
LONGEST_MESSAGE = 2000


def job_failure(job_id: str, error: BaseException, result: JobResult) -> JobFailed:
    """The event for a job that ended with ``error``; the pictures it had made come along."""
    text = "".join(traceback.format_exception(error))
    return JobFailed(
        job_id=job_id,
        error=_valid_text(_sentence(error))[:LONGEST_MESSAGE],
        user_error=isinstance(error, UserError),
        traceback=_valid_text(text),
        result=result.model_copy(update={"error_field": _valid_text(error.field)}) if isinstance(error, UserError) else result,
    )


def _sentence(error: BaseException) -> str:
    if isinstance(error, PaintboxError):
        return str(error)
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if isinstance(error, SystemExit):
        return f"The job tried to end the whole program (SystemExit: {error.code}); it was stopped instead."
    message = str(error).strip()
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _valid_text(text: str) -> str:
    """Text that JSON can carry: broken characters are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
