"""TAESD from both layouts equals diffusers' own network, and Approx NN is read."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

from app.api import ModelFileError, ModelIdentity, PassContext, UserError
from app.testing.hosts import temporary_host
from app.testing.plans import example_plan
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyModel
from extensions.taesd import register_preview_methods
from extensions.taesd.testing import write_original
from extensions.taesd.use import decoded, encoded

LATENTS = torch.randn((2, 4, 8, 6), generator=torch.Generator().manual_seed(1)) * 2
PIXELS = torch.rand((1, 3, 64, 48), generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="module")
def reference():
    torch.manual_seed(3)
    return AutoencoderTiny().eval()


@pytest.fixture
def run(tmp_path):
    run = RecordingRun(temporary_host(tmp_path, ["taesd"], role="worker", options={"hash_models": False}))
    folder(run).mkdir(parents=True)
    return run


def folder(run):
    return run.host.paths.models / "VAE-taesd"


def model_of(family):
    model = TinyModel()
    model.identity = ModelIdentity(kind="checkpoint", family=family)
    return model


@pytest.mark.parametrize("layout", ["original", "original safetensors", "diffusers"])
@pytest.mark.parametrize(("family", "name"), [("sd1", "taesd"), ("sdxl", "taesdxl")])
def test_both_layouts_equal_diffusers_network(run, reference, layout, family, name):
    if layout == "diffusers":
        (folder(run) / name).mkdir()
        save_file(reference.state_dict(), str(folder(run) / name / "diffusion_pytorch_model.safetensors"))
    else:
        for part in ("decoder", "encoder"):
            write_original(reference, folder(run) / f"{name}_{part}{'.pth' if layout == 'original' else '.safetensors'}", part)
    with torch.no_grad():
        pixels = (reference.decode(LATENTS).sample / 2 + 0.5).clamp(0, 1)
        latents = reference.encode(PIXELS * 2 - 1).latents
    assert torch.allclose(decoded(LATENTS, model_of(family), run.host), pixels, atol=1e-5)
    assert torch.allclose(encoded(PIXELS, model_of(family), run), latents, atol=1e-5)
    other = "sdxl" if family == "sd1" else "sd2"
    with pytest.raises(UserError, match="_decoder.pth"):
        decoded(LATENTS, model_of(other), run.host)


def test_a_new_file_is_used_and_a_wrong_one_named(run, reference):
    path = folder(run) / "taesd_decoder.pth"
    write_original(reference, path, "decoder")
    first = decoded(LATENTS, model_of("sd1"), run.host)
    torch.save({"1.weight": torch.zeros(3)}, path)
    run.host.models.refresh("vae-approx")
    with pytest.raises(ModelFileError, match="taesd_decoder.pth"):
        decoded(LATENTS, model_of("sd1"), run.host)
    torch.manual_seed(4)
    write_original(AutoencoderTiny(), path, "decoder")
    run.host.models.refresh("vae-approx")
    assert not torch.equal(decoded(LATENTS, model_of("sd1"), run.host), first)


def write_approximation(path):
    """A network that gives each pixel the first three latents, halved."""
    widths, sides = (4, 8, 16, 32, 64, 32, 16, 8, 3), (7, 5, 3, 3, 3, 3, 3, 3)
    state = {}
    for number, side in enumerate(sides, 1):
        weight = torch.zeros(widths[number], widths[number - 1], side, side)
        for channel in range(3):
            weight[channel, channel, side // 2, side // 2] = 0.5 if number == 1 else 1.0
        state |= {f"conv{number}.weight": weight, f"conv{number}.bias": torch.zeros(widths[number])}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path)


def test_approx_nn_is_a_method_too(run):
    plan = example_plan()
    context = PassContext(plan, 0, plan.images, plan.first.checkpoint, model_of("sd1"))
    method = next(method for method in register_preview_methods(run.host) if method.title == "Approx NN")
    with pytest.raises(UserError, match="VAE-approx/model.pt"):
        method.make(context, run)
    path = run.host.paths.models / "VAE-approx" / "model.pt"
    write_approximation(path)
    run.host.models.refresh("vae-approx")
    latents = LATENTS.abs() / LATENTS.abs().max()
    pixels = method.make(context, run)(latents)
    expected = latents[:, :3].repeat_interleave(2, 2).repeat_interleave(2, 3) / 4 + 0.5
    assert torch.allclose(pixels, expected, atol=1e-5)
    torch.save({"conv1.weight": torch.zeros(1)}, path)
    run.host.models.refresh("vae-approx")
    with pytest.raises(ModelFileError, match=r"model\.pt"):
        method.make(context, run)
