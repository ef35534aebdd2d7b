"""One request's own VAE: by the API's override settings, and by what is pasted from an infotext."""

from __future__ import annotations

import json

import pytest

from app.testing.executors import ExecutorPlugin
from app.testing.hosts import temporary_host
from app.testing.inline import InlineExecutor
from app.testing.web import running_client
from extensions.generation_form.paste import read_pasted
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint, write_vae

EXTENSIONS = ("vae", "stable_diffusion", "samplers", "noise_schedules", "checkpoints", "a1111_api", "a1111_infotext", "generation_form")
BODY = {"prompt": "a house", "seed": 3, "steps": 1, "width": 64, "height": 64}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("request")
    (data / "models" / "Stable-diffusion").mkdir(parents=True)
    write_checkpoint(data / "models" / "Stable-diffusion" / "tiny.safetensors")
    write_vae(data / "models" / "VAE" / "vivid.safetensors", TinyCheckpoint(seed=7))
    built = temporary_host(data, EXTENSIONS, options={"hash_models": False})
    built.hooks.register("inline", ExecutorPlugin(InlineExecutor(built)))
    built.refill()
    return built


def test_the_api_draws_one_request_with_another_vae_and_says_so(host):
    with running_client(host) as client:

        def draw(**overrides):
            answer = client.post("/sdapi/v1/txt2img", json={**BODY, "override_settings": overrides})
            assert answer.status_code == 200, answer.text
            return answer.json()["images"][0], json.loads(answer.json()["info"])

        base, plain = draw()
        vivid, info = draw(sd_vae="vivid.safetensors")
        again, _ = draw(sd_vae="None")
        assert vivid != base and again == base
        assert (info["sd_vae_name"], plain["sd_vae_name"]) == ("vivid.safetensors", None)
        assert "VAE: vivid.safetensors" in info["infotexts"][0] and "VAE" not in info["extra_generation_params"]
        assert client.get("/sdapi/v1/options").json()["sd_vae"] == "Automatic"
        _, missing = draw(sd_vae="gone.pt")
        assert any("gone.pt" in comment for comment in missing["comments"])


def test_a_paste_restores_the_vae_as_an_override(host):
    pasted = read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, Size: 64x64, VAE hash: 0123456789, VAE: vivid.safetensors", host)
    assert pasted.values["override_settings"] == ["VAE: vivid.safetensors"]
    assert pasted.problems == ()
