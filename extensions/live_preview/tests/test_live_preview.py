"""What is sent while a picture is drawn: when, how large, and whether it resembles the picture."""

from __future__ import annotations

import base64
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from app.api import DenoiseState, JobPreview, PassContext
from app.testing.hosts import temporary_host
from app.testing.plans import example_plan
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from extensions.live_preview import follow_denoising
from extensions.live_preview.fit import fit_colours
from extensions.live_preview.listener import PreviewListener, make_listener
from extensions.live_preview.settings import LivePreviews


@pytest.fixture
def run(tmp_path):
    return RecordingRun(temporary_host(tmp_path, ["live_preview"], role="worker"))


class LinearVae(TinyModel):
    """A model whose latents are a known linear function of the colours."""

    mixing = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0], [0.3, 0.3, 0.3], [-1.0, 0.0, 2.0]])

    def encode_images(self, pixels, generator=None):
        return torch.einsum("lc,bchw->blhw", self.mixing, nn.functional.avg_pool2d(pixels, 8)) + 0.25


def at(model):
    plan = example_plan()
    return PassContext(plan, 0, plan.images, plan.first.checkpoint, model)


def state(step, steps=20):
    return DenoiseState(step=step, steps=steps, call_index=step, level=1.0)


def pictures(run):
    return [Image.open(BytesIO(base64.b64decode(event.data))) for event in run.reported(JobPreview)]


def listener(run, clock=None, to_pixels=lambda latents: latents[:, :3].clamp(0, 1), **settings):
    made = PreviewListener(LivePreviews(**settings), to_pixels, 8, run)
    if clock is not None:
        made.clock = clock
    return made


def ticking(step_s):
    now = SimpleNamespace(value=0.0)

    def clock():
        now.value += step_s
        return now.value

    return clock


def test_the_fitted_map_gives_the_colours_back():
    colours = torch.rand((1, 3, 6, 6), generator=torch.Generator().manual_seed(3))
    model = LinearVae()
    latents = model.encode_images(nn.functional.interpolate(colours, scale_factor=8))
    assert torch.allclose(fit_colours(model)(latents), colours, atol=1e-3)


def test_the_fit_is_made_once_per_vae(run, monkeypatch):
    calls = []
    model = LinearVae()
    real = model.encode_images
    monkeypatch.setattr(model, "encode_images", lambda pixels: calls.append(1) or real(pixels))
    make_listener(LivePreviews(), at(model), run)
    make_listener(LivePreviews(), at(model), run)
    assert len(calls) == 1
    with torch.no_grad():
        model.modules()["vae"]["decoder"].bias.add_(1)
    make_listener(LivePreviews(), at(model), run)
    assert len(calls) == 2


def test_a_preview_shows_the_prediction_at_the_pictures_ratio(run):
    latents = torch.zeros(1, 4, 8, 16)
    latents[:, 0, :, 8:] = 1.0
    listener(run).after_step(latents, state(3))
    (picture,) = pictures(run)
    assert picture.size == (128, 64)
    levels = np.asarray(picture)
    assert levels[:, :40].max() < 20 and levels[:, 90:, 0].min() > 230 and levels[:, 90:, 1:].max() < 20


def test_large_previews_are_made_small(run):
    listener(run).after_step(torch.zeros(1, 4, 64, 128), state(3))
    assert pictures(run)[0].size == (512, 256)


@pytest.mark.parametrize(("grid", "size"), [(True, (128, 128)), (False, (64, 64))])
def test_a_batch_is_shown_whole_or_by_its_first_picture(run, grid, size):
    listener(run, show_progress_grid=grid).after_step(torch.zeros(3, 4, 8, 8), state(3))
    assert pictures(run)[0].size == size


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_the_format_is_that_of_the_setting(run, name):
    listener(run, live_previews_image_format=name).after_step(torch.zeros(1, 4, 8, 8), state(3))
    assert pictures(run)[0].format == name.upper() and run.reported(JobPreview)[0].mime == f"image/{name}"


