"""The index of extensions that can be had: JSON in A1111's form, from an https address or a file of the user's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import OK, HTTPException
from pathlib import Path
from typing import IO, Any

from app.api import Outgoing, UserError, Value, Way, ask_server, environment_proxy, network_reason

MOST_BYTES = 20_000_000
MOST_ENTRIES = 20_000
LIMIT_S = 60.0
"""For all of it: the index of A1111 has some hundred KB."""
MOST_REDIRECTS = 5
FIELD = "address"
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
        raise UserError("This is not an index of extensions in A1111's form.", field=FIELD) from error
    usable = tuple(entry for entry in entries if entry is not None)
    return Index(source=address, tags=tags, entries=usable, skipped=len(entries) - len(usable))


def _entry(given: Any) -> IndexEntry | None:
    """None for what is no entry that can be used."""
    if not isinstance(given, Mapping):
        return None
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
        raise UserError("This is not the name of a file.", field=FIELD) from None
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise UserError("An index file must lie in the data folder.", hint="Or give an address that begins with https://.", field=FIELD)
    try:
        with path.open("rb") as stream:
            return _limited(stream)
    except OSError as error:
        raise UserError(f"The index {path.name} cannot be read: {error.strerror}.", field=FIELD) from error


def fetch_https(address: str) -> bytes:
    """What an https address on the internet gives; raises UserError."""
    wanted = Outgoing("GET", address, limit_s=LIMIT_S, redirects=MOST_REDIRECTS, schemes=("https",))
    try:
        with ask_server(wanted, FIELD, Way(proxy=environment_proxy(address))) as answer:
            if answer.status != OK:
                raise UserError(f"The index could not be loaded: the server answered {answer.status}.", field=FIELD, status=503)
            return answer.read(MOST_BYTES, FIELD)
    except (OSError, HTTPException) as error:
        raise UserError(f"The index could not be loaded: {network_reason(error)}.", field=FIELD, status=503) from error


def _limited(stream: IO[bytes]) -> bytes:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UserError(f"The index is larger than {MOST_BYTES // 1_000_000} MB.", field=FIELD)
    return content
