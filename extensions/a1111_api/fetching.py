"""Fetches a picture that a request names by its address, where the settings allow it."""

from __future__ import annotations

import http.client

from app.api import Host, Outgoing, UserError, ask_server

LIMIT_S = 30.0
LARGEST_BYTES = 64 * 1024 * 1024
FIELD = "image"


def is_address(text: str) -> bool:
    """True for what is to be fetched."""
    return text.startswith(("http://", "https://"))


def fetch_picture(url: str, host: Host) -> bytes:
    """The file at an address; raises UserError that says why not. Redirects are not followed."""
    if not host.settings.get("api_enable_requests"):
        hint = "Send the picture as base64, or switch api_enable_requests on in the settings."
        raise UserError("Requests not allowed: pictures are not fetched from addresses.", hint=hint, field=FIELD)
    agent = str(host.settings.get("api_useragent"))
    wanted = Outgoing(
        "GET",
        url,
        headers={"User-Agent": agent} if agent.isascii() and agent.isprintable() and agent else {},
        allows_private=not host.settings.get("api_forbid_local_requests"),
        limit_s=LIMIT_S,
    )
    try:
        with ask_server(wanted, FIELD) as answer:
            if answer.status != http.client.OK:
                raise UserError(f"Invalid image url: the server answered {answer.status}.", field=FIELD)
            data = answer.read(LARGEST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise UserError(f"Invalid image url: {error or type(error).__name__}.", field=FIELD) from error
    if len(data) > LARGEST_BYTES:
        raise UserError(f"Invalid image url: the file is larger than {LARGEST_BYTES >> 20} MB.", field=FIELD, status=413)
    return data
