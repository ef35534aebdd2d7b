"""Jobs over HTTP: asking, watching, steering, cancelling, fetching pictures."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

from app.api import Host, JobKind, JobResult, hookimpl
from tests.web.conftest import Site

JOBS = "/paintbox/v1/jobs"


def submit(site: Site, prompt: str = "a boat", **request: Any) -> str:
    answer = site.client.post(JOBS, json={"request": {"prompt": prompt, **request}, "source": "test"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(site: Site, job_id: str) -> dict[str, Any]:
    site.host.jobs.wait(job_id, timeout=10)
    known: dict[str, Any] = site.client.get(f"{JOBS}/{job_id}").json()
    return known


def events_of(site: Site, job_id: str) -> list[tuple[str, dict[str, Any]]]:
    text = site.client.get(f"{JOBS}/{job_id}/events").text
    blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event: ")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_a_finished_job_shows_its_pictures_and_serves_their_files(site: Site) -> None:
    job_id = submit(site)
    [saved] = site.executor.finish()
    job = ended(site, job_id)
    assert job["state"] == "done"
    [picture] = job["result"]["images"]
    assert picture["seed"] == 1000 and "path" not in picture
    answer = site.client.get(picture["url"])
    assert answer.content == Path(saved.path).read_bytes()
    assert answer.headers["content-type"] == "image/png"


def test_a_running_job_tells_its_progress(site: Site) -> None:
    heard = threading.Event()
    site.host.jobs.subscribe(lambda event: heard.set() if event.type == "progress" else None)
    job_id = submit(site)
    site.executor.progress(5, 20, eta_s=1.5)
    assert heard.wait(10)
    job = site.client.get(f"{JOBS}/{job_id}").json()
    assert job["state"] == "running"
    assert (job["progress"]["step"], job["progress"]["steps"], job["progress"]["eta_s"]) == (5, 20, 1.5)


def test_jobs_are_listed_newest_first_by_source_and_state(site: Site) -> None:
    first, second = submit(site, "one"), submit(site, "two")
    other = site.client.post(JOBS, json={"request": {}, "source": "elsewhere"}).json()["id"]
    assert [job["id"] for job in site.client.get(JOBS).json()] == [other, second, first]
    assert [job["id"] for job in site.client.get(JOBS, params={"source": "test"}).json()] == [second, first]
    assert [job["id"] for job in site.client.get(JOBS, params={"source": "test", "limit": 1}).json()] == [second]
    site.executor.running()
    assert [job["id"] for job in site.client.get(JOBS, params={"state": "running"}).json()] == [first]


def test_a_list_of_ended_jobs_shows_their_pictures_and_asks_for_none_of_them_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = submit(site), submit(site, "two")
    for job_id in (first, second):
        site.executor.finish(count=2)
        site.host.jobs.wait(job_id, timeout=10)
    monkeypatch.setattr(site.host.jobs, "snapshot", lambda job_id: pytest.fail("a job was looked up again"))
    listed = site.client.get(JOBS, params={"source": "test"}).json()
    urls = [[picture["url"] for picture in job["result"]["images"]] for job in listed]
    assert urls == [[f"{JOBS}/{job_id}/images/{number}" for number in (0, 1)] for job_id in (second, first)]


def test_a_list_of_one_source_reads_no_more_jobs_than_it_shows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = submit(site)
    for _ in range(3):
        site.client.post(JOBS, json={"request": {}, "source": "elsewhere"})
    fetched: list[int] = []
    plain = site.host.jobs.list

    def counting(*given: Any, **named: Any) -> Any:
        found = plain(*given, **named)
        fetched.append(len(found))
        return found

    monkeypatch.setattr(site.host.jobs, "list", counting)
    assert [job["id"] for job in site.client.get(JOBS, params={"source": "test"}).json()] == [wanted]
    assert fetched == [1]


def test_the_place_in_the_queue_is_told(site: Site) -> None:
    submit(site)
    site.executor.running()
    second, third = submit(site), submit(site)
    assert [site.client.get(f"{JOBS}/{job}").json()["queue_position"] for job in (second, third)] == [0, 1]


def test_the_events_of_an_ended_job_are_one_snapshot(site: Site) -> None:
    job_id = submit(site)
    site.executor.finish()
    ended(site, job_id)
    [(name, data)] = events_of(site, job_id)
    assert (name, data["job"]["state"]) == ("snapshot", "done")


def test_a_watcher_hears_everything_in_order_and_no_paths(site: Site) -> None:
    job_id = submit(site)
    site.executor.running()
    heard: list[tuple[str, dict[str, Any]]] = []
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(events_of, site, job_id)
        site.executor.progress(1, 2)
        site.executor.preview()
        [saved] = site.executor.finish()
        heard = watching.result(timeout=30)
    names = [name for name, _ in heard]
    assert names[0] == "snapshot" and names[-1] == "snapshot"
    assert heard[-1][1]["job"]["state"] == "done"
    assert heard[-1][1]["images"][0]["url"] == f"{JOBS}/{job_id}/images/0"
    assert saved.path not in json.dumps(heard)


def test_deleting_a_waiting_job_cancels_it(site: Site) -> None:
    submit(site)
    site.executor.running()
    waiting = submit(site)
    assert site.client.delete(f"{JOBS}/{waiting}").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("setting", "force", "batches", "action"),
    [
        (True, False, 2, "stop_after_batch"),
        (True, False, 1, "interrupt"),
        (True, True, 2, "interrupt"),
        (False, False, 2, "interrupt"),
    ],
)
def test_interrupt_lets_the_running_one_of_several_batches_finish_unless_forced(
    site: Site, setting: bool, force: bool, batches: int, action: str
) -> None:
    site.host.settings.set({"interrupt_after_current": setting})
    job_id = submit(site, batch_count=batches)
    site.executor.running()
    answer = site.client.post(f"{JOBS}/{job_id}/control", json={"action": "interrupt", "force": force})
    assert answer.status_code == 202
    assert site.executor.controls == [(job_id, action)]


class _Pages(BaseModel):
    pages: int = 1


class _Printer:
    @hookimpl
    def register_job_kinds(self, host: Host) -> list[JobKind]:
        return [JobKind("print", "Print", _Pages, lambda run, request: JobResult(), parts=self.count)]

    def count(self, request: BaseModel) -> int:
        return 12 // cast(_Pages, request).pages


@pytest.mark.parametrize(("pages", "action"), [(12, "interrupt"), (3, "stop_after_batch"), (0, "interrupt")], ids=["one", "four", "fails"])
def test_a_kind_of_job_says_of_how_many_parts_a_request_consists(site: Site, pages: int, action: str) -> None:
    site.host.hooks.register("printer", _Printer())
    site.host.refill()
    site.host.settings.set({"interrupt_after_current": True})
    job_id = site.client.post(JOBS, json={"kind": "print", "request": {"pages": pages}}).json()["id"]
    site.executor.running()
    site.client.post(f"{JOBS}/{job_id}/control", json={"action": "interrupt"})
    assert site.executor.controls == [(job_id, action)]


def test_interrupting_a_waiting_job_takes_it_out_of_the_queue(site: Site) -> None:
    submit(site)
    site.executor.running()
    waiting = submit(site)
    assert site.client.post(f"{JOBS}/{waiting}/control", json={"action": "interrupt"}).json()["state"] == "cancelled"


@pytest.mark.parametrize("number", [1, -1, 99])
def test_only_the_jobs_own_pictures_are_served(site: Site, number: int) -> None:
    job_id = submit(site)
    site.executor.finish()
    ended(site, job_id)
    answer = site.client.get(f"{JOBS}/{job_id}/images/{number}")
    assert answer.status_code == 404
    assert "has no picture" in answer.json()["detail"]


def test_a_name_after_the_number_cannot_lead_elsewhere(site: Site) -> None:
    job_id = submit(site)
    [saved] = site.executor.finish()
    ended(site, job_id)
    answer = site.client.get(f"{JOBS}/{job_id}/images/0/..%2F..%2Fetc%2Fpasswd")
    assert answer.status_code == 404 or answer.content == Path(saved.path).read_bytes()


def test_a_deleted_file_is_named(site: Site) -> None:
    job_id = submit(site)
    [saved] = site.executor.finish()
    ended(site, job_id)
    Path(saved.path).unlink()
    answer = site.client.get(f"{JOBS}/{job_id}/images/0")
    assert answer.status_code == 404 and Path(saved.path).name in answer.json()["detail"]


def test_errors_name_what_is_wrong(site: Site) -> None:
    unknown = site.client.post(JOBS, json={"kind": "dance", "request": {}})
    assert unknown.status_code == 404 and "dance" in unknown.json()["detail"]
    wrong = site.client.post(JOBS, json={"request": {"steps": "many"}})
    assert wrong.status_code == 422
    assert wrong.json()["error"] == "UserError" and "steps" in wrong.json()["detail"]
    assert (wrong.json()["body"], wrong.json()["errors"]) == ("", "")
    assert site.client.get(f"{JOBS}/nonsense").status_code == 404


def test_a_failed_job_keeps_its_reason(site: Site) -> None:
    job_id = submit(site)
    site.executor.fail("The picture could not be drawn.")
    job = ended(site, job_id)
    assert (job["state"], job["error"]) == ("failed", "The picture could not be drawn.")


def test_drafts_come_back(site: Site) -> None:
    assert site.client.get("/paintbox/v1/drafts/txt2img").json() == {}
    assert site.client.put("/paintbox/v1/drafts/txt2img", json={"prompt": "sn\u00f6", "steps": 7}).status_code == 204
    assert site.client.get("/paintbox/v1/drafts/txt2img").json() == {"prompt": "sn\u00f6", "steps": 7}


def test_the_workers_state_is_told(site: Site) -> None:
    status = site.client.get("/paintbox/v1/worker").json()
    assert status["type"] == "worker" and status["state"] in ("starting", "ready")
