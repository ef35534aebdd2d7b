"""Requests made up from the OpenAPI description, for tests that send them: what fits it, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

BASE = "http://127.0.0.1:7860"
SAME_EACH_TIME = settings(deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass(frozen=True)
class Made:
    """One request: what goes over the wire."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.body[:2000]!r}"


def operations(description: dict[str, Any]) -> list[APIOperation[Any, Any, Any, Any]]:
    """All operations of a description."""
    schema = schemathesis.openapi.from_dict(description)
    return [found.ok() for found in schema.get_all_operations()]


def send_made_up(operation: APIOperation[Any, Any, Any, Any], send: Callable[[Made], None], count: int) -> None:
    """Make ``count`` requests of each mode, the same ones each time, and send them."""
    for mode in MODES if _can_be_wrong(operation) else MODES[:1]:

        @settings(SAME_EACH_TIME, max_examples=count)
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Case) -> None:
            made = _made(case)
            if made is not None:
                send(made)

        try:
            run()
        except Unsatisfiable:
            continue  # there is nothing that such a request could have wrong


def _can_be_wrong(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether there is something to get wrong: a body, or a parameter that is not any text at all."""
    texts = all(parameter.definition.get("schema", {}).get("type") == "string" for parameter in operation.iter_parameters())
    return len(operation.body) > 0 or not texts


def _made(case: Case) -> Made | None:
    given_ = case.as_transport_kwargs(base_url=BASE)
    try:
        prepared = requests.Request(**{key: value for key, value in given_.items() if key in REQUEST}).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
        headers = {name: str(value) for name, value in prepared.headers.items()}
        "".join([*headers, *headers.values()]).encode("ascii")
    except (UnicodeError, requests.exceptions.RequestException):
        return None  # no client could send it
    return Made(str(prepared.method), str(prepared.url), headers, body if isinstance(body, bytes) else b"")


REQUEST = ("method", "url", "headers", "files", "data", "json", "params", "cookies")
