"""The whole way to the latents against a loop written out here from the papers, on the demo checkpoint in full precision.

The loop shares the networks with the engine and nothing else: tokens are the recorded ones, noise schedule, samplers and guidance stand
below (Ho et al. 2020, arXiv:2006.11239; Karras et al. 2022, arXiv:2206.00364; Song et al. 2020, arXiv:2010.02502; Lu et al. 2022,
arXiv:2211.01095; Ho and Salimans 2022, arXiv:2207.12598).
"""

from __future__ import annotations

import math

import pytest
import torch

from app.contracts import LoadOptions
from app.generation.generate import generate
from app.hookspecs import hookimpl
from app.paths import CHECKOUT
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.testing.vectors import vector_cases
from app.values.request import GenerationRequest

pytestmark = [pytest.mark.vectors, pytest.mark.slow]
SEED, STEPS, SCALE, SIZE = 42, 8, 6.0, 128
DEMO = CHECKOUT / "models" / "Stable-diffusion" / "paintbox-demo.safetensors"
EXTENSIONS = ["stable_diffusion", "samplers", "noise_schedules"]
OPTIONS = {"precision": "full", "vae_precision": "full", "hash_models": False}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A worker's run with the demo checkpoint."""
    data = tmp_path_factory.mktemp("demo")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    (folder / DEMO.name).symlink_to(DEMO)
    host = temporary_host(data, EXTENSIONS, role="worker", options=OPTIONS)
    with host.running():
        yield RecordingRun(host)


class Catching:
    """Keeps what a pass ends with."""

    @hookimpl
    def follow_denoising(self, context, run):
        return [self]

    def begin(self, latents, state):
        self.latents = None

    def before_model(self, x, state):
        return x

    def after_model(self, denoised, state):
        return denoised

    def after_step(self, denoised, state):
        pass

    def end(self, latents):
        self.latents = latents.clone()
        return latents


def engine(run, prompt, sampler, scheduler):
    """The latents that the engine draws."""
    catching = Catching()
    run.host.hooks.register("catching", catching)
    try:
        fields = {"sampler": sampler, "scheduler": scheduler, "steps": STEPS, "cfg_scale": SCALE, "seed": SEED}
        generate(GenerationRequest(prompt=prompt, width=SIZE, height=SIZE, save="spool", **fields), run)
    finally:
        run.host.hooks.unregister("catching")
    return catching.latents


# --- the loop ---


def alphas_cumprod():
    """The product of 1 - beta over a thousand steps; the roots of beta rise evenly."""
    alphas, product = [], 1.0
    for step in range(1000):
        root = math.sqrt(0.00085) + (math.sqrt(0.012) - math.sqrt(0.00085)) * step / 999
        product *= 1 - root * root
        alphas.append(product)
    return alphas


def sigma_at(timestep, alphas):
    """Between two whole timesteps the logarithm is a straight line."""
    low = min(int(timestep), 998)
    ends = [0.5 * math.log((1 - alphas[each]) / alphas[each]) for each in (low, low + 1)]
    return math.exp(ends[0] + (ends[1] - ends[0]) * (timestep - low))


def timestep_at(sigma, alphas):
    """The inverse, by halving."""
    low, high = 0.0, 999.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if sigma_at(middle, alphas) < sigma else (low, middle)
    return low


class Loop:
    """The networks of the checkpoint, called as the papers say."""

    def __init__(self, model, tokens):
        self.modules = model.modules()
        self.alphas = alphas_cumprod()
        text = torch.cat([self.encoded(tokens), self.encoded([49406] + [49407] * 76)])
        self.text = text
        self.x = torch.randn(4, SIZE // 8, SIZE // 8, generator=torch.Generator().manual_seed(SEED))[None]

    def encoded(self, tokens):
        with torch.no_grad():
            return self.modules["text_encoder"](input_ids=torch.tensor([tokens])).last_hidden_state

    def noise_in(self, x, timestep):
        """The guided prediction of the noise in x = signal * x0 + spread * noise."""
        with torch.no_grad():
            both = self.modules["unet"](x.repeat(2, 1, 1, 1), torch.tensor([timestep, timestep]), encoder_hidden_states=self.text).sample
        return both[1:] + SCALE * (both[:1] - both[1:])

    def denoised(self, x, sigma):
        """x0 in x = x0 + sigma * noise."""
        return x - sigma * self.noise_in(x / math.sqrt(1 + sigma * sigma), timestep_at(sigma, self.alphas))

    def euler(self):
        sigmas = [sigma_at(999 * (1 - step / (STEPS - 1)), self.alphas) for step in range(STEPS)] + [0.0]
        x = self.x * sigmas[0]
        for sigma, following in zip(sigmas, sigmas[1:], strict=False):
            x = x + (x - self.denoised(x, sigma)) / sigma * (following - sigma)
        return x

    def dpmpp_2m_karras(self):
        ends = [sigma_at(timestep, self.alphas) ** (1 / 7) for timestep in (999, 0)]
        sigmas = [(ends[0] + step / (STEPS - 1) * (ends[1] - ends[0])) ** 7 for step in range(STEPS)] + [0.0]
        x, before, width_before = self.x * sigmas[0], None, None
        for sigma, following in zip(sigmas, sigmas[1:], strict=False):
            denoised = self.denoised(x, sigma)
            if following == 0:
                return denoised
            width = math.log(sigma / following)
            aim = denoised if before is None else denoised + (denoised - before) * width / (2 * width_before)
            x = following / sigma * x - math.expm1(-width) * aim
            before, width_before = denoised, width
        raise AssertionError("the last sigma is 0")

    def ddim(self):
        timesteps = [min(999, step * (1000 // STEPS) + 1) for step in range(STEPS)][::-1]
        x = self.x
        for timestep, following in zip(timesteps, timesteps[1:], strict=False):
            noise = self.noise_in(x, float(timestep))
            alpha, alpha_next = self.alphas[timestep], self.alphas[following]
            picture = (x - math.sqrt(1 - alpha) * noise) / math.sqrt(alpha)
            x = math.sqrt(alpha_next) * picture + math.sqrt(1 - alpha_next) * noise
        return x


def plain_prompt():
    """A recorded prompt of one chunk without weights, and its tokens."""
    for case in vector_cases("token_chunks.json", "cases"):
        chunks = case.get("chunks") or []
        if case["encoder"] == "clip_l" and len(chunks) == 1 and len(case["prompt"]) > 20 and not case["embeddings"]:
            if set(chunks[0]["multipliers"]) == {1.0} and not set("()[]{}|:#<>\\") & set(case["prompt"]):
                return case["prompt"], chunks[0]["tokens"]
    pytest.skip("this folder records no plain prompt")


@pytest.mark.parametrize(
    ("sampler", "scheduler", "name"),
    [("Euler", "Automatic", "euler"), ("DPM++ 2M", "Karras", "dpmpp_2m_karras"), ("DDIM", "Automatic", "ddim")],
)
def test_the_engine_draws_the_latents_of_the_loop(run, sampler, scheduler, name):
    prompt, tokens = plain_prompt()
    ours = engine(run, prompt, sampler, scheduler)
    options = LoadOptions(device="cpu", precision="full", vae_precision="full")
    with run.weights.pin(run.host.models.find("checkpoint", "paintbox-demo").path, options) as model:
        wanted = getattr(Loop(model, tokens), name)()
    assert float((ours - wanted).abs().max() / wanted.abs().max()) < 1e-4
