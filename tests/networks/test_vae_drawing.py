"""Pictures drawn with VAE files: other pixels, the truth about the file, and the checkpoint's own VAE again bit by bit."""

from __future__ import annotations

import json
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from app.api import GenerationRequest, LoadOptions, ModelFileError
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint, write_vae

EXTENSIONS = ("vae", "stable_diffusion", "samplers", "noise_schedules", "checkpoints", "hires_fix", "upscalers", "a1111_infotext")
OTHER = TinyCheckpoint(seed=7)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vae")
    checkpoints, vae = folder / "models" / "Stable-diffusion", folder / "models" / "VAE"
    checkpoints.mkdir(parents=True)
    write_checkpoint(checkpoints / "tiny.safetensors")
    write_checkpoint(checkpoints / "near.safetensors")
    write_vae(checkpoints / "near.vae.safetensors", OTHER)
    write_vae(vae / "vivid.safetensors", OTHER)
    write_vae(vae / "third.safetensors", TinyCheckpoint(seed=8))
    write_vae(vae / "small.safetensors", TinyCheckpoint(vae_channels=(32, 32, 32)))
    write_vae(vae / "sdxl_vae.safetensors", OTHER)
    torch.save({"state_dict": load_file(str(vae / "vivid.safetensors"))}, vae / "vivid.ckpt")
    (vae / "broken.safetensors").write_bytes(b"nothing")
    return folder


@contextmanager
def running(data, **options):
    built = temporary_host(data, EXTENSIONS, role="worker", options=options)
    with built.running():
        yield built


@pytest.fixture(scope="module")
def host(data):
    with running(data) as built:
        yield built


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


def pixels(run, vae="", checkpoint="tiny", **fields):
    settings = {**({"sd_vae": vae} if vae else {}), **fields.pop("settings", {})}
    request = GenerationRequest(
        prompt="a house", checkpoint=checkpoint, seed=3, steps=2, width=64, height=64, save="spool", settings=settings, **fields
    )
    result = draw(run, request)
    return np.asarray(Image.open(result.images[0].path)), result


def test_a_vae_changes_the_picture_and_none_brings_it_back_bit_by_bit(run):
    base, plain = pixels(run)
    vivid, result = pixels(run, "vivid.safetensors")
    assert (vivid != base).any()
    third, _ = pixels(run, "third.safetensors")
    assert (third != vivid).any()
    for choice in ("None", "Automatic"):
        assert np.array_equal(pixels(run, choice)[0], base)
    assert np.array_equal(pixels(run, "vivid.safetensors")[0], vivid)
    (use,) = result.networks
    assert use.sentence() == f"vae vivid.safetensors: {use.total}/{use.total} keys applied (VAE {use.total})"
    assert use.total > 100 and result.comments == () and plain.networks == ()


def test_the_weights_are_the_files_and_then_the_checkpoints(run, data):
    pixels(run, "vivid.safetensors")
    path = str(data / "models" / "Stable-diffusion" / "tiny.safetensors")
    with run.weights.pin(path, LoadOptions(device="cpu")) as model:
        vae = model.modules()["vae"]
        given = load_file(str(data / "models" / "VAE" / "vivid.safetensors"))["decoder.conv_in.weight"]
        assert torch.equal(vae.decoder.conv_in.weight, given.to(vae.decoder.conv_in.weight))
        pixels(run, "None")
        own = load_file(path)["first_stage_model.decoder.conv_in.weight"]
        assert torch.equal(vae.decoder.conv_in.weight, own.to(vae.decoder.conv_in.weight))


def test_a_pickle_gives_the_same_picture(run):
    assert np.array_equal(pixels(run, "vivid.ckpt")[0], pixels(run, "vivid.safetensors")[0])


def test_the_infotext_names_file_and_hash(run, host):
    def infotext(**settings):
        return pixels(run, "vivid.safetensors", settings=settings)[1].images[0].infotext

    told = infotext()
    (use,) = pixels(run, "vivid.safetensors")[1].networks
    digits = host.models.find("vae", "vivid.safetensors").short_hash
    assert digits == use.sha256[:10] != ""
    assert f"VAE hash: {digits}, VAE: vivid.safetensors" in told
    assert "VAE" not in infotext(add_vae_name_to_info=False, add_vae_hash_to_info=False)
    assert "VAE" not in pixels(run)[1].images[0].infotext


