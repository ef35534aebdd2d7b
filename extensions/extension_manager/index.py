"""The index of extensions that can be had: JSON in A1111's form, from an https address or a file of the user's."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import certifi

from app.api import UserError, Value, is_of_this_network

MOST_BYTES = 20_000_000
MOST_ENTRIES = 20_000
TIMEOUT_S = 20.0
Fetch = Callable[[str], bytes]


class IndexEntry(Value):
    """An extension that can be had; dates as "2023-01-31", "" where the index has none."""

    name: str
    url: str
    description: str = ""
    tags: tuple[str, ...] = ()
    added: str = ""
    created: str = ""
    updated: str = ""
    stars: int = 0
    is_installed: bool = False


class Index(Value):
    """``tags``: what each means; ``skipped``: entries that could not be used."""

    source: str
    tags: dict[str, str]
    entries: tuple[IndexEntry, ...]
    skipped: int = 0


def read_index(address: str, roots: tuple[Path, ...], fetch: Fetch) -> Index:
    """Load an index; files only below ``roots`` or exactly one of them. Raises UserError."""
    address = address.strip()
    content = fetch(address) if "://" in address else _file(address, roots)
    try:
        document: Any = json.loads(content)
        listed = document["extensions"]
        tags = {str(tag): str(about) for tag, about in (document.get("tags") or {}).items()}
        entries = [_entry(each) for each in listed[:MOST_ENTRIES]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError("This is not an index of extensions in A1111's form.", field="address") from error
    usable = tuple(entry for entry in entries if entry is not None)
    return Index(source=address, tags=tags, entries=usable, skipped=len(entries) - len(usable))


def _entry(given: Mapping[str, Any]) -> IndexEntry | None:
    name, url = str(given.get("name") or ""), str(given.get("url") or "")
    if not name or not url.startswith("https://"):
        return None
    tags = given.get("tags")
    stars = given.get("stars")
    return IndexEntry(
        name=name[:200],
        url=url[:500],
        description=str(given.get("description") or "")[:2000],
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        added=str(given.get("added") or "")[:10],
        created=str(given.get("created") or "")[:10],
        updated=str(given.get("commit_time") or "")[:10],
        stars=stars if isinstance(stars, int) else 0,
    )


def _file(address: str, roots: tuple[Path, ...]) -> bytes:
    try:
        path = (roots[0] / Path(address).expanduser()).resolve()
    except (OSError, ValueError, RuntimeError):
        raise UserError("This is not the name of a file.", field="address") from None
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise UserError("An index file must lie in the data folder.", hint="Or give an address that begins with https://.", field="address")
    try:
        with path.open("rb") as stream:
            return _limited(stream)
    except OSError as error:
        raise UserError(f"The index {path.name} cannot be read: {error.strerror}.", field="address") from error


def fetch_https(address: str) -> bytes:
    """What an https address on the internet gives; raises UserError."""
    _check(address)
    context = ssl.create_default_context(cafile=certifi.where())
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Redirects())
    try:
        with opener.open(urllib.request.Request(address, headers={"User-Agent": "Paintbox"}), timeout=TIMEOUT_S) as answer:
            return _limited(answer)
    except (OSError, ValueError, HTTPException) as error:
        raise UserError(f"The index could not be loaded: {error}.", field="address", status=503) from error


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_fine = (
            parts.scheme == "https" and bool(parts.hostname) and not is_of_this_network(parts.hostname or "") and parts.username is None
        )
    except ValueError:
        is_fine = False
    if not is_fine:
        raise UserError("An index is loaded over https:// from the internet, or from a file of the data folder.", field="address")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to where an index may come from."""

    def redirect_request(self, *given: Any) -> urllib.request.Request | None:
        """Judge the new address, the last argument."""
        _check(given[-1])
        return super().redirect_request(*given)


def _limited(stream: IO[bytes]) -> bytes:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UserError(f"The index is larger than {MOST_BYTES // 1_000_000} MB.", field="address")
    return content
