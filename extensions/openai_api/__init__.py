"""An API for pictures that clients of OpenAI's know, with keys as Bearer tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Credentials, Problem, User, hookimpl

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The routes below /v1."""
    from extensions.openai_api.routes import make_router

    return (make_router(host),)


@hookimpl
def requires_login(realm: str, host: Host) -> bool | None:
    """True for the API where keys were given."""
    from extensions.openai_api.keys import keys_of

    return True if realm == "api" and keys_of(host) else None


@hookimpl
def authenticate(credentials: Credentials, host: Host) -> User | None:
    """Whoever has a key is the local user."""
    from extensions.openai_api.keys import is_key

    return User() if credentials.realm == "api" and is_key(credentials, host) else None


@hookimpl
def shape_problem(problem: Problem, host: Host) -> Problem | None:
    """Errors of the routes below /v1 as OpenAI's clients read them."""
    from extensions.openai_api.problems import openai_problem

    return openai_problem(problem)
