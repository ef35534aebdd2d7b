"""A pasted infotext fills the form."""

from __future__ import annotations

import pytest

from app.api import UserError
from extensions.txt2img.paste import read_pasted

HOST = ("txt2img", "samplers", "noise_schedules", "tiling")
A1111 = """red house, (snow:1.2),
pine tree
Negative prompt: rain
Steps: 31, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 123456789, Size: 640x384, Model hash: 0123456789, Model: x"""


@pytest.fixture
def host(make_host):
    return make_host(*HOST)


def test_every_field_of_the_form(host):
    assert read_pasted(A1111, host) == {
        "prompt": "red house, (snow:1.2),\npine tree", "negative_prompt": "rain", "steps": 31, "sampler": "DPM++ 2M", "scheduler": "Karras",
        "cfg_scale": 6.5, "seed": 123456789, "width": 640, "height": 384, "params.tiling.tiling": False,
    }  # fmt: skip


def test_a_plain_prompt_changes_nothing_else(host):
    assert read_pasted("a boat, sunset", host) == {"prompt": "a boat, sunset"}


def test_an_older_version_names_sampler_and_schedule_together(host):
    values = read_pasted("x\nSteps: 5, Sampler: DPM++ 2M Karras, Seed: 1, Size: 64x64", host)
    assert (values["sampler"], values["scheduler"]) == ("DPM++ 2M", "Karras")


def test_features_are_read_back(host):
    assert read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, Tiling: True", host)["params.tiling.tiling"] is True


def test_a_sampler_that_is_not_here_is_named(host):
    with pytest.raises(UserError, match="Sorcery"):
        read_pasted("x\nSteps: 5, Sampler: Sorcery, Seed: 1", host)


def test_broken_numbers_are_named(host):
    with pytest.raises(UserError, match="Steps"):
        read_pasted("x\nSteps: many, Sampler: Euler, Seed: 1", host)
