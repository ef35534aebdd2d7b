"""Cells that begin alike: their first pass is drawn once, and every picture is the same as if it had been drawn alone."""

from __future__ import annotations

import uuid

import pytest
import torch
from PIL import Image

from app.api import GenerationRequest, Job, JobProgress, ScriptRequest
from app.generation.prefixes import FirstPasses
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun, draw

HIRES = {"hires_fix": {"enabled": True, "upscaler": "Latent", "scale": 2.0, "steps": 2, "denoising_strength": 0.6}}
REQUEST = GenerationRequest(prompt="tree", seed=7, steps=3, sampler="Euler a", width=64, height=64, params=HIRES)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("prefixes")
    with drawing_host(data, "xyz_plot", "hires_fix", "upscalers", "freeu") as made:
        yield made


def plot(host, request=REQUEST, **params):
    wanted = {"include_lone_images": True, **params}
    asked = ScriptRequest(script="xyz_plot", form="txt2img", request=request, params=wanted, salt="s")
    run = RecordingRun(host)
    run.job = Job(id=uuid.uuid4().hex, kind="script", owner="", created=0.0)
    result = host.job_kinds.get("script").run(run, asked)
    steps = [event for event in run.reported(JobProgress) if event.step > 0 and not event.pass_index and "Sampling" in event.text]
    return [Image.open(image.path).tobytes() for image in result.images if image.kind == "sample"], len(steps), result


def alone(host, request):
    return Image.open(draw(RecordingRun(host), request).images[0].path).tobytes()


def changed(**hires):
    return REQUEST.model_copy(update={"params": {"hires_fix": {**HIRES["hires_fix"], **hires}}})


def test_second_passes_begin_with_one_first_pass_bit_by_bit(host):
    pictures, steps, _ = plot(host, x_type="Hires steps", x_values="1,2,3", y_type="Denoising", y_values="0.4,0.8")
    assert steps == REQUEST.steps
    wanted = [alone(host, changed(steps=count, denoising_strength=strength)) for strength in (0.4, 0.8) for count in (1, 2, 3)]
    assert pictures == wanted and len(set(wanted)) == 6


@pytest.mark.parametrize(
    ("title", "values"), [("Seed", "7,8"), ("CFG Scale", "7,8"), ("Clip skip", "1,2"), ("FreeU", "false,true"), ("Sigma noise", "1,0.9")]
)
def test_what_has_a_part_in_the_first_pass_has_it_drawn_again(host, title, values):
    _, steps, _ = plot(host, x_type=title, x_values=values)
    assert steps == 2 * REQUEST.steps


def test_what_waits_in_the_form_for_a_second_pass_that_is_off_draws_nothing_anew(host):
    plain = changed(enabled=False)
    pictures, steps, result = plot(host, plain, x_type="Hires steps", x_values="1,2")
    assert steps == plain.steps and pictures[0] == pictures[1] == alone(host, plain)
    assert result.images[1].path != result.images[2].path


def test_only_so_many_are_kept():
    known = FirstPasses(most_bytes=100)
    for key in "abc":
        known.add(key, torch.zeros(10), frozenset(key))
        known.find("a")
    assert known.find("b") is None and known.find("a") is not None and known.find("c").used == {"c"}