def test_the_period_is_the_least_time_between_two(run):
    now = SimpleNamespace(value=0.0)
    made = listener(run, clock=lambda: now.value, live_preview_refresh_period=1000)
    for step in range(20):
        now.value = step / 4
        made.after_step(torch.zeros(1, 4, 8, 8), state(step, 40))
    assert len(pictures(run)) == 5  # at 0, 1, 2, 3 and 4 seconds


def test_only_every_nth_step_is_shown(run):
    made = listener(run, clock=ticking(1000.0), show_progress_every_n_steps=5)
    for step in range(20):
        made._next_at = 0.0
        made.after_step(torch.zeros(1, 4, 8, 8), state(step))
    assert len(pictures(run)) == 3  # steps 5, 10 and 15; the 20th is followed by the picture itself


def test_previews_take_a_small_share_of_the_time(run):
    made = listener(run)
    now, spent = SimpleNamespace(value=0.0), 0.0

    def slow(latents):
        now.value += 0.2
        return latents[:, :3]

    made.to_pixels, made.clock = slow, lambda: now.value
    for step in range(200):
        now.value += 0.1
        made.after_step(torch.zeros(1, 4, 8, 8), state(step, 200))
    spent = 0.2 * len(pictures(run))
    assert pictures(run) and spent / now.value < 0.06


def test_not_a_number_is_shown_black_and_stops_nothing(run):
    listener(run).after_step(torch.full((1, 4, 8, 8), float("nan")), state(1))
    assert np.asarray(pictures(run)[0]).max() == 0


@pytest.mark.parametrize("settings", [{"live_previews_enable": False}, {"show_progress_every_n_steps": -1}])
def test_off_means_no_listener(run, settings):
    run.settings = {**run.settings, **settings}
    assert follow_denoising(None, run) == []


def test_full_previews_come_from_the_vae(run):
    model = TinyModel()
    latents = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(2))
    make_listener(LivePreviews(show_progress_type="Full"), at(model), run).after_step(latents, state(1))
    expected = nn.functional.avg_pool2d(model.decode(latents), 16)[0] * 255
    shown = torch.from_numpy(np.array(pictures(run)[0])).permute(2, 0, 1).float()
    assert float((nn.functional.avg_pool2d(shown, 16) - expected).abs().max()) < 8


class FailingVae(TinyModel):
    """Decodes to NaN, or runs out of memory, also in parts."""

    def __init__(self, error=None):
        super().__init__()
        self.error, self.rows = error, []

    def decode(self, latents):
        self.rows.append(len(latents))
        if self.error:
            raise self.error
        return super().decode(latents) * float("nan")

    def decode_in_parts(self, latents, scratch, on_part):
        return self.decode(latents)


@pytest.mark.parametrize(
    ("error", "words"), [(None, "not numbers"), (MemoryError(), "memory"), (RuntimeError("CUDA out of memory. Tried to ..."), "memory")]
)
def test_previews_that_fail_are_left_out_with_one_word(run, error, words):
    model = FailingVae(error)
    made = make_listener(LivePreviews(show_progress_type="Full"), at(model), run)
    for step in range(3):
        made._next_at = 0.0
        made.after_step(torch.zeros(2, 4, 8, 8), state(step))
    told = [comment for comment in run.comments if "previews" in comment]
    assert pictures(run) == [] and len(told) == 1 and words in told[0]
    assert set(model.rows) == {1} and len(model.rows) <= 3, "one picture at a time, and nothing after the failure"


def test_other_errors_of_a_preview_are_no_secret(run):
    made = make_listener(LivePreviews(show_progress_type="Full"), at(FailingVae(RuntimeError("size mismatch"))), run)
    with pytest.raises(RuntimeError, match="mismatch"):
        made.after_step(torch.zeros(1, 4, 8, 8), state(1))


@pytest.mark.parametrize(("method", "told"), [("Approx NN", True), ("TAESD", True), ("Approx cheap", False), ("Full", False)])
def test_a_method_that_is_not_there_is_told(run, method, told):
    make_listener(LivePreviews(show_progress_type=method), at(LinearVae()), run)
    assert [method in comment for comment in run.comments] == ([True] if told else [])
