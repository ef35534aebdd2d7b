"""Fetches one file, however often the connection breaks: parts, ranges, and only what is still the same file."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.api import NotFoundError, ProxyError, RunningHashes, ServerAnswer, UserError, host_shown

from .network import Network, open_url
from .places import check_room, readable
from .shelf import Parcel, Told
from .sources import Source, told_hash, told_name
from .watch import Watch

BLOCK_BYTES = 1024 * 1024
TELL_EVERY_S = 0.5
LOOK_AT_DISK_EVERY_BYTES = 256 * BLOCK_BYTES
LONGEST_PAUSE_S = 60.0
MOST_ATTEMPTS = 200
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True)
class Fetch:
    """What fetching needs: ``on_told`` hears what the server says before anything is written, and may refuse it by raising.

    ``report`` takes 0..1, a few words, and the seconds left where they are known.
    """

    source: Source
    token: str
    network: Network
    watch: Watch
    on_told: Callable[[Told], None]
    report: Callable[[float, str, float | None], None]


class _Broken(Exception):
    """The connection ended before the file was complete, or the server is busy; ``pause_s``: what it asks for."""

    def __init__(self, why: str, pause_s: float = 0.0) -> None:
        super().__init__(why)
        self.pause_s = pause_s


def fetch(parcel: Parcel, job: Fetch) -> Told:
    """Bring the whole file into ``parcel.part``; returns what was said of it. Raises UserError, JobStopped."""
    failures = attempts = 0
    while not _is_whole(parcel):
        job.watch.check()
        attempts += 1
        before = parcel.received_bytes
        try:
            if _fetch_some(parcel, job):
                break
        except (OSError, http.client.HTTPException, _Broken) as error:
            job.watch.check()
            failures = 0 if parcel.received_bytes > before else failures + 1
            is_hopeless = not parcel.received_bytes and isinstance(error, socket.gaierror | ssl.SSLCertVerificationError)
            if is_hopeless or failures > len(job.network.retry_s) or attempts == MOST_ATTEMPTS:
                raise UserError(
                    f"{host_shown(job.source.url)} cannot be reached, or breaks off ({_why(error)}).",
                    hint="What has arrived is kept; ask for the same address again.",
                    status=503,
                ) from error
            asked = error.pause_s if isinstance(error, _Broken) else 0.0
            job.report(_fraction(parcel), f"Trying again: {_why(error)}", None)
            job.watch.wait(min(LONGEST_PAUSE_S, max(asked, job.network.retry_s[max(0, failures - 1)])))
    return parcel.told()


def hash_part(parcel: Parcel, name: str, job: Fetch) -> tuple[str, str | None]:
    """(sha256, AutoV3) of what has arrived."""
    hashes, total = RunningHashes(name.lower().endswith(".safetensors")), max(1, parcel.received_bytes)

    def check() -> None:
        job.watch.check()
        job.report(hashes.position / total, f"Checking {name}", None)

    hashes.catch_up(parcel.part, total, check)
    return hashes.result()


def _is_whole(parcel: Parcel) -> bool:
    total = parcel.told().total_bytes
    return total is not None and parcel.received_bytes == total


def _fetch_some(parcel: Parcel, job: Fetch) -> bool:
    """One connection; True when the file is complete."""
    known, have = parcel.told(), parcel.received_bytes
    can_go_on = have > 0 and bool(known.validator or job.source.sha256 or known.sha256)
    headers = {"Range": f"bytes={have}-", **({"If-Range": known.validator} if known.validator else {})} if can_go_on else {}
    with open_url(job.source.url, headers, job.token, job.network, job.watch) as answer:
        _refuse(answer, job)
        if answer.status == 416:
            parcel.part.unlink(missing_ok=True)
            raise _Broken("the server has another file by now")
        begin = _begin_of(answer, have if can_go_on else 0)
        told = _told_by(answer, begin, job)
        if begin and not known.is_same(told):
            parcel.part.unlink(missing_ok=True)
            raise _Broken("the server has another file by now")
        job.on_told(told)
        check_room(parcel.folder, max(0, (told.total_bytes or 0) - begin))
        parcel.note(told)
        _write(parcel, begin, answer, told, job)
    if told.total_bytes is None:
        parcel.note(told.model_copy(update={"total_bytes": parcel.received_bytes}))
        return True
    if parcel.received_bytes < told.total_bytes:
        raise _Broken("the connection ended too early")
    return True


def _write(parcel: Parcel, begin: int, answer: ServerAnswer, told: Told, job: Fetch) -> None:
    rate = _Rate(begin)
    checked = position = begin
    with parcel.part.open("r+b" if parcel.part.exists() else "xb") as file:
        file.truncate(begin)
        file.seek(begin)
        while block := answer.response.read1(BLOCK_BYTES):
            job.watch.check()
            position += len(block)
            if told.total_bytes is not None and position > told.total_bytes:
                raise UserError(f"{host_shown(job.source.url)} sends more than it has announced.", status=503)
            if told.total_bytes is None and position - checked > LOOK_AT_DISK_EVERY_BYTES:
                checked = position
                check_room(parcel.folder, LOOK_AT_DISK_EVERY_BYTES)
            file.write(block)
            if rate.is_time():
                job.report(*rate.words(position, told))


class _Rate:
    """How fast it goes, for people."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._since = self._told = time.monotonic()

    def is_time(self) -> bool:
        """True when it should be told again."""
        now = time.monotonic()
        if now - self._told < TELL_EVERY_S:
            return False
        self._told = now
        return True

    def words(self, position: int, told: Told) -> tuple[float, str, float | None]:
        """Fraction, words and seconds left."""
        per_s = (position - self._begin) / max(0.001, self._told - self._since)
        if told.total_bytes is None:
            return 0.0, f"{readable(position)}, {readable(per_s)}/s", None
        left_s = (told.total_bytes - position) / per_s if per_s else None
        return position / max(1, told.total_bytes), f"{readable(position)} of {readable(told.total_bytes)}, {readable(per_s)}/s", left_s


