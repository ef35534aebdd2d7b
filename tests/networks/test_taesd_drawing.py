"""TAESD in previews and pictures: it is used where it is asked for, told in the infotext, and missed with a clear sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from PIL import Image

from app.api import DenoiseState, GenerationRequest, JobPreview, ModelIdentity, PassContext, UserError, parse_infotext
from app.testing.drawing import put_picture
from app.testing.hosts import temporary_host
from app.testing.plans import example_plan
from app.testing.runs import RecordingRun, draw
from app.testing.tiny import TinyModel
from extensions.live_preview.listener import make_listener
from extensions.live_preview.methods import other_methods
from extensions.live_preview.settings import LivePreviews
from extensions.stable_diffusion.testing import write_checkpoint
from extensions.taesd.testing import write_original

LATENTS = torch.randn((2, 4, 8, 6), generator=torch.Generator().manual_seed(1)) * 2
FEATURES = ["taesd", "img2img", "stable_diffusion", "samplers", "noise_schedules", "checkpoints"]


@pytest.fixture(scope="module")
def reference():
    torch.manual_seed(3)
    return AutoencoderTiny().eval()


@pytest.fixture
def run(tmp_path):
    host = temporary_host(tmp_path, FEATURES, role="worker", options={"hash_models": False})
    for name in ("VAE-taesd", "Stable-diffusion"):
        (host.paths.models / name).mkdir(parents=True)
    return RecordingRun(host)


def folder(run):
    return run.host.paths.models / "VAE-taesd"


def previewed(run, family):
    plan, model = example_plan(), TinyModel()
    model.identity = ModelIdentity(kind="checkpoint", family=family)
    context = PassContext(plan, 0, plan.images, plan.first.checkpoint, model)
    listener = make_listener(LivePreviews(show_progress_type="TAESD"), context, run)
    listener.after_step(LATENTS, DenoiseState(step=0, steps=20, call_index=0, level=1.0))
    return run.reported(JobPreview)


def test_previews_are_made_by_it(run, reference):
    assert {"TAESD", "Approx NN"} <= set(other_methods(run.host))
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


def test_pictures_are_decoded_and_encoded_by_it_and_say_so(run, reference):
    host = run.host
    write_checkpoint(host.paths.models / "Stable-diffusion" / "tiny.safetensors")
    with host.running():

        def drawn(**settings):
            start = {"img2img": {"init_images": [picture]}} if "sd_vae_encode_method" in settings else {}
            request = GenerationRequest(prompt="a", checkpoint="tiny", seed=1, steps=2, width=64, height=64, save="spool", params=start)
            result = draw(run, request.model_copy(update={"settings": settings}))
            return np.asarray(Image.open(result.images[0].path)), parse_infotext(result.images[0].infotext)

        picture = put_picture(host, Image.new("RGB", (64, 64), "red"))
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
