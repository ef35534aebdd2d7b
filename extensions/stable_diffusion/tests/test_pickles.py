"""Checkpoints as pickles, in every form that torch has written: they load and compute as the same weights in a safetensors file do."""

from __future__ import annotations

import zipfile

import pytest
import torch
from safetensors.torch import load_file

from app.api import EncodeOptions, ModelFileError, convert_to_safetensors
from app.testing.pickles import Hostile, deflate_zip


def outputs(model):
    """A prediction and a picture that depend on every part."""
    conditioning = model.encode_prompts(["a cat"], EncodeOptions())
    x = torch.linspace(-2, 2, 4 * 64).reshape(1, 4, 8, 8)
    prediction = model.predict(x, torch.tensor([500.0]), conditioning)
    return torch.cat([part.flatten() for part in (prediction, model.decode(prediction))])


@pytest.fixture(scope="module")
def weights(tiny_files):
    return {family: load_file(path) for family, path in tiny_files.items()}


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "legacy"])
def test_a_training_checkpoint_draws_the_same(load, models, weights, tmp_path, family, is_zip):
    path = tmp_path / "model.ckpt"
    content = {"epoch": 3, "state_dict": weights[family], "optimizer_states": [{"m": torch.zeros(3)}]}
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    assert torch.equal(outputs(load(path)), outputs(models[family]))


def test_a_bare_state_dict_and_a_compressed_file_draw_the_same(load, models, weights, tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save(weights["sd1"], path)
    deflated = deflate_zip(path, tmp_path / "deflated.ckpt")
    assert zipfile.ZipFile(deflated).infolist()[0].compress_type == zipfile.ZIP_DEFLATED
    wanted = outputs(models["sd1"])
    assert torch.equal(outputs(load(path)), wanted) and torch.equal(outputs(load(deflated)), wanted)


def test_what_was_converted_draws_the_same(load, models, weights, tmp_path):
    torch.save({"state_dict": weights["sd1"]}, tmp_path / "model.ckpt", _use_new_zipfile_serialization=False)
    convert_to_safetensors(tmp_path / "model.ckpt", tmp_path / "new.safetensors")
    assert torch.equal(outputs(load(tmp_path / "new.safetensors")), outputs(models["sd1"]))


def test_a_hostile_checkpoint_is_refused_by_name(load, weights, tmp_path, capsys):
    path = tmp_path / "bad.ckpt"
    torch.save({"state_dict": weights["sd1"], "callbacks": Hostile()}, path)
    with pytest.raises(ModelFileError, match=r"bad\.ckpt: refused: it asks for builtins\.print"):
        load(path)
    assert capsys.readouterr().out == ""
