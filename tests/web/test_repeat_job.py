"""A button draws the selected picture's job again, changed: as hires fix does it for a finished picture."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from app.errors import UserError
from app.testing.hosts import temporary_host
from app.testing.tiny import TinyModel
from app.testing.web import running_client, with_tiny_worker
from app.web.repeat_job import repeated
from extensions.hires_fix.again import upscaled

REQUEST = {"prompt": "tree", "steps": 3, "seed": 7, "sampler": "Euler"}
HIRES = {"upscaler": "Lanczos", "denoising_strength": 0.4}


@pytest.fixture
def host(tmp_path):
    made = temporary_host(tmp_path, ["hires_fix", "txt2img", "samplers", "noise_schedules"])
    with_tiny_worker(made, "first.safetensors")
    with running_client(made):
        yield made


def finished(host, job):
    ended = host.jobs.wait(job.id, timeout=60)
    assert ended.state == "done", ended.error
    return ended


def drawn(host, request, settings=None):
    return finished(host, host.jobs.submit("generate", request, owner="", settings=settings or {}))


def page_of(host):
    def picture(job_id, number, request):
        images = host.jobs.get(job_id).result.images if job_id else ()
        return images[int(number)] if number.isdecimal() and int(number) < len(images) else None

    return SimpleNamespace(host=host, owner=lambda request: "", picture=picture)


def pixels(job):
    return np.asarray(Image.open(job.result.images[-1].path))


def test_the_selected_picture_gets_its_second_pass_by_its_own_job_s_settings(host, monkeypatch):
    settings = {"eta_noise_seed_delta": 3, "samples_save": False}
    old = drawn(host, REQUEST, settings)
    wanted = drawn(host, {**REQUEST, "params": {"hires_fix": {**HIRES, "enabled": True}}}, settings)
    sides = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: sides.append(x.shape[-1]) or real(self, x, *rest))
    typed = {f"params.hires_fix.{name}": value for name, value in HIRES.items()}
    new = repeated(page_of(host), "txt2img", (old.id, "0", typed), lambda shown: upscaled(shown, host), None)
    assert np.array_equal(pixels(finished(host, new)), pixels(wanted))
    assert set(sides) == {16} and new.settings == settings and new.source == "txt2img"


def test_without_a_selected_picture_there_is_nothing_to_repeat(host):
    with pytest.raises(UserError, match="no picture selected"):
        repeated(page_of(host), "txt2img", ("", "", {}), lambda shown: shown.request, None)
