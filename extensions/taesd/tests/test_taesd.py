"""TAESD from both layouts equals diffusers' own, serves previews and pictures, and says what is missing."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from safetensors.torch import save_file

from app.api import DenoiseState, GenerationRequest, JobPreview, ModelFileError, ModelIdentity, PassContext, UserError, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.plans import example_plan
from app.testing.runs import RecordingRun, draw
from app.testing.tiny import TinyModel
from extensions.live_preview.api import PreviewMethod
from extensions.live_preview.listener import make_listener
from extensions.live_preview.methods import other_methods
from extensions.live_preview.settings import LivePreviews
from extensions.stable_diffusion.testing import write_checkpoint
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


def write_original(reference, path, part):
    """The layout of github.com/madebyollin/taesd: the decoder's numbers count the clamp before it."""
    module, shift = getattr(reference, part), 1 if part == "decoder" else 0
    state = {}
    for name, tensor in module.state_dict().items():
        _, number, rest = name.split(".", 2)
        state[f"{int(number) + shift}.{rest}"] = tensor
    assert set(state) >= {"1.weight", "3.conv.0.weight"} if part == "decoder" else {"0.weight", "1.conv.0.weight"}
    torch.save(state, path) if path.suffix == ".pth" else save_file(state, str(path))


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
    method = other_methods(run.host)["Approx NN"]
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


def previewed(run, family):
    plan = example_plan()
    context = PassContext(plan, 0, plan.images, plan.first.checkpoint, model_of(family))
    listener = make_listener(LivePreviews(show_progress_type="TAESD"), context, run)
    listener.after_step(LATENTS, DenoiseState(step=0, steps=20, call_index=0, level=1.0))
    return run.reported(JobPreview)


def test_previews_are_made_by_it(run, reference):
    assert isinstance(other_methods(run.host)["TAESD"], PreviewMethod)
    assert "TAESD" in [label for label, _ in run.host.settings.options["show_progress_type"].control.choices]
    (rough,) = previewed(run, "sd1")
    assert len(run.comments) == 1
    assert "models/VAE-taesd" in run.comments[0] and "Approx cheap" in run.comments[0]
    write_original(reference, folder(run) / "taesd_decoder.pth", "decoder")
    run.host.models.refresh("vae-approx")
    sharp = previewed(run, "sd1")[1]
    assert len(run.comments) == 1
    assert sharp.data != rough.data
    previewed(run, "tiny")
    assert "family 'tiny'" in run.comments[1]


def test_pictures_are_decoded_and_encoded_by_it_and_say_so(tmp_path, reference):
    features = ["taesd", "img2img", "stable_diffusion", "samplers", "noise_schedules", "checkpoints"]
    host = temporary_host(tmp_path, features, role="worker", options={"hash_models": False})
    run = RecordingRun(host, {"live_previews_enable": False})
    checkpoints = host.paths.models / "Stable-diffusion"
    checkpoints.mkdir(parents=True)
    write_checkpoint(checkpoints / "tiny.safetensors")
    folder(run).mkdir()
    with host.running():

        def drawn(**settings):
            start = {"img2img": {"init_images": [picture.ref]}} if "sd_vae_encode_method" in settings else {}
            request = GenerationRequest(prompt="a", checkpoint="tiny", seed=1, steps=2, width=64, height=64, save="spool", params=start)
            result = draw(run, request.model_copy(update={"settings": settings}))
            return np.asarray(Image.open(result.images[0].path)), parse_infotext(result.images[0].infotext)

        stream = BytesIO()
        Image.new("RGB", (64, 64), "red").save(stream, "PNG")
        picture = host.inputs.put(stream.getvalue(), "")
        full, said = drawn()
        assert not {"VAE Encoder", "VAE Decoder"} & said.keys()
        with pytest.raises(UserError, match="taesd_decoder.pth") as missing:
            drawn(sd_vae_decode_method="TAESD")
        assert missing.value.field == "sd_vae_decode_method"
        for part in ("decoder", "encoder"):
            write_original(reference, folder(run) / f"taesd_{part}.pth", part)
        host.models.refresh("vae-approx")
        tiny, said = drawn(sd_vae_decode_method="TAESD")
        assert (said.get("VAE Encoder"), said["VAE Decoder"]) == (None, "TAESD")
        assert not np.array_equal(tiny, full)
        from_full, _ = drawn(sd_vae_encode_method="Full")
        from_tiny, said = drawn(sd_vae_encode_method="TAESD")
        assert (said["VAE Encoder"], said.get("VAE Decoder")) == ("TAESD", None)
        assert not np.array_equal(from_full, from_tiny)