def _refuse(answer: ServerAnswer, job: Fetch) -> None:
    """Raise for an answer that brings no file."""
    status, host = answer.status, host_shown(answer.url)
    if status in (200, 206, 416):
        kind = answer.headers.get_content_type()
        if status != 416 and kind in ("text/html", "application/xhtml+xml"):
            raise UserError(
                f"The address gives a page of {host}, not a file.", hint="Copy the address of the download itself.", field="url"
            )
        return
    if status in (401, 403):
        hint = (
            "Set a token for this site in the settings, section Model files, and accept the model's terms there." if not job.token else ""
        )
        raise UserError(f"{host} does not give this file to everybody ({status}).", hint=hint, field="url", status=403)
    if status in (404, 410):
        raise NotFoundError(f"{host} has no such file ({status}).", field="url")
    if status in BUSY:
        asked = answer.headers.get("Retry-After", "")
        raise _Broken(f"{host} answers with {status}", float(asked) if asked.isdecimal() else 0.0)
    raise UserError(f"{host} answers with {status}.", field="url", status=503)


def _begin_of(answer: ServerAnswer, have: int) -> int:
    """Where the body belongs: behind what is there, or at the beginning when the server sends everything."""
    if answer.status != 206:
        return 0
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not found or int(found[1]) != have:
        raise _Broken("the server sent another part than asked for")
    return have


def _told_by(answer: ServerAnswer, begin: int, job: Fetch) -> Told:
    headers = answer.headers
    total = _number(headers.get("Content-Length", ""))
    if answer.status == 206:
        found = _RANGE.fullmatch(headers.get("Content-Range", ""))
        total = _number(found[3]) if found else None
    source = job.source
    return Told(
        name=source.name or told_name(headers, (source.url, answer.url)),
        validator=_validator(headers),
        total_bytes=total,
        sha256=source.sha256 or told_hash((*answer.passed, dict(headers.items())), source.url, job.network),
    )


def _validator(headers: http.client.HTTPMessage) -> str:
    """What names the state of the file for If-Range: a strong ETag, else its date."""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified", "")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _fraction(parcel: Parcel) -> float:
    return parcel.received_bytes / max(1, parcel.told().total_bytes or 0) if parcel.told().total_bytes else 0.0


def _why(error: Exception) -> str:
    """A few words that hold no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, ProxyError | _Broken):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
