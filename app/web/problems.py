"""Turns errors into JSON answers of one shape, on every route of the host and of extensions."""

from __future__ import annotations

import json
import logging
import math
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Receive, Scope, Send

from app.contracts import Problem
from app.errors import UserError
from app.hooks import ExtensionError

logger = logging.getLogger(__name__)


HALF = "surrogates not allowed"
"""What Python says of half a character."""
SHAPE = "shape_problem"
"""Name in the application's state of the function that gives an error another form; None leaves it as it is."""


class ProblemResponse(JSONResponse):
    """JSON that may repeat what was sent: a number that is none becomes text, half a character is escaped."""

    def __init__(self, content: Any, status_code: int) -> None:
        super().__init__(content, status_code)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the form of the route."""
        shape = getattr(scope["app"].state, SHAPE, None) if "app" in scope else None
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))
        shaped = shape(Problem(path, self.status_code, self._content)) if shape is not None else None
        if shaped is not None:
            self.status_code, self.body = shaped.status, self.render(shaped.body)
            self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)

    def render(self, content: Any) -> bytes:
        """The body; always valid JSON."""
        return json.dumps(_finite(content), allow_nan=False).encode("ascii")


def add_problem_handlers(app: FastAPI) -> None:
    """A UserError keeps its status (4xx, 503, 507); what nobody foresaw is a 500 that names the error and is logged."""
    app.add_exception_handler(UserError, _user_error)
    app.add_exception_handler(UnicodeEncodeError, _half_character)
    app.add_exception_handler(ExtensionError, _unforeseen)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(StarletteHTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(Exception, _unforeseen)


def problem(status: int, error: str, detail: str, *, errors: str = "", **more: Any) -> ProblemResponse:
    """An error in the shape that A1111's clients know: error, detail, body, errors."""
    return ProblemResponse({"error": error, "detail": detail, "body": "", "errors": errors, **more}, status_code=status)


async def _user_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, UserError):
        raise error
    more = {"field": error.field} if error.field else {}
    return problem(error.status, type(error).__name__, str(error), **more)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, StarletteHTTPException):
        raise error
    answer = problem(error.status_code, "HTTPException", str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _no_route(request: Request, error: Exception) -> JSONResponse:
    """No such route, or not with this method; as A1111 says it."""
    if not isinstance(error, StarletteHTTPException):
        raise error
    answer = ProblemResponse({"detail": error.detail}, status_code=error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return ProblemResponse({"detail": jsonable_encoder(error.errors(), custom_encoder={bytes: _as_text})}, status_code=422)


async def _half_character(request: Request, error: Exception) -> JSONResponse:
    """JSON can hold half a character (``"\\ud800"``), which no file name, database or answer can; it only ever comes from a request."""
    if not isinstance(error, UnicodeEncodeError) or error.reason != HALF:
        return await _unforeseen(request, error)
    character = ascii(error.object[error.start])
    return problem(422, UserError.__name__, f"The request has a text with half a character in it, {character}.")


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, type(error).__name__, "", errors=str(error))


def _as_text(body: bytes) -> str:
    """A body that was no JSON, as an answer may repeat it."""
    return body.decode(errors="replace")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
