"""The refiner takes over where it should, is written, and read back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, UserError, WorkerStatus, parse_infotext
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun, draw
from extensions.refiner.params import RefinerParams


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "refiner", "hires_fix", "a1111_infotext", checkpoints=("first", "second")) as made:
        yield made


def drawn(host, refiner=None, settings=None, **more):
    run = RecordingRun(host, settings)
    params = {"refiner": refiner or {}, **more.pop("params", {})}
    request = GenerationRequest(prompt="tree", steps=6, seed=7, sampler="Euler", checkpoint="first", params=params, **more)
    result = draw(run, request)
    used = [status.model.split(".")[0] for status in run.reported(WorkerStatus)]
    picture = np.asarray(Image.open(result.images[0].path).convert("RGB")).astype(int)
    return picture, parse_infotext(result.images[0].infotext), used, result


def test_it_takes_over_and_is_written(host):
    plain = drawn(host)[0]
    picture, items, used, _ = drawn(host, {"checkpoint": "second", "switch_at": 0.5})
    assert (picture != plain).any() and used == ["first", "second"]
    assert (items["Refiner"].partition(" [")[0], items["Refiner switch at"]) == ("second", "0.5")
    assert "Refiner switch by sampling steps" not in items and "Hires refiner" not in items


def test_the_next_batch_begins_with_the_first_checkpoint_again(host):
    assert drawn(host, {"checkpoint": "second", "switch_at": 0.5}, batch_count=2)[2] == ["first", "second", "first", "second"]


@pytest.mark.parametrize(
    "off", [{}, {"checkpoint": "second", "enabled": False}, {"checkpoint": "second", "switch_at": 1.0}, {"checkpoint": ""}]
)
def test_off(host, off):
    picture, items, used, _ = drawn(host, off)
    assert used == ["first"] and "Refiner" not in items
    assert (picture == drawn(host)[0]).all()


def test_the_share_may_count_calls(host):
    _, items, _, _ = drawn(host, {"checkpoint": "second", "switch_at": 0.5}, {"refiner_switch_by_sample_steps": True})
    assert items["Refiner switch by sampling steps"] == "True"


@pytest.mark.parametrize(
    ("wanted", "used", "written"),
    [
        ("second pass", ["first", "second"], None),
        ("first pass", ["first", "second", "first"], "first pass"),
        ("both passes", ["first", "second", "first", "second"], "both passes"),
    ],
)
def test_with_hires_fix_it_works_in_the_chosen_pass(host, wanted, used, written):
    hires = {"hires_fix": {"enabled": True, "denoising_strength": 0.9}}
    found = drawn(host, {"checkpoint": "second", "switch_at": 0.6}, {"hires_fix_refiner_pass": wanted}, params=hires)
    assert found[2] == used
    assert found[1].get("Hires refiner") == written


def test_the_checkpoint_itself_as_refiner_is_told(host):
    _, items, used, result = drawn(host, {"checkpoint": "first"})
    assert used == ["first"] and "Refiner" not in items
    assert any("refiner changed nothing" in comment for comment in result.comments)


def test_a_missing_checkpoint_is_named(host):
    with pytest.raises(UserError, match="third") as caught:
        drawn(host, {"checkpoint": "third"})
    assert caught.value.field == "params.refiner.checkpoint"


def test_the_infotext_is_read_back(host):
    picture, items, _, _ = drawn(host, {"checkpoint": "second", "switch_at": 0.5})
    said = RefinerParams.read_infotext(items, host)
    assert said["enabled"] is True and said["checkpoint"].startswith("second")
    assert (drawn(host, said)[0] == picture).all()
    assert RefinerParams.read_infotext({"Steps": "5"}, host)["enabled"] is False
