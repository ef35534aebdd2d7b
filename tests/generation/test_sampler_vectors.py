"""Samplers and guidance against recorded runs on an analytic model, for every registered sampler."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from app.contracts import Conditioning, ConditioningPart, ConditioningStep, ImageConditioning, SamplingTask
from app.generation.guidance import Guidance, GuidanceOptions
from app.generation.noise import ImageNoise, NoisePlan
from app.generation.sampler_options import sampler_options
from app.generation.schedule import ModelSigmas, timestep_levels
from app.generation.start import from_latents, from_noise, pass_steps
from app.testing.plans import example_pass
from app.testing.vectors import vector_cases, vector_tensors, vectors
from app.values.plan import SamplingOptions

pytestmark = pytest.mark.vectors
NAME = "samplers.json"
SHAPE = (4, 8, 8)
TOLERANCE = {"float64": 1e-7, "float32": 1e-4}
LOOSE = {"DPM++ SDE", "DPM adaptive"}
FOREVER = 10**9


@pytest.fixture(scope="module")
def tensors():
    return vector_tensors("samplers.safetensors")


class AnalyticModel:
    """The posterior mean for independent data of spread ``std`` around the mean that the conditioning names."""

    def __init__(self, case, means, std, alphas):
        self.mixture, self.means, self.std, self.timestep = case["model"] == "mixture", means, std, "timesteps" in case
        self.table = ModelSigmas.of(alphas)

    def denoised(self, x, sigma, mean):
        total = self.std**2 + sigma**2
        pull = torch.tanh(mean * x / total) if self.mixture else 1
        return (x * self.std**2 + sigma**2 * mean * pull) / total

    def __call__(self, x, level, conditioning):
        mean = torch.stack([self.means[int(one.context[0, 0])] for one in conditioning])
        sigma = (self.table.t_to_sigma(level) if self.timestep else level).view(-1, 1, 1, 1).to(x.dtype)
        if not self.timestep:
            return self.denoised(x, sigma, mean)
        x = x * (1 + sigma**2) ** 0.5
        return (x - self.denoised(x, sigma, mean)) / sigma


def prompt(number):
    """A prompt that stands for one of the means."""
    return (ConditioningStep(FOREVER, Conditioning(torch.tensor([[float(number)]]))),)


class Run:
    """One recorded case, played with our sampler."""

    def __init__(self, case, sampler, tensors):
        data = vectors(NAME)
        self.case, self.sampler = case, sampler
        self.dtype = getattr(torch, case["dtype"])
        known = {k: v for k, v in case["options"].items() if k in SamplingOptions.model_fields}
        self.sampling = SamplingOptions(**known, extra={k: v for k, v in case["options"].items() if k not in known})
        self.alphas = torch.tensor(vectors("schedules.json")["alphas_cumprod"]["sd15"]).to(self.dtype)
        means = [tensors[f"mu_{index}"].to(self.dtype) for index in range(3)]
        self.init, self.mask = tensors["init"].to(self.dtype), tensors["mask"].to(self.dtype)
        self.calls, self.steps = [], []
        weights = case.get("conditions") or [[[1, 1.0]]] * len(case["seeds"])
        images = [ImageConditioning(tuple(ConditioningPart(w, prompt(mean)) for mean, w in parts), prompt(0)) for parts in weights]
        expected = case["steps"] * (2 if sampler.options.get("second_order") else 1)
        scale = case["cfg_scale"] * sampler.cfg_scale_share
        options = GuidanceOptions(scale, expected, self.sampling, always_negative=sampler.cfg_scale_share != 1.0)
        self.guidance = Guidance(AnalyticModel(case, means, data["data_std"], self.alphas), images, options)
        delta = case["options"].get("eta_noise_seed_delta", 0)
        self.noise = ImageNoise(NoisePlan(SHAPE, tuple(case["seeds"]), seed_delta=delta))
        self.begin = self.start()
        self.brownian = self.noise.brownian(self.begin.table, self.begin.latents) if "brownian_calls" in case else None

    def start(self):
        """Levels used, the noised start, and the whole table."""
        case, noise = self.case, self.noise.first().to(self.dtype)
        strength = case.get("denoising_strength", 0.75) if "init" in case else None
        step = example_pass(
            steps=case["steps"],
            denoising_strength=strength,
            exact_steps="explicit_steps" in case or case["options"].get("img2img_fix_steps", False),
            extra_noise=case["options"].get("img2img_extra_noise", 0),
        )
        if self.sampler.space == "sigma":
            levels = torch.tensor(case["sigmas"], dtype=self.dtype)
        else:
            levels = timestep_levels(self.sampler, pass_steps(step).total, self.sampling)
        if strength is None:
            return from_noise(noise, self.sampler, levels, self.sampling)
        return from_latents(self.init, noise, self.sampler, levels, ModelSigmas.of(self.alphas), step)

    def model(self, x, level):
        return self.guided(x, level).guided

    def guided(self, x, level):
        masked = "mask" in self.case
        if masked and self.sampler.space == "timestep":
            x = self.init * self.mask + x * (1 - self.mask)
        parts = self.guidance.parts(x, level, len(self.calls))
        self.calls.append(float(level[0]))
        if masked and self.sampler.space == "sigma":
            return replace(parts, guided=self.init * self.mask + parts.guided * (1 - self.mask))
        return parts

    def result(self):
        options = sampler_options(self.sampler, self.case.get("eta"), self.sampling)
        task = SamplingTask(
            model=self.model,
            x=self.begin.latents,
            levels=self.begin.levels,
            noise=self.noise,
            alphas_cumprod=self.alphas,
            options=options,
            on_step=self.steps.append,
            from_noise="init" not in self.case,
            steps=self.case["steps"],
            brownian=self.brownian,
            guided=self.guided,
        )
        return self.sampler.load()(task)


def close(ours, recorded, case):
    scale = float(recorded.abs().max())
    loose = 10 if case["sampler"] in LOOSE and case["dtype"] == "float32" else 1
    return float((ours - recorded).abs().max()) <= TOLERANCE[case["dtype"]] * loose * scale


@pytest.mark.parametrize("case", vector_cases(NAME, "cases"), ids=lambda case: f"{case['id']}-{case['group']}")
def test_result_equals_the_recorded_one(case, samplers, tensors):
    sampler = samplers.get(case["sampler"])
    run = Run(case, sampler, tensors)
    result = run.result()
    loose = case["sampler"] in LOOSE and case["dtype"] == "float32"
    assert run.calls == pytest.approx(case["model_calls"], rel=1e-3 if loose else 1e-6)
    assert result.dtype == run.dtype
    assert close(result, tensors[f"{case['id']}/result"], case)
    recorded = tensors.get(f"{case['id']}/trajectory_denoised")
    if recorded is not None:
        ours = torch.stack([step.denoised for step in run.steps])
        known = ~torch.isnan(recorded)
        assert close(ours[known], recorded[known], case)


@pytest.mark.parametrize("case", [c for c in vector_cases(NAME, "cases") if len(c["seeds"]) > 1], ids=lambda case: case["id"])
def test_a_picture_of_a_batch_equals_the_single_one(case, samplers, tensors):
    sampler = samplers.get(case["sampler"])
    together = Run(case, sampler, tensors).result()
    for index, seed in enumerate(case["seeds"]):
        single = {**case, "seeds": [seed]}
        if "conditions" in case:
            single["conditions"] = [case["conditions"][index]]
        assert torch.equal(Run(single, sampler, tensors).result()[0], together[index])


def test_the_state_before_each_step_is_reported(samplers, tensors):
    cases = [c for c in vector_cases(NAME, "cases") if f"{c['id']}/trajectory_x" in tensors and "sigmas" in c]
    for case in cases:
        run = Run(case, samplers.get(case["sampler"]), tensors)
        run.result()
        assert close(torch.stack([step.x for step in run.steps]), tensors[f"{case['id']}/trajectory_x"], case)


@pytest.mark.parametrize("case", [c for c in vector_cases(NAME, "cases") if "brownian_calls" in c], ids=lambda case: case["id"])
def test_brownian_noise_equals_the_recorded_one(case, samplers, tensors):
    run = Run(case, samplers.get(case["sampler"]), tensors)
    ours = torch.stack([run.brownian.between(*torch.tensor(pair, dtype=run.dtype)) for pair in case["brownian_calls"]])
    assert close(ours, tensors[f"{case['id']}/brownian"], case)
