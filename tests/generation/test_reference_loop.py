"""The whole way to the latents against a loop written out here from the papers, on the demo checkpoint in full precision.

The loop shares the networks with the engine and nothing else: tokens are the recorded ones, noise schedule, samplers and guidance stand
below (Ho et al. 2020, arXiv:2006.11239; Karras et al. 2022, arXiv:2206.00364; Song et al. 2020, arXiv:2010.02502; Lu et al. 2022,
arXiv:2211.01095; Ho and Salimans 2022, arXiv:2207.12598; Liu et al. 2022, arXiv:2206.01714).
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
STRENGTH = 0.6
EMPTY = [49406] + [49407] * 76
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
    """Keeps what a pass ends with, and lets it begin with latents where a test has some."""

    needs_earlier = False

    def __init__(self, start=None):
        self.start = start

    @hookimpl
    def edit_plan(self, plan, request, run):
        return plan if self.start is None else plan.with_first(denoising_strength=STRENGTH)

    @hookimpl
    def start_pass(self, plan, index, images, run):
        return None if self.start is None else self

    def enter(self, carried, context):
        return self.start

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


def engine(run, prompt, sampler, scheduler="Automatic", negative="", start=None):
    """The latents that the engine draws."""
    catching = Catching(start)
    run.host.hooks.register("catching", catching)
    try:
        fields = {"sampler": sampler, "scheduler": scheduler, "steps": STEPS, "cfg_scale": SCALE, "seed": SEED}
        generate(GenerationRequest(prompt=prompt, negative_prompt=negative, width=SIZE, height=SIZE, save="spool", **fields), run)
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
    """The networks of the checkpoint, called as the papers say.

    ``parts``: at the n-th call, the weights and the tokens of what the picture is to show; ``negative``: tokens.
    """

    def __init__(self, model, parts, negative=EMPTY):
        self.modules = model.modules()
        self.alphas = alphas_cumprod()
        self.known = {}
        self.parts = lambda call: [(weight, self.encoded(tokens)) for weight, tokens in parts(call)]
        self.negative = self.encoded(negative)
        self.calls = 0
        self.generator = torch.Generator().manual_seed(SEED)
        self.x = self.noise()

    def noise(self):
        """The next numbers of the seed."""
        return torch.randn(4, SIZE // 8, SIZE // 8, generator=self.generator)[None]

    def encoded(self, tokens):
        if tuple(tokens) not in self.known:
            with torch.no_grad():
                self.known[tuple(tokens)] = self.modules["text_encoder"](input_ids=torch.tensor([tokens])).last_hidden_state
        return self.known[tuple(tokens)]

    def noise_in(self, x, timestep):
        """The guided prediction of the noise in x = signal * x0 + spread * noise: several parts add up (Liu et al. 2022)."""
        parts = self.parts(self.calls)
        self.calls += 1
        base = self.predicted(x, timestep, self.negative)
        return base + SCALE * sum(weight * (self.predicted(x, timestep, text) - base) for weight, text in parts)

    def predicted(self, x, timestep, text):
        with torch.no_grad():
            return self.modules["unet"](x, torch.tensor([timestep]), encoder_hidden_states=text).sample

    def denoised(self, x, sigma):
        """x0 in x = x0 + sigma * noise."""
        return x - sigma * self.noise_in(x / math.sqrt(1 + sigma * sigma), timestep_at(sigma, self.alphas))

    def sigmas(self):
        """Evenly spaced timesteps from the noisiest, then none."""
        return [sigma_at(999 * (1 - step / (STEPS - 1)), self.alphas) for step in range(STEPS)] + [0.0]

    def euler(self, picture=None):
        """From noise; or from a picture, of which STRENGTH is drawn anew: that share of the steps and one more."""
        sigmas = self.sigmas() if picture is None else self.sigmas()[-int(STRENGTH * STEPS) - 2 :]
        x = self.x * sigmas[0] + (0.0 if picture is None else picture)
        for sigma, following in zip(sigmas, sigmas[1:], strict=False):
            x = x + (x - self.denoised(x, sigma)) / sigma * (following - sigma)
        return x

    def euler_a(self):
        """Each step goes further down, to where fresh noise brings it up again, so that the variances add up as in the forward process."""
        x = self.x * self.sigmas()[0]
        for sigma, following in zip(self.sigmas(), self.sigmas()[1:], strict=False):
            up = following * math.sqrt(1 - following**2 / sigma**2)
            down = math.sqrt(following**2 - up**2)
            x = x + (x - self.denoised(x, sigma)) / sigma * (down - sigma)
            x = x + self.noise() * up if following else x
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


def plain_prompts():
    """Recorded prompts of one chunk without weights, and their tokens."""
    found = {}
    for case in vector_cases("token_chunks.json", "cases"):
        chunks, prompt = case.get("chunks") or [], case["prompt"]
        if case["encoder"] != "clip_l" or len(chunks) != 1 or case["embeddings"] or set(chunks[0]["multipliers"]) != {1.0}:
            continue
        has_grammar = set("()[]{}|:#<>\\") & set(prompt) or {"AND", "BREAK"} & set(prompt.split())
        if not has_grammar and 20 < len(prompt) == len(prompt.strip()):
            found.setdefault(prompt, chunks[0]["tokens"])
    if len(found) < 3:
        pytest.skip("this folder records too few plain prompts")
    return list(found.items())[:3]


@pytest.fixture
def model(run):
    options = LoadOptions(device="cpu", precision="full", vae_precision="full")
    with run.weights.pin(run.host.models.find("checkpoint", "paintbox-demo").path, options) as pinned:
        yield pinned


def is_near(ours, wanted):
    return float((ours - wanted).abs().max() / wanted.abs().max()) < 1e-4


@pytest.mark.parametrize(
    ("sampler", "scheduler", "name"),
    [
        ("Euler", "Automatic", "euler"),
        ("Euler a", "Automatic", "euler_a"),
        ("DPM++ 2M", "Karras", "dpmpp_2m_karras"),
        ("DDIM", "Automatic", "ddim"),
    ],
)
def test_the_engine_draws_the_latents_of_the_loop(run, model, sampler, scheduler, name):
    (prompt, tokens), *_ = plain_prompts()
    wanted = getattr(Loop(model, lambda call: [(1.0, tokens)]), name)()
    assert is_near(engine(run, prompt, sampler, scheduler), wanted)


def test_from_a_picture_the_last_steps_are_done(run, model):
    (prompt, tokens), *_ = plain_prompts()
    picture = torch.randn(1, 4, SIZE // 8, SIZE // 8, generator=torch.Generator().manual_seed(1))
    wanted = Loop(model, lambda call: [(1.0, tokens)]).euler(picture)
    assert is_near(engine(run, prompt, "Euler", start=picture), wanted)


def test_parts_count_by_their_weights_against_the_negative_prompt(run, model):
    (first, first_tokens), (second, second_tokens), (negative, negative_tokens) = plain_prompts()
    wanted = Loop(model, lambda call: [(1.0, first_tokens), (-0.5, second_tokens)], negative_tokens).euler()
    assert is_near(engine(run, f"{first} AND {second} :-0.5", "Euler", negative=negative), wanted)


def test_a_prompt_changes_after_the_call_of_its_number(run, model):
    """Half of eight steps is 4: calls 0 to 4 show the first text."""
    (before, before_tokens), (after, after_tokens), _ = plain_prompts()
    wanted = Loop(model, lambda call: [(1.0, before_tokens if call <= 4 else after_tokens)]).euler()
    assert is_near(engine(run, f"[{before}:{after}:0.5]", "Euler"), wanted)
