"""Progress, interrupt and skip; several clients at a time."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from app.api import JobPreview, JobState
from extensions.a1111_api.body import Txt2ImgBody
from extensions.a1111_api.drawing import draw
from extensions.a1111_api.tests.conftest import Api, info_of

IDLE = {"progress": 0.0, "eta_relative": 0.0, "current_image": None, "textinfo": None}
STATE = {
    "skipped",
    "interrupted",
    "stopping_generation",
    "job",
    "job_count",
    "job_timestamp",
    "job_no",
    "sampling_step",
    "sampling_steps",
}


def test_nothing_runs(api: Api) -> None:
    answer = api.get("progress").json()
    state = answer.pop("state")
    assert answer == IDLE
    assert set(state) == STATE and state["job_count"] == 0


def test_progress_of_a_running_job(api: Api) -> None:
    with api.drawing(n_iter=3, steps=4):
        answer = api.client.get("/sdapi/v1/progress?skip_current_image=true").json()
        state = answer["state"]
        assert (state["job_count"], state["job_no"], state["sampling_step"], state["sampling_steps"]) == (3, 0, 1, 4)
        assert 0 < answer["progress"] < 1 / 3
        assert len(answer["state"]["job_timestamp"]) == 14
        assert answer["current_image"] is None
    assert api.get("progress").json()["state"]["job_count"] == 0


def test_a_job_that_waits_or_has_just_begun_is_not_taken_for_none(api: Api) -> None:
    api.worker.hold.clear()
    try:
        job = api.client.post("/paintbox/v1/jobs", json={"request": {"prompt": "a cat", "steps": 2}}).json()
        assert api.get("progress").json()["progress"] == 0.01
    finally:
        api.worker.hold.set()
    api.host.jobs.wait(job["id"], 60)
    assert api.get("progress").json()["progress"] == 0


def test_an_interrupted_request_returns_what_exists(api: Api) -> None:
    with api.drawing(n_iter=5, steps=4) as answer:
        assert api.post("interrupt").json() == {}
    assert len(answer["images"]) == 1 and info_of(answer)["steps"] == 4


def test_a_skipped_batch_is_left_out_and_the_rest_is_drawn(api: Api) -> None:
    with api.drawing(n_iter=2, seed=4) as answer:
        skipped = api.post("skip")
        assert (skipped.status_code, skipped.json()) == (200, None)
    assert len(answer["images"]) == 2
    whole = api.draw(n_iter=2, seed=4)["images"]
    assert answer["images"][0] != whole[0] and answer["images"][1] == whole[1]


def test_progress_tells_what_was_asked_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.worker, "control", lambda job_id, action: None)
    with api.drawing(n_iter=2, steps=4):
        job = api.host.jobs.list(states=[JobState.RUNNING])[0]
        for wish, told in (("skip", "skipped"), ("stop_after_batch", "stopping_generation"), ("interrupt", "interrupted")):
            api.host.jobs.control(job.id, wish)
            state = api.get("progress").json()["state"]
            assert [key for key in ("skipped", "stopping_generation", "interrupted") if state[key]] == [told]


def test_interrupt_and_skip_without_a_job_do_nothing(api: Api) -> None:
    assert api.post("interrupt").status_code == api.post("skip").status_code == 200
    assert len(api.draw()["images"]) == 1


def test_others_jobs_are_neither_shown_nor_stopped(api: Api) -> None:
    api.worker.hold.clear()
    try:
        job = api.host.jobs.submit("generate", {"steps": 2}, owner="somebody else", source="", settings={})
        assert api.get("progress").json()["state"]["job_count"] == 0
        api.post("interrupt")
    finally:
        api.worker.hold.set()
    assert api.host.jobs.wait(job.id, timeout=60).result.stopped == ""


@pytest.mark.parametrize("save_images", [False, True])
def test_a_client_that_goes_away_takes_its_job_along_unless_it_is_saved(api: Api, save_images: bool) -> None:
    async def gone() -> bool:
        asyncio.get_running_loop().call_later(2, api.worker.hold.set)
        return True

    async def ask() -> Any:
        return await draw(Txt2ImgBody(steps=2, save_images=save_images), "", api.host, gone)

    api.worker.hold.clear()
    if save_images:
        api.worker.hold.set()
    asyncio.run(ask())
    newest = api.host.jobs.list(limit=1)[0]
    assert newest.state == (JobState.DONE if save_images else JobState.CANCELLED)


# --- tasks ---


def asked(api: Api, task_id: str, **body: Any) -> dict[str, Any]:
    answer = api.client.post("/internal/progress", json={"id_task": task_id, **body})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def flags(answer: dict[str, Any]) -> tuple[bool, bool, bool]:
    return answer["active"], answer["queued"], answer["completed"]


def test_a_task_is_followed_by_the_id_that_the_client_gave_it(api: Api) -> None:
    assert flags(asked(api, "task(mine)")) == (False, False, False)
    with api.drawing(steps=4, force_task_id="task(mine)"):
        waiting = api.host.jobs.submit("generate", {"steps": 1}, owner="", source="", settings={})
        others = api.host.jobs.submit("generate", {"steps": 1}, owner="somebody else", source="", settings={})
        running = asked(api, "task(mine)")
        assert flags(running) == (True, False, False) and 0 < running["progress"] < 1
        assert asked(api, waiting.id)["textinfo"].startswith("In queue: 1/1")
        assert flags(asked(api, others.id)) == (False, False, False)
        assert api.client.get("/internal/pending-tasks").json() == {"size": 1, "tasks": [waiting.id]}
        api.host.jobs.control(waiting.id, "cancel")
        api.host.jobs.control(others.id, "cancel")
    assert flags(asked(api, "task(mine)")) == (False, False, True)


def test_a_preview_comes_once(api: Api) -> None:
    with api.drawing(steps=4, force_task_id="task(seen)"):
        job = api.host.jobs.list(states=[JobState.RUNNING])[0]
        shown = threading.Event()
        unsubscribe = api.host.jobs.subscribe(lambda event: shown.set() if isinstance(event, JobPreview) else None)
        api.worker.sink(JobPreview(job_id=job.id, data="QUJD", width_px=8, height_px=8))
        assert shown.wait(timeout=60)
        unsubscribe()
        first = asked(api, "task(seen)")
        assert first["live_preview"] == "data:image/jpeg;base64,QUJD"
        again = asked(api, "task(seen)", id_live_preview=first["id_live_preview"])
        assert (again["live_preview"], again["id_live_preview"]) == (None, first["id_live_preview"])
        assert asked(api, "task(seen)", live_preview=False)["live_preview"] is None


def test_comments_of_the_request_come_back(api: Api) -> None:
    assert "made by a robot" in info_of(api.draw(comments={"made by a robot": 1}))["comments"]
