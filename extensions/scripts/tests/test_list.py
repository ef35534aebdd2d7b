"""The list of scripts: what Generate sends, what the page draws, pasted infotexts, and unfinished jobs over the routes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from app.api import ScriptRequest, Submission, UserError, parse_infotext
from app.testing.web import running_client
from extensions.generation_form.api import read_pasted
from extensions.scripts.panel import find_script, read_values, with_script
from extensions.scripts.pasted import read_script

REQUEST = {"prompt": "tree", "steps": 2, "sampler": "Euler", "width": 64, "height": 64, "seed": 5}


def test_generate_sends_the_chosen_script_with_its_values(site):
    host, _ = site
    typed = {"script": "Count up", "script_values": json.dumps({"count": {"first": 3}, "other": {"x": 1}, "broken": 4})}
    sent = with_script(Submission("generate", REQUEST), find_script("Count up", "txt2img", host), typed, "txt2img")
    assert (sent.kind, sent.request["script"], sent.request["form"], sent.request["params"]) == ("script", "count", "txt2img", {"first": 3})
    assert ScriptRequest.model_validate(sent.request).request.prompt == "tree"
    with pytest.raises(UserError, match="whole folder") as error:
        with_script(Submission("img2img_batch", {"request": {}}), find_script("Count up", "img2img", host), typed, "img2img")
    assert error.value.field == "script_name"
    with pytest.raises(UserError, match="no script 'Only here' in txt2img"):
        find_script("Only here", "txt2img", host)


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', None, 4])
def test_values_that_the_page_has_not_written_are_none(text):
    assert read_values(text) == {}


def test_the_page_learns_titles_and_fields(site):
    host, _ = site
    with running_client(host) as client:
        listed = client.get("/paintbox/v1/scripts?form=img2img").json()
        assert [script["title"] for script in listed] == ["Only here", "Count up"]
        first, way, notes = listed[1]["fields"]
        assert (first["kind"], first["minimum"], first["maximum"], first["default"], first["whole"]) == ("slider", 1, 50, 1, True)
        assert (way["kind"], way["choices"]) == ("radio", [["up", "up"], ["down", "down"]])
        assert (notes["kind"], notes["lines"], notes["file"], notes["placeholder"]) == ("text", 4, ".txt", "one a line")
        assert first["elem_id"] == "script_img2img_count_up_first" and listed[0]["fields"][0]["elem_id"] == "script_only_here_first"
        assert [script["title"] for script in client.get("/paintbox/v1/scripts").json()] == ["Count up"]


def test_a_pasted_infotext_names_script_and_fields(site):
    host, _ = site
    told = read_script({"Script": "Count up", "Counted from": "7"}, host)
    assert told.values["script"] == "Count up" and json.loads(told.values["script_values"]) == {"count": {"first": "7"}}
    assert told.labels == {"Script", "Counted from"} and not told.problem
    told = read_script({"Script": "Only here", "Aloud": "False"}, host)
    assert json.loads(told.values["script_values"])["here"]["aloud"] is False
    assert read_script({}, host).values == {"script": "None"}
    assert "no script 'Gone'" in read_script({"Script": "Gone"}, host).problem
    with host.running():
        pasted = read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, Script: Count up, Counted from: 7", host)
        assert pasted.values["script"] == "Count up" and not pasted.problems
        assert read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1", host).values["script"] == "None"
        assert "script" not in read_pasted("only a prompt", host).values


def test_the_settings_of_labels_are_declared(site):
    host, _ = site
    assert host.settings.get("grid_text_active_color") == "#000000" and host.settings.get("font") == ""
    with pytest.raises(UserError, match="grid_text_inactive_color"):
        host.settings.set({"grid_text_inactive_color": "blue"})


@contextmanager
def interrupted(site):
    """A client, and the id of a script's job that was interrupted after the first of its two cells."""
    host, executor = site
    body = {"kind": "script", "request": {"script": "count", "form": "txt2img", "request": REQUEST}, "source": "txt2img"}
    with running_client(host) as client:
        executor.hold.clear()
        executor.free_checks = 9
        job = client.post("/paintbox/v1/jobs", json=body).json()["id"]
        while not (host.paths.script_records / f"{job}.jsonl").exists():
            assert not host.jobs.wait(job, 0.02).state.ended
        client.post(f"/paintbox/v1/jobs/{job}/control", json={"action": "interrupt", "force": True})
        assert host.jobs.wait(job, 60).result.stopped == "interrupt"
        try:
            yield client, job
        finally:
            executor.hold.set()


