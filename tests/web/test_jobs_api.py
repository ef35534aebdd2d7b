"""Jobs over HTTP: order, jobs that are asked for once, and callbacks."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.callback_service import telling_ends
from tests.web.conftest import Site, SiteMaker
from tests.web.test_jobs_routes import JOBS, ended


def ask(site: Site, prompt: str = "a boat", key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return site.client.post(JOBS, json={"request": {"prompt": prompt}, **body}, headers=headers)


def order(site: Site) -> list[str]:
    jobs = [job for job in site.client.get(JOBS).json() if job["state"] == "queued"]
    return [job["request"]["prompt"] for job in sorted(jobs, key=lambda job: job["queue_position"])]


def test_priority_and_position_order_the_queue(site: Site) -> None:
    ask(site, "running")
    site.executor.running()
    jobs = {prompt: ask(site, prompt, priority=priority).json()["id"] for prompt, priority in (("a", 0), ("b", 0), ("c", 4))}
    assert order(site) == ["c", "a", "b"]
    assert site.client.patch(f"{JOBS}/{jobs['b']}", json={"position": 0}).json()["queue_position"] == 0
    assert order(site) == ["b", "c", "a"]
    assert site.client.patch(f"{JOBS}/{jobs['b']}", json={"priority": -3}).json()["priority"] == -3
    assert order(site) == ["c", "a", "b"]


def test_an_order_that_cannot_be_is_refused(site: Site) -> None:
    running = ask(site, "running").json()["id"]
    site.executor.running()
    assert site.client.patch(f"{JOBS}/{running}", json={"position": 0}).status_code == 409
    assert site.client.patch(f"{JOBS}/{running}", json={"position": -1}).status_code == 422
    assert site.client.patch(f"{JOBS}/nonsense", json={"position": 0}).status_code == 404
    assert ask(site, priority=1000).status_code == 422


@pytest.mark.parametrize("field", ["seed", "subseed"])
def test_a_seed_beyond_64_bits_is_refused(site: Site, field: str) -> None:
    answers = [site.client.post(JOBS, json={"request": {field: value}}) for value in (2**63, -(2**63), 10**30, 2**63 - 1)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 202]
    assert field in answers[0].json()["field"]


def test_the_same_key_with_the_same_body_is_the_same_job(site: Site) -> None:
    first, again, other = ask(site, key="one"), ask(site, key="one"), ask(site, "another boat", key="one")
    assert first.json()["id"] == again.json()["id"]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert other.status_code == 422 and other.json()["field"] == "Idempotency-Key"
    assert len(site.client.get(JOBS).json()) == 1


def test_many_at_once_with_one_key_make_one_job(site: Site) -> None:
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(ask(site, key="k").json()["id"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8 and len(set(ids)) == 1


@contextmanager
def receiver(*statuses: int) -> Iterator[tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]]:
    """A server that takes callbacks and answers with these statuses, the last one for ever."""
    told: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.end_headers()
            told.put((dict(self.headers), body))

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", told
    finally:
        server.shutdown()
        server.server_close()


def callback_of(site: Site, job_id: str, *states: str) -> dict[str, Any]:
    """The state of the callback when it is one of these; it is written a moment after the receiver has answered."""
    for _ in range(600):
        callback: dict[str, Any] = site.client.get(f"{JOBS}/{job_id}").json()["callback"]
        if callback["state"] in states:
            return callback
        threading.Event().wait(0.05)
    raise AssertionError(callback)


def test_the_end_of_a_job_is_told_and_signed(make_site: SiteMaker) -> None:
    site = make_site(nowebui=True, private_callbacks=True)
    with receiver(200) as (url, told):
        job_id = ask(site, "a secret boat", callback={"url": url, "secret": "s3cret"}).json()["id"]
        site.executor.finish(count=2)
        headers, body = told.get(timeout=30)
        assert callback_of(site, job_id, "delivered")["attempts"] == 1
    signed = hmac.new(b"s3cret", headers["X-Paintbox-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Paintbox-Signature"] == f"sha256={signed}"
    job = json.loads(body)["job"]
    assert (job["id"], job["state"], job["images"][1]) == (job_id, "done", f"{JOBS}/{job_id}/images/1")
    assert b"secret boat" not in body
    assert "s3cret" not in site.client.get(f"{JOBS}/{job_id}").text


@pytest.mark.parametrize(
    ("statuses", "state", "attempts"),
    [((503, 200), "delivered", 2), ((404,), "failed", 1), ((302,), "failed", 1), ((500,), "failed", 3)],
    ids=["in trouble", "refuses", "redirects", "never well"],
)
def test_a_receiver_in_trouble_is_asked_again_a_few_times(
    make_site: SiteMaker, monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...], state: str, attempts: int
) -> None:
    monkeypatch.setattr("app.job_services.telling_ends", partial(telling_ends, retries_s=(0.01, 0.01)))
    site = make_site(nowebui=True, private_callbacks=True)
    with receiver(*statuses) as (url, _):
        job_id = ask(site, callback={"url": url}).json()["id"]
        site.executor.finish()
        assert callback_of(site, job_id, "delivered", "failed")["attempts"] == attempts
    assert callback_of(site, job_id, state)


def test_callbacks_to_this_machine_need_leave(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in ("127.0.0.1:9", "localhost", "0x7f.1"):
        refused = ask(site, callback={"url": f"http://{inside}/x"})
        assert refused.status_code == 403 and refused.json()["field"] == "callback.url"
    assert ask(site, callback={"url": "file:///etc/passwd"}).status_code == 422
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]
    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", lambda *asked, **more: found)
    refused = ask(site, callback={"url": "http://looks-outside.example:9/x"})
    assert refused.status_code == 403 and refused.json()["field"] == "callback.url"

    def later(*asked: Any, **more: Any) -> Any:
        monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", lambda *asked, **more: found)
        raise socket.gaierror("not known now")

    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", later)
    job_id = ask(site, callback={"url": "http://looks-outside.example:9/x"}).json()["id"]
    site.executor.finish()
    ended(site, job_id)
    callback = callback_of(site, job_id, "failed")
    assert callback["attempts"] == 1 and "this machine or its network" in callback["error"]
