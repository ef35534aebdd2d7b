"""Samplers and guidance against recorded runs on an analytic model, for every registered sampler."""

from __future__ import annotations

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
        self.sampling = SamplingOptions(**{k: v for k, v in case["options"].items() if k in SamplingOptions.model_fields})
        self.alphas = torch.tensor(vectors("schedules.json")["alphas_cumprod"]["sd15"]).to(self.dtype)
        means = [tensors[f"mu_{index}"].to(self.dtype) for index in range(3)]
        self.init, self.mask = tensors["init"].to(self.dtype), tensors["mask"].to(self.dtype)
        self.calls, self.steps = [], []
        weights = case.get("conditions") or [[[1, 1.0]]] * len(case["seeds"])
        images = [ImageConditioning(tuple(ConditioningPart(w, prompt(mean)) for mean, w in parts), prompt(0)) for parts in weights]
        expected = case["steps"] * (2 if sampler.options.get("second_order") else 1)
        options = GuidanceOptions(case["cfg_scale"], expected, self.sampling)
        self.guidance = Guidance(AnalyticModel(case, means, data["data_std"], self.alphas), images, options)
        delta = case["options"].get("eta_noise_seed_delta", 0)
        self.noise = ImageNoise(NoisePlan(SHAPE, tuple(case["seeds"]), seed_delta=delta))
        self.levels, self.x = self.start()

    def start(self):
        """Levels used, and the noised start."""
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
            start = from_noise(noise, self.sampler, levels, self.sampling)
        else:
            start = from_latents(self.init, noise, self.sampler, levels, ModelSigmas.of(self.alphas), step)
        return start.levels, start.latents

    def model(self, x, level):
        masked = "mask" in self.case
        if masked and self.sampler.space == "timestep":
            x = self.init * self.mask + x * (1 - self.mask)
        prediction = self.guidance(x, level, len(self.calls))
        self.calls.append(float(level[0]))
        if masked and self.sampler.space == "sigma":
            prediction = self.init * self.mask + prediction * (1 - self.mask)
        return prediction

    def result(self):
        options = sampler_options(self.sampler, self.case.get("eta"), self.sampling)
        task = SamplingTask(self.model, self.x, self.levels, self.noise, self.alphas, options, self.steps.append)
        return self.sampler.load()(task)


def close(ours, recorded, case):
    scale = float(recorded.abs().max())
    loose = 10 if case["sampler"] in LOOSE and case["dtype"] == "float32" else 1
    return float((ours - recorded).abs().max()) <= TOLERANCE[case["dtype"]] * loose * scale


@pytest.mark.parametrize("case", vector_cases(NAME, "cases"), ids=lambda case: f"{case['id']}-{case['group']}")
def test_result_equals_the_recorded_one(case, samplers, tensors):
    sampler = samplers.find(case["sampler"])
    if sampler is None:
        pytest.skip("not installed")
    run = Run(case, sampler, tensors)
    result = run.result()
    assert run.calls == pytest.approx(case["model_calls"], rel=1e-6)
    assert result.dtype == run.dtype
    assert close(result, tensors[f"{case['id']}/result"], case)
    recorded = tensors.get(f"{case['id']}/trajectory_denoised")
    if recorded is not None:
        ours = torch.stack([step.denoised for step in run.steps])
        known = ~torch.isnan(recorded)
        assert close(ours[known], recorded[known], case)


@pytest.mark.parametrize("case", [c for c in vector_cases(NAME, "cases") if len(c["seeds"]) > 1], ids=lambda case: case["id"])
def test_a_picture_of_a_batch_equals_the_single_one(case, samplers, tensors):
    sampler = samplers.find(case["sampler"])
    if sampler is None:
        pytest.skip("not installed")
    together = Run(case, sampler, tensors).result()
    for index, seed in enumerate(case["seeds"]):
        single = {**case, "seeds": [seed]}
        if "conditions" in case:
            single["conditions"] = [case["conditions"][index]]
        assert torch.equal(Run(single, sampler, tensors).result()[0], together[index])


def test_the_state_before_each_step_is_reported(samplers, tensors):
    cases = [c for c in vector_cases(NAME, "cases") if f"{c['id']}/trajectory_x" in tensors and "sigmas" in c]
    for case in cases:
        sampler = samplers.find(case["sampler"])
        if sampler is not None:
            run = Run(case, sampler, tensors)
            run.result()
            assert close(torch.stack([step.x for step in run.steps]), tensors[f"{case['id']}/trajectory_x"], case)
