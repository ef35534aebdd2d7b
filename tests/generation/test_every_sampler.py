"""Every sampler and every schedule draws whole jobs on a tiny checkpoint, and its settings reach it and the infotext."""

from __future__ import annotations

import numpy as np
import pytest

from app.generation.generate import generate
from app.testing.drawing import drawing_host, pixels_of
from app.testing.runs import RecordingRun
from app.values.events import JobProgress
from app.values.request import GenerationRequest
from extensions.noise_schedules import register_noise_schedules
from extensions.samplers.listed import SAMPLERS

STEPS = 4
SCHEDULES = [schedule.label for schedule in register_noise_schedules(host=None)]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """A worker's host that stays for all tests of this file."""
    folder = tmp_path_factory.mktemp("data")
    with drawing_host(folder) as made:
        yield made


def draw(host, sampler, scheduler="Automatic", settings=None, **fields):
    request = GenerationRequest(
        **{"prompt": "tree", "seed": 7, "steps": STEPS, "sampler": sampler, "scheduler": scheduler, "settings": settings or {}, **fields}
    )
    (saved, *others) = [image for image in generate(request, RecordingRun(host)).images if image.kind == "sample"]
    pictures = [pixels_of(image) for image in (saved, *others)]
    return pictures, saved.infotext


@pytest.mark.parametrize("sampler", [sampler.name for sampler in SAMPLERS])
def test_a_picture_of_a_batch_is_the_single_picture(drawing, sampler):
    (first, second), infotext = draw(drawing, sampler, batch_size=2)
    (alone,), _ = draw(drawing, sampler, seed=8)
    assert np.abs(second - alone).max() <= 1
    assert np.abs(first - second).max() > 1
    assert f"Sampler: {sampler}," in infotext


@pytest.mark.parametrize("scheduler", SCHEDULES)
@pytest.mark.parametrize("sampler", ["Euler", "LCM"])
@pytest.mark.parametrize("steps", [1, 5])
def test_every_schedule_draws(drawing, sampler, scheduler, steps):
    pictures, infotext = draw(drawing, sampler, scheduler, steps=steps)
    assert pictures[0].shape == (64, 64, 3)
    assert ("Beta schedule alpha: 0.6" in infotext) == (scheduler == "Beta")


CASES = [
    ("UniPC", "Automatic", {"uni_pc_variant": "bh2"}, "UniPC variant: bh2"),
    ("UniPC", "Automatic", {"uni_pc_skip_type": "logSNR"}, "UniPC skip type: logSNR"),
    ("UniPC", "Automatic", {"uni_pc_order": 1}, "UniPC order: 1"),
    ("UniPC", "Automatic", {"uni_pc_lower_order_final": False}, "UniPC lower order final: False"),
    ("Euler", "Beta", {"beta_dist_alpha": 0.9}, "Beta schedule alpha: 0.9"),
    ("Euler", "Beta", {"beta_dist_beta": 0.9}, "Beta schedule beta: 0.9"),
    ("Euler", "Karras", {"rho": 3.0}, "Schedule rho: 3"),
    ("Euler", "Exponential", {"sigma_max": 9.0}, "Schedule max sigma: 9"),
    ("Euler", "Exponential", {"sigma_min": 0.2}, "Schedule min sigma: 0.2"),
    ("Euler", "Automatic", {"sd_noise_schedule": "Zero Terminal SNR"}, "Noise Schedule: Zero Terminal SNR"),
    ("DDIM", "Automatic", {"sd_noise_schedule": "Zero Terminal SNR"}, "Noise Schedule: Zero Terminal SNR"),
    ("Euler", "Automatic", {"use_downcasted_alpha_bar": True}, "Downcast alphas_cumprod: True"),
    ("Euler", "Karras", {"always_discard_next_to_last_sigma": True}, "Discard penultimate sigma: True"),
    ("Euler", "Automatic", {"sgm_noise_multiplier": True}, "SGM noise multiplier: True"),
    ("Heun", "Automatic", {"s_churn": 3.0}, "Sigma churn: 3"),
    ("DPM2 a", "Automatic", {"s_noise": 1.05}, "Sigma noise: 1.05"),
    ("DPM++ SDE", "Automatic", {"eta_ancestral": 0.5}, "Eta: 0.5"),
    ("DDIM CFG++", "Automatic", {"eta_ddim": 0.5}, "Eta DDIM: 0.5"),
    ("DPM++ 2S a", "Automatic", {"eta_noise_seed_delta": 31337}, "ENSD: 31337"),
    ("DPM++ 2M SDE", "Automatic", {"randn_source": "NV"}, "RNG: NV"),
]


@pytest.mark.parametrize(("sampler", "scheduler", "settings", "item"), CASES, ids=[case[3] for case in CASES])
def test_a_setting_changes_the_picture_and_stands_in_the_infotext(drawing, sampler, scheduler, settings, item):
    (plain,), plain_text = draw(drawing, sampler, scheduler)
    (changed,), text = draw(drawing, sampler, scheduler, settings)
    assert item in text and item not in plain_text
    assert (plain != changed).any()


def test_the_old_kind_of_noise_depends_on_the_batch(drawing):
    settings = {"no_dpmpp_sde_batch_determinism": True}
    (_, second), _ = draw(drawing, "DPM++ SDE", settings=settings, batch_size=2)
    (alone,), _ = draw(drawing, "DPM++ SDE", settings=settings, seed=8)
    assert np.abs(second - alone).max() > 1


def test_without_batch_seeds_a_picture_of_a_batch_is_not_the_single_one(drawing):
    settings = {"enable_batch_seeds": False}
    (first, second), text = draw(drawing, "Euler a", settings=settings, batch_size=2)
    (alone,), alone_text = draw(drawing, "Euler a", settings=settings, seed=8)
    assert np.abs(second - alone).max() > 1 and "Batch seeds: False" in text and "Batch seeds" not in alone_text
    (_, usual), _ = draw(drawing, "Euler a", batch_size=2)
    assert np.abs(usual - alone).max() <= 1


def test_a_setting_that_does_not_reach_the_sampler_is_not_written(drawing):
    (plain,), plain_text = draw(drawing, "Euler")
    (same,), text = draw(drawing, "Euler", settings={"uni_pc_order": 1, "beta_dist_alpha": 0.9, "eta_ddim": 0.5})
    assert text == plain_text and (plain == same).all()


def test_cfgpp_guides_by_a_share_of_the_scale(drawing):
    settings = {"eta_ddim": 0.0}
    (weak,), _ = draw(drawing, "DDIM CFG++", settings=settings, cfg_scale=1.0, negative_prompt="snow")
    (strong,), _ = draw(drawing, "DDIM CFG++", settings=settings, cfg_scale=7.0, negative_prompt="snow")
    assert (weak != strong).any()


@pytest.mark.parametrize("sampler", ["DPM adaptive", "UniPC", "DPM fast"])
def test_progress_never_runs_past_its_end(drawing, sampler):
    run = RecordingRun(drawing)
    generate(GenerationRequest(prompt="tree", seed=7, steps=STEPS, sampler=sampler), run)
    told = [event for event in run.events if isinstance(event, JobProgress)]
    assert max(event.step for event in told) >= 2
    assert all(event.step <= event.steps for event in told)
    fractions = [event.fraction for event in told]
    assert fractions == sorted(fractions) and fractions[-1] <= 1
