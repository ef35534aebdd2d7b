"""Cells that begin alike: their first pass is drawn once, and every picture is the same as if it had been drawn alone."""

from __future__ import annotations

import uuid

import pytest
import torch
from PIL import Image, ImageOps
from pydantic import BaseModel, Field

from app.api import GenerationRequest, Job, JobProgress, ScriptRequest, SettingsSection, encode_pixels, hookimpl
from app.generation.prefixes import FirstPass, FirstPasses
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun, draw
from app.values.plan import PlannedCheckpoint
from extensions.face_restoration.api import FaceRestorer
from extensions.xyz_plot.axes import axes_of
from extensions.xyz_plot.values_text import read_values

EXTENSIONS = (
    "xyz_plot", "hires_fix", "upscalers", "freeu", "vae", "face_restoration", "extras", "img2img", "token_merging", "refiner",
)  # fmt: skip
CHANGED = ("Face restore", "Extra noise", "Refiner switch at", "Refiner checkpoint")
"""Axes that change the tiny checkpoint's pictures; it has one VAE and nothing to merge."""
CHECKPOINT = PlannedCheckpoint(path="x", name="x", title="x", sha256=None, family="tiny")

HIRES = {"hires_fix": {"enabled": True, "upscaler": "Latent", "scale": 2.0, "steps": 2, "denoising_strength": 0.6}}
REQUEST = GenerationRequest(prompt="tree", seed=7, steps=3, sampler="Euler a", width=64, height=64, params=HIRES)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("prefixes")
    with drawing_host(data, *EXTENSIONS, checkpoints=("first", "second"), plugins=[Restoring(), Dimming()]) as made:
        yield made


class Restoring:
    """Turns faces, which are whole pictures here, upside down."""

    @hookimpl
    def register_face_restorers(self):
        left_right = FaceRestorer("Left is right", lambda: lambda image, weight, run: ImageOps.mirror(image))
        return [left_right, FaceRestorer("Upside down", lambda: lambda image, weight, run: image.transpose(Image.Transpose.ROTATE_180))]


class DimmingSettings(BaseModel):
    dimming: float = Field(0.0, title="Dimming", json_schema_extra={"infotext": "Dimming"})


class Dimming:
    """Changes the guidance by a setting that nothing else in the request tells of."""

    @hookimpl
    def register_settings(self):
        return [SettingsSection("dimming", "Dimming", DimmingSettings)]

    @hookimpl
    def edit_guidance(self, context, run):
        return [lambda prediction, state: prediction.guided * (1 - run.settings["dimming"])] if run.settings.get("dimming") else []


class Looking:
    """Has the first pass look at an encoded picture."""

    @hookimpl
    def edit_conditioning(self, conditioning, context, run):
        encode_pixels(torch.zeros(1, 3, 64, 64), context, run)
        return conditioning


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
    ("title", "values"),
    [
        ("Seed", "7,8"),
        ("CFG Scale", "7,8"),
        ("Clip skip", "1,2"),
        ("FreeU", "false,true"),
        ("Sigma noise", "1,0.9"),
        ("Setting: Dimming", "0,0.5"),
    ],
)
def test_what_has_a_part_in_the_first_pass_has_it_drawn_again(host, title, values):
    _, steps, _ = plot(host, x_type=title, x_values=values)
    assert steps == 2 * REQUEST.steps


@pytest.mark.parametrize(
    ("title", "values", "plain"),
    [
        ("VAE", "None,Automatic", True),
        ("Face restore", "false,true", True),
        ("Face restore", "Left is right,upside down", True),
        ("Setting: Apply color correction to img2img results to match original colors", "false,true", True),
        ("Extra noise", "0,0.1", False),
        ("Token merging ratio high-res", "0,0.3", False),
        ("Refiner switch at", "0.2,0.95", False),
        ("Refiner checkpoint", "None,second", False),
    ],
)
def test_what_has_no_part_in_the_first_pass_shares_it(host, title, values, plain):
    refined = REQUEST.model_copy(update={"params": {**HIRES, "refiner": {"checkpoint": "second", "switch_at": 0.5}}})
    request = REQUEST.model_copy(update={"params": {}}) if plain else refined if "Refiner" in title else REQUEST
    pictures, steps, result = plot(host, request, x_type=title, x_values=values)
    assert steps == request.steps and len(pictures) == 2 and not result.info["failed"]
    assert pictures[0] == alone(host, changed_by(host, request, title, values.split(",")[0]))
    assert pictures[1] == alone(host, changed_by(host, request, title, values.split(",")[1]))
    assert len(set(pictures)) == (2 if title in CHANGED else 1)


def changed_by(host, request, title, value):
    axis = axes_of(host, "txt2img")[title]
    return axis.apply(request, *read_values([value], axis.type))


def test_a_first_pass_that_encodes_a_picture_is_not_shared_between_vaes(host):
    host.hooks.register("looking", Looking())
    try:
        _, steps, _ = plot(host, x_type="VAE", x_values="None,Automatic")
        assert steps == 2 * REQUEST.steps
        _, steps, _ = plot(host, x_type="Hires steps", x_values="1,2")
        assert steps == REQUEST.steps
    finally:
        host.hooks.unregister("looking")


def test_the_checkpoint_that_took_over_in_a_shared_first_pass_goes_on(host):
    refined = {"refiner": {"checkpoint": "second", "switch_at": 0.3}}
    request = REQUEST.model_copy(update={"params": refined})
    pictures, steps, _ = plot(host, request, x_type="Face restore", x_values="false,true")
    assert steps == request.steps and pictures[0] == alone(host, request)
    turned = request.model_copy(update={"params": {**refined, "face_restoration": {"restore_faces": True}}})
    assert pictures[1] == alone(host, turned) != pictures[0]


def test_what_waits_in_the_form_for_a_second_pass_that_is_off_draws_nothing_anew(host):
    plain = changed(enabled=False)
    pictures, steps, result = plot(host, plain, x_type="Hires steps", x_values="1,2")
    assert steps == plain.steps and pictures[0] == pictures[1] == alone(host, plain)
    assert result.images[1].path != result.images[2].path


def test_only_so_many_are_kept():
    known = FirstPasses(most_bytes=100)
    for key in "abc":
        known.add(key, FirstPass(torch.zeros(10), frozenset(key), CHECKPOINT))
        known.find("a")
    assert known.find("b") is None and known.find("a") is not None and known.find("c").used == {"c"}
