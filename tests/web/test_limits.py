"""What is too large is refused, what is large is compressed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.jobs.keep import MOST_DRAFTS
from app.web import limits
from tests.web.conftest import Site

DRAFT = "/paintbox/v1/drafts/txt2img"
JOBS = "/paintbox/v1/jobs"
KB = 1024


@pytest.mark.parametrize(("method", "path"), [("PUT", DRAFT), ("POST", "/login")])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(site: Site, method: str, path: str, announced: bool) -> None:
    body = b'{"prompt": "' + b"x" * limits.largest_body(path) + b'"}'

    def in_pieces() -> Iterator[bytes]:
        for begin in range(0, len(body), 64 * KB):
            yield body[begin : begin + 64 * KB]

    answer = site.client.request(method, path, content=body if announced else in_pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert set(answer.json()) == {"error", "detail", "body", "errors"}
    assert "too large" in answer.json()["detail"]


@pytest.mark.parametrize("path", [JOBS, "/nowhere"])
def test_every_route_has_a_limit(site: Site, path: str) -> None:
    answer = site.client.post(path, content=b"{}", headers={"content-length": str(limits.LARGEST_BODY + 1)})
    assert answer.status_code == 413 and "64 MB" in answer.json()["detail"]


def test_a_long_prompt_fits(site: Site) -> None:
    assert site.client.post(JOBS, json={"request": {"prompt": "x" * 200_000}}).status_code == 202
    assert site.client.put(DRAFT, json={"prompt": "x" * 200_000}).status_code == 204


def test_only_the_latest_drafts_of_an_owner_are_kept(site: Site) -> None:
    drafts = site.host.jobs.drafts
    drafts.set("bob", "txt2img", {"prompt": "bob's"})
    for number in range(MOST_DRAFTS + 2):
        drafts.set("ann", f"form{number}", {"prompt": str(number)})
    kept = [number for number in range(MOST_DRAFTS + 2) if drafts.get("ann", f"form{number}")]
    assert kept == list(range(2, MOST_DRAFTS + 2))
    assert drafts.get("bob", "txt2img") == {"prompt": "bob's"}


def test_drafts_of_browser_tabs_take_no_place_from_those_of_forms(site: Site) -> None:
    drafts = site.host.jobs.drafts
    drafts.set("ann", "extras", {"prompt": "kept"})
    for number in range(MOST_DRAFTS + 1):
        drafts.set("ann", "txt2img", {"prompt": str(number)}, f"tab{number}")
    assert drafts.get("ann", "txt2img", "tab0") is None and drafts.get("ann", "txt2img", "tab1") == {"prompt": "1"}
    assert drafts.get("ann", "txt2img") == {"prompt": str(MOST_DRAFTS)} and drafts.get("ann", "extras") == {"prompt": "kept"}


def test_long_answers_are_compressed_on_request(site: Site) -> None:
    for wanted, encoding in (("gzip", "gzip"), ("identity", None)):
        answer = site.client.get("/openapi.json", headers={"accept-encoding": wanted})
        assert answer.headers.get("content-encoding") == encoding
        assert answer.json()["info"]["title"] == "Paintbox"
    short = site.client.get("/internal/ping", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_events_are_not_held_back_by_compression(site: Site) -> None:
    job_id = site.client.post(JOBS, json={"request": {"prompt": "x" * 5000}}).json()["id"]
    site.executor.finish()
    site.host.jobs.wait(job_id, timeout=10)
    answer = site.client.get(f"{JOBS}/{job_id}/events", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
