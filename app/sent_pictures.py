"""Pictures that programs send in requests: as base64, as a data: address, or by an address where the settings allow it."""

from __future__ import annotations

import base64
import binascii
import http.client
from typing import TYPE_CHECKING

from app.errors import UserError
from app.outgoing.asking import Outgoing, ask_server

if TYPE_CHECKING:
    from app.settings import Settings

LIMIT_S = 30.0
LARGEST_BYTES = 64 * 1024 * 1024
ALLOWED, NOT_LOCAL, AGENT = "api_enable_requests", "api_forbid_local_requests", "api_useragent"


def sent_picture(text: str, settings: Settings, field: str = "image") -> bytes:
    """Bytes of bare base64, of a data: address, or of an address on the network; raises UserError that names ``field``.

    Addresses are followed only where ``api_enable_requests`` is on; where no extension declares that setting, they never are.
    """
    text = text.strip()
    if text.startswith(("http://", "https://")):
        return _fetched(text, settings, field)
    if text.startswith("data:"):
        _, _, text = text.partition(";base64,")
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise UserError("Invalid encoded image.", hint="Send the file as base64, or as a data: address.", field=field)
    return data


def _fetched(url: str, settings: Settings, field: str) -> bytes:
    """The file at an address; redirects are not followed."""
    if settings.find(ALLOWED, False) is not True:
        hint = "Send the picture as base64, or switch api_enable_requests on in the settings."
        raise UserError("Requests not allowed: pictures are not fetched from addresses.", hint=hint, field=field)
    agent = str(settings.find(AGENT, ""))
    wanted = Outgoing(
        "GET",
        url,
        headers={"User-Agent": agent} if agent.isascii() and agent.isprintable() and agent else {},
        allows_private=settings.find(NOT_LOCAL, True) is False,
        limit_s=LIMIT_S,
    )
    try:
        with ask_server(wanted, field) as answer:
            if answer.status != http.client.OK:
                raise UserError(f"Invalid image url: the server answered {answer.status}.", field=field)
            return answer.read(LARGEST_BYTES, field)
    except (OSError, http.client.HTTPException) as error:
        raise UserError(f"Invalid image url: {error or type(error).__name__}.", field=field) from error