def test_a_file_with_the_checkpoints_name_is_used_by_itself(run):
    base, _ = pixels(run)
    vivid, _ = pixels(run, "vivid.safetensors")
    near, result = pixels(run, checkpoint="near")
    assert np.array_equal(near, vivid)
    assert "VAE: near.vae.safetensors" in result.images[0].infotext
    assert np.array_equal(pixels(run, "None", checkpoint="near")[0], base)
    preferred = {"sd_vae_overrides_per_model_preferences": False}
    assert np.array_equal(pixels(run, "third.safetensors", checkpoint="near", settings=preferred)[0], vivid)


def test_metadata_of_a_checkpoint_name_its_vae(run, data):
    sidecar = data / "models" / "Stable-diffusion" / "tiny.json"
    vivid, _ = pixels(run, "vivid.safetensors")
    try:
        sidecar.write_text(json.dumps({"vae": "vivid.safetensors"}))
        assert np.array_equal(pixels(run)[0], vivid)
        sidecar.write_text(json.dumps({"vae": "gone.pt"}))
        _, result = pixels(run)
        assert any("gone.pt" in comment for comment in result.comments)
    finally:
        sidecar.unlink()


def test_an_unknown_name_is_told_and_the_checkpoints_own_is_used(run):
    base, _ = pixels(run)
    drawn, result = pixels(run, "gone.pt")
    assert np.array_equal(drawn, base)
    assert result.comments == ("vae gone.pt: There is no such file in models/VAE: the checkpoint's own VAE is used.",)


@pytest.mark.parametrize(("name", "why"), [("small.safetensors", "lacks"), ("broken.safetensors", "broken.safetensors")])
def test_a_file_that_does_not_fit_is_refused_and_leaves_nothing_behind(run, name, why):
    base, _ = pixels(run)
    with pytest.raises(ModelFileError, match=why) as refused:
        pixels(run, name)
    assert name in refused.value.what and refused.value.field == "sd_vae"
    assert np.array_equal(pixels(run)[0], base)


def test_a_vae_of_another_family_is_warned_of(run):
    _, result = pixels(run, "sdxl_vae.safetensors")
    assert any("seems made for Stable Diffusion XL" in comment for comment in result.comments)


def test_both_passes_of_hires_fix_and_a_switch_of_checkpoints(run):
    fix = {"params": {"hires_fix": {"enabled": True, "scale": 2, "upscaler": "Lanczos", "denoising_strength": 0.5}}}
    base, _ = pixels(run, **fix)
    vivid, _ = pixels(run, "vivid.safetensors", **fix)
    assert base.shape == (128, 128, 3) and (base != vivid).any()
    assert np.array_equal(pixels(run, **fix)[0], base)
    switched = {"params": {"hires_fix": {**fix["params"]["hires_fix"], "checkpoint": "near"}}}
    drawn, result = pixels(run, **switched)
    assert [use.name for use in result.networks] == ["near.vae.safetensors"]
    assert "VAE: " not in result.images[0].infotext
    assert (drawn != base).any()


def test_the_command_lines_file_comes_before_all(data, run):
    vivid, _ = pixels(run, "vivid.safetensors")
    with running(data, flags={"vae-path": str(data / "models" / "VAE" / "vivid.safetensors")}) as forced:
        other = RecordingRun(forced, {"live_previews_enable": False})
        assert np.array_equal(pixels(other)[0], vivid)
        drawn, result = pixels(other, "None")
        assert np.array_equal(drawn, vivid)
        assert result.comments == ("sd_vae 'None' had no effect: --vae-path decides.",)


def test_without_hashing_the_infotext_has_the_name_alone(data):
    write_vae(data / "models" / "VAE" / "unknown.safetensors", TinyCheckpoint(seed=9))
    with running(data, hash_models=False) as plain:
        _, result = pixels(RecordingRun(plain, {"live_previews_enable": False}), "unknown.safetensors")
        assert "VAE: unknown.safetensors" in result.images[0].infotext and "VAE hash" not in result.images[0].infotext
