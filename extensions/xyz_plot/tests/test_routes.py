"""Routes of the plot: axes and their choices, and the page of a grid with its pictures, for its owner alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.testing.web import running_client, with_tiny_worker

REQUEST = {"prompt": "a tree", "steps": 1, "sampler": "Euler", "width": 64, "height": 64, "seed": 5}


@pytest.fixture
def client(make_host):
    host = make_host("xyz_plot", "samplers", "noise_schedules")
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        client.host = host
        yield client


def plotted(client, **params):
    asked = {"script": "xyz_plot", "form": "txt2img", "request": {**REQUEST, **params.pop("request", {})}, "params": params}
    job = client.post("/paintbox/v1/jobs", json={"kind": "script", "request": asked}).json()
    return client.host.jobs.wait(job["id"], 60)


def test_axes_and_choices(client):
    axes = client.get("/paintbox/v1/xyz_plot/axes").json()
    assert axes[:2] == [{"title": "Nothing", "type": "", "has_choices": False}, {"title": "Seed", "type": "whole", "has_choices": False}]
    assert next(axis for axis in axes if axis["title"] == "Checkpoint name")["has_choices"]
    assert client.get("/paintbox/v1/xyz_plot/choices?title=Checkpoint name").json()[0].startswith("first.safetensors")
    assert client.get("/paintbox/v1/xyz_plot/choices?title=Seed").json() == []
    assert client.get("/paintbox/v1/xyz_plot/choices?title=Colour").status_code == 404


def test_the_page_of_a_grid_is_served_with_its_pictures(client):
    done = plotted(client, x_type="Seed", x_values="1,2", request={"prompt": "</script><script>alert(1)"})
    address = f"/paintbox/v1/xyz_plot/explore/{done.id}"
    page = client.get(address)
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    data = json.loads(re.search(r"(?m)^const data = (.*);$", page.text).group(1))
    assert [cell["src"] for cell in data["cells"]] == [f"{done.id}/0", f"{done.id}/1"] and page.text.count("<script") == 1
    assert client.get(f"{address}/1").content[:4] == b"\x89PNG"
    assert client.get(f"{address}/2").status_code == 404
    file = Path(done.result.images[0].path).with_suffix(".html")
    file.write_text(re.sub(r'"src": "[^"]*"', '"src": "../../../config.json"', file.read_text()))
    (client.host.paths.data / "config.json").write_text("{}")
    assert client.get(f"{address}/0").status_code == 404
    file.unlink()
    assert client.get(address).status_code == 404
    assert client.get("/paintbox/v1/xyz_plot/explore/nobody").status_code == 404


def test_values_are_checked_before_the_job_is_taken(client):
    asked = {"script": "xyz_plot", "form": "txt2img", "request": REQUEST, "params": {"x_type": "Steps", "x_values": "1,x"}}
    answer = client.post("/paintbox/v1/jobs", json={"kind": "script", "request": asked})
    assert answer.status_code == 422 and answer.json()["field"] == "x_values" and "X axis, Steps" in answer.json()["detail"]


def test_a_cell_that_was_told_of_is_served_although_the_result_lists_the_grid_alone(client):
    done = plotted(client, x_type="Seed", x_values="1,2")
    told = client.host.jobs.snapshot(done.id).told
    assert len(done.result.images) == 1 and len(told) == 2
    for number, image in enumerate(told):
        answer = client.get(f"/paintbox/v1/jobs/{done.id}/images/{number}/{Path(image.path).name}")
        assert answer.content == Path(image.path).read_bytes()
    assert client.get(f"/paintbox/v1/jobs/{done.id}/images/1").status_code == 404
    assert client.get(f"/paintbox/v1/jobs/{done.id}/images/0").content == Path(done.result.images[0].path).read_bytes()