def test_an_interrupted_job_is_listed_and_resumed_by_its_owner_alone(site):
    host, executor = site
    with interrupted(site) as (client, job):
        executor.hold.set()
        record = host.paths.script_records / f"{job}.jsonl"
        address = f"/paintbox/v1/scripts/unfinished/{job}"
        assert client.get(address).json() == {"job": job, "title": "Count up", "drawn": 1, "cells": 2}
        lines = record.read_text().splitlines()
        record.write_text("\n".join(['{"owner":"somebody else"}', *lines[1:], "{cut off"]))
        assert client.get(address).json() is None
        record.write_text("\n".join([*lines, "{cut off"]))
        again = client.post(f"{address}/resume", json={}).json()["job"]
        done = host.jobs.wait(again, 60)
        assert [parse_infotext(image.infotext)["Steps"] for image in done.result.images] == ["1", "21"] and done.source == "txt2img"
        assert all(Image.open(Path(image.path)).size == (64, 64) for image in done.result.images)
        assert client.get(address).json() is None
        assert client.post(f"{address}/resume", json={}).status_code == 409
        assert client.get("/paintbox/v1/scripts/unfinished/nothing").status_code == 404
        wrong = {"kind": "script", "request": {"script": "count", "form": "txt2img", "request": REQUEST, "resumes": "../../x"}}
        assert client.post("/paintbox/v1/jobs", json=wrong).status_code == 422


def test_the_rest_of_a_job_is_drawn_once_however_often_it_is_asked_for(site):
    host, executor = site
    with interrupted(site) as (client, job):
        address = f"/paintbox/v1/scripts/unfinished/{job}/resume"
        executor.free_checks = 5  # it begins, and stands still in its second cell
        first, second = (client.post(address, json={}).json()["job"] for _ in range(2))
        assert first == second != job
        while not (host.paths.script_records / f"{first}.jsonl").exists():
            assert not host.jobs.wait(first, 0.02).state.ended
        assert client.post(address, json={}).json()["job"] == first
        executor.hold.set()
        assert host.jobs.wait(first, 60).result.info["cells_drawn"] == 2
        assert client.post(address, json={}).status_code == 409
        assert len(host.jobs.list()) == 2


def test_a_job_whose_resumption_never_began_is_still_resumed(site):
    host, executor = site
    with interrupted(site) as (client, job):
        executor.free_checks = 0
        busy = client.post("/paintbox/v1/jobs", json={"kind": "generate", "request": REQUEST}).json()["id"]
        waiting = client.post(f"/paintbox/v1/scripts/unfinished/{job}/resume", json={}).json()["job"]
        assert client.post(f"/paintbox/v1/jobs/{waiting}/control", json={"action": "cancel"}).json()["state"] == "cancelled"
        told = client.get(f"/paintbox/v1/scripts/unfinished/{waiting}").json()
        assert told == {"job": waiting, "title": "Count up", "drawn": 1, "cells": 2}
        executor.hold.set()
        host.jobs.wait(busy, 60)
        again = client.post(f"/paintbox/v1/scripts/unfinished/{waiting}/resume", json={}).json()["job"]
        done = host.jobs.wait(again, 60)
        assert done.state.value == "done" and done.request["resumes"] == job and len(done.result.images) == 2
        assert client.get(f"/paintbox/v1/scripts/unfinished/{waiting}").json() is None
