"""Tells those who asked for it that their job has ended: signed, tried a few times, beside the queue and never in its way."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import UserError
from app.jobs.callbacks import DueCallback
from app.jobs.queue import JobQueue
from app.outgoing.asking import Outgoing, ask_server
from app.values.events import Event, JobCancelled, JobDone, JobFailed
from app.values.job import Job

logger = logging.getLogger(__name__)
FIELD = "callback.url"
RETRIES_S = (10.0, 60.0, 300.0, 1800.0, 7200.0)
AT_ONCE = 3
END_S = 1.0
"""How long the end of the program waits for a server that is being told; the next start tells it again."""
WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
SIGNATURE, TIMESTAMP = "X-Paintbox-Signature", "X-Paintbox-Timestamp"


@contextmanager
def telling_ends(jobs: JobQueue, *, allows_private: bool, retries_s: tuple[float, ...] = RETRIES_S) -> Iterator[None]:
    """While it is open, ends of jobs are told; those that the last process did not tell are told first."""
    teller = Teller(jobs, allows_private, retries_s)
    unsubscribe = jobs.subscribe(teller.hear)
    thread = threading.Thread(target=teller.serve, name="callbacks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        unsubscribe()
        teller.stop()
        thread.join(END_S)


def body_of(job: Job) -> bytes:
    """What is told of a job: how it ended and where its pictures are; nothing of what was asked."""
    return json.dumps(
        {
            "event": "job.ended",
            "job": {
                "id": job.id,
                "kind": job.kind,
                "state": job.state,
                "error": job.error,
                "created": job.created,
                "started": job.started,
                "finished": job.finished,
                "url": f"/paintbox/v1/jobs/{job.id}",
                "images": [f"/paintbox/v1/jobs/{job.id}/images/{number}" for number in range(len(job.result.images))],
            },
        }
    ).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over ``timestamp.body``, in hex, as the header says it."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def headers_of(secret: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a callback; without a secret there is nothing to sign with."""
    timestamp = str(int(now))
    signed = {SIGNATURE: signature(secret, timestamp, body)} if secret else {}
    return {"Content-Type": "application/json", TIMESTAMP: timestamp, **signed}


class Teller:
    """One thread that looks what is due, and a few that ask."""

    def __init__(self, jobs: JobQueue, allows_private: bool, retries_s: tuple[float, ...]) -> None:
        self._jobs = jobs
        self._allows_private = allows_private
        self._retries_s = retries_s
        self._wake = threading.Event()
        self._ended = False

    def hear(self, event: Event) -> None:
        """Look when a job has ended."""
        if isinstance(event, JobDone | JobFailed | JobCancelled):
            self._wake.set()

    def stop(self) -> None:
        """Begin no more."""
        self._ended = True
        self._wake.set()

    def serve(self) -> None:
        """Tell what is due until ``stop``; what is under way then is given up and told by the next start."""
        while not self._ended:
            self._wake.clear()
            due = self._due()
            threads = [threading.Thread(target=self._tell, args=(each,), name="callback", daemon=True) for each in due]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if not due:
                self._wake.wait(self._pause_s())

    def _due(self) -> list[DueCallback]:
        try:
            return self._jobs.callbacks.due(time.time(), AT_ONCE)
        except sqlite3.Error as error:
            logger.error("The callbacks of jobs could not be read: %s", error)
            return []

    def _pause_s(self) -> float | None:
        try:
            due = self._jobs.callbacks.next_due()
        except sqlite3.Error:
            return self._retries_s[0]
        return None if due is None else max(0.05, due - time.time())

    def _tell(self, callback: DueCallback) -> None:
        state, error = self._outcome(callback)
        due = time.time() + (self._retries_s[callback.attempts] if callback.attempts < len(self._retries_s) else 0.0)
        if state == "waiting" and callback.attempts >= len(self._retries_s):
            state = "failed"
        if state != "delivered":
            logger.warning("The callback of the job %s failed (%s): %s", callback.job_id, state, error)
        try:
            self._jobs.callbacks.note(callback.job_id, state, error, due)
        except sqlite3.Error as problem:
            if not self._ended:
                logger.error("What came of a callback could not be written: %s", problem)
            self._ended = True  # it would be told again and again

    def _outcome(self, callback: DueCallback) -> tuple[str, str]:
        """(state, error) of one attempt."""
        try:
            body = body_of(self._jobs.get(callback.job_id))
            headers = headers_of(callback.secret, body, time.time())
            with ask_server(Outgoing("POST", callback.url, body, headers, self._allows_private), FIELD) as answer:
                status = answer.status
        except UserError as error:
            return "failed", str(error)
        except (OSError, http.client.HTTPException, sqlite3.Error) as error:
            return "waiting", f"{type(error).__name__}: {error}"
        if 200 <= status < 300:
            return "delivered", ""
        return ("waiting" if status in WORTH_ANOTHER_TRY else "failed"), f"The server answered {status}."
