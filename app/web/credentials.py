"""Credentials as a request brings them, and the question to the extensions whose they are."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from app import hookspecs
from app.contracts import Credentials, User

if TYPE_CHECKING:
    from app.host import Host

Realm = Literal["page", "api"]
WRONG_PASSWORD_DELAY_S = 0.5


async def check_credentials(host: Host, credentials: Credentials) -> User | None:
    """The user whom an extension recognises by these credentials; a wrong password takes its time."""
    answer = await run_in_threadpool(host.hooks.first, hookspecs.authenticate, True, credentials=credentials, host=host)
    if answer is None:
        await asyncio.sleep(WRONG_PASSWORD_DELAY_S)
        return None
    return answer.value


async def is_closed(host: Host, realm: Realm) -> bool:
    """True when an extension wants credentials for the realm; its failure is an error and never an open door."""
    answer = await run_in_threadpool(host.hooks.first, hookspecs.requires_login, True, realm=realm, host=host)
    return answer is not None and answer.value is True


def header_credentials(connection: HTTPConnection, realm: Realm) -> Credentials | None:
    """What an Authorization header says; None when there is none that can be read.

    A Bearer token is ``name:password``, or a key that belongs to nobody by name.
    """
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and encoded.strip():
        name, colon, rest = encoded.strip().partition(":")
        return Credentials(name, rest, realm) if colon else Credentials("", name, realm)
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(username, password, realm) if colon else None
