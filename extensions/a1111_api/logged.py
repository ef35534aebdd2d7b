"""--api-log: a line in the log for every call of the API."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from app.api import UserError
from extensions.a1111_api.any_json import AnyJsonRoute

logger = logging.getLogger(__name__)


class LoggedRoute(AnyJsonRoute):
    """Logs method, path, status, client and duration of a call when it has been answered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler and the line."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            began, status = time.perf_counter(), 500
            try:
                response = await handler(request)
                status = response.status_code
                return response
            except UserError as error:
                status = error.status
                raise
            except RequestValidationError:
                status = 422
                raise
            finally:
                client = request.client.host if request.client else "?"
                seconds = time.perf_counter() - began
                logger.info("API %s %s %s %s %.3f s", request.method, request.url.path, status, client, seconds)

        return handle
