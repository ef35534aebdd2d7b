"""Tables of sigmas and timesteps against recorded ones, for every registered sampler and schedule."""

from __future__ import annotations

import pytest
import torch

from app.generation.plan_names import resolve_schedule
from app.generation.schedule import ModelSigmas, sigma_levels, timestep_levels
from app.testing.vectors import vector_cases, vectors
from app.values.plan import SamplingOptions

pytestmark = pytest.mark.vectors
NAME = "schedules.json"
INTERPOLATED = ("Uniform", "SGM Uniform", "Normal", "Automatic")
TABLES = {"sdxl": "sd15", "sd2_v": "sd15"}


def table_of(model, **options):
    alphas = torch.tensor(vectors(NAME)["alphas_cumprod"][TABLES.get(model, model)])
    if model == "sd15_downcast":
        alphas = alphas.half()
    return ModelSigmas.of(alphas, family=str(model), **options)


def tolerance(case):
    if case["model"] == "sd15_ztsnr":
        return 5e-4 if case["scheduler"] == "KL Optimal" else 1e-4
    return 1e-4 if case["scheduler"] in INTERPOLATED else 1e-5


@pytest.mark.parametrize("case", vector_cases(NAME, "tables"), ids=lambda case: case["id"])
def test_sigmas(case, samplers, schedules):
    sampler = samplers.find(case["sampler"])
    if sampler is None or schedules.find(case["scheduler"]) is None:
        pytest.skip("not installed")
    own = sampler.options.get("scheduler")
    if case["scheduler"] == "Automatic" and own and schedules.find(str(own)) is None:
        pytest.skip("the sampler's own schedule is not installed")
    options = {key: value for key, value in case["options"].items() if key in SamplingOptions.model_fields}
    if options.keys() != case["options"].keys():
        pytest.skip("an option of an absent schedule")
    table = table_of(case["model"], quantize=bool(case["options"].get("enable_quantization")))
    schedule = schedules.find(resolve_schedule(case["scheduler"], sampler, schedules))
    sigmas = sigma_levels(sampler, schedule, case["steps"], table, SamplingOptions(**options))
    assert torch.allclose(sigmas, torch.tensor(case["sigmas"]), rtol=tolerance(case), atol=0)


@pytest.mark.parametrize("case", vector_cases(NAME, "timesteps"), ids=lambda case: case["id"])
def test_timesteps(case, samplers):
    sampler = samplers.find(case["sampler"])
    if sampler is None:
        pytest.skip("not installed")
    options = SamplingOptions(always_discard_next_to_last_sigma=case["always_discard_next_to_last_sigma"])
    assert timestep_levels(sampler, case["steps"], options).tolist() == case["timesteps"]


@pytest.mark.parametrize(
    "case",
    [case for case in vector_cases(NAME, "discrete_maps") if not case.get("lcm_wrapper")],
    ids=lambda case: f"{case['model']}-{case['quantize']}",
)
def test_maps_between_sigma_and_timestep(case):
    table = table_of(case["model"], quantize=case["quantize"])
    timesteps = table.sigma_to_t(torch.tensor(case["sigma_in"]))
    assert torch.allclose(timesteps, torch.tensor(case["t_out"]), rtol=0, atol=1e-3)
    assert torch.allclose(table.t_to_sigma(torch.tensor(case["t_in"])), torch.tensor(case["sigma_out"]), rtol=1e-4, atol=0)
    assert float(table.sigmas[0]) == pytest.approx(case["model_sigma_min"], rel=1e-6)
    assert float(table.sigmas[-1]) == pytest.approx(case["model_sigma_max"], rel=1e-4)


@pytest.mark.parametrize("case", vector_cases(NAME, "samplers"), ids=lambda case: case["name"])
def test_samplers_are_listed_as_recorded(case, samplers):
    if case["name"] not in samplers:
        pytest.skip("not installed")
    sampler = samplers.get(case["name"])
    assert list(sampler.aliases) == case["aliases"]
    assert dict(sampler.options) == case["options"]


@pytest.mark.parametrize("case", vector_cases(NAME, "schedulers"), ids=lambda case: case["name"])
def test_schedules_are_listed_as_recorded(case, schedules):
    if case["name"] not in schedules:
        pytest.skip("not installed")
    schedule = schedules.get(case["name"])
    assert (schedule.label, list(schedule.aliases)) == (case["label"], case["aliases"] or [])
    assert schedule.default_rho == (-1 if case["default_rho"] is None else case["default_rho"])
