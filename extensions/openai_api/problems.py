"""Errors in the form of OpenAI's API: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api import Problem

PREFIX = "/v1/"
UNPROCESSABLE, BAD_REQUEST = 422, 400
NOT_JSON, OF_PYDANTIC = "json_invalid", "Value error, "
CODES = {401: "invalid_api_key", 404: "not_found", 413: "request_too_large", 429: "rate_limit_exceeded"}


def openai_problem(problem: Problem) -> Problem | None:
    """The problem in that form; None for other routes. What is wrong with a request has the status 400."""
    if not problem.path.startswith(PREFIX):
        return None
    status = BAD_REQUEST if problem.status == UNPROCESSABLE else problem.status
    message, param = _said(problem.body)
    kind = "server_error" if status >= 500 else "authentication_error" if status == 401 else "invalid_request_error"
    code = "model_not_found" if status == 404 and param == "model" else CODES.get(status)
    return Problem(problem.path, status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def _said(body: Mapping[str, Any]) -> tuple[str, str | None]:
    """The sentence and the field at fault."""
    detail = body.get("detail")
    if isinstance(detail, list):
        first = detail[0] if detail else {}
        if first.get("type") == NOT_JSON:
            reason = (first.get("ctx") or {}).get("error", "it cannot be read")
            return f"The body is not JSON: {reason}.", None
        field = ".".join(str(part) for part in first.get("loc", ()) if part != "body")
        return f"{field or 'The body'}: {str(first.get('msg', 'is not as it should be')).removeprefix(OF_PYDANTIC)}.", field or None
    sentence = str(detail or body.get("errors") or body.get("error"))
    return sentence, str(body["field"]) if body.get("field") else None
