"""Which of the sampling settings reach a sampler, and what they leave in the infotext."""

from __future__ import annotations

import math
from collections.abc import Mapping

from app.contracts import Sampler, SamplerOptions
from app.values.plan import SamplingOptions

DEFAULT_ETA = {"sigma": 1.0, "timestep": 0.0}
"""What eta is when the setting is left alone; samplers that know no eta never see it."""
ETA_SETTING = {"sigma": "eta_ancestral", "timestep": "eta_ddim"}
ETA_ITEM = {"sigma": "Eta", "timestep": "Eta DDIM"}
KNOB_ITEMS = {"s_churn": "Sigma churn", "s_tmin": "Sigma tmin", "s_tmax": "Sigma tmax", "s_noise": "Sigma noise"}


def sampler_options(sampler: Sampler, eta: float | None, sampling: SamplingOptions) -> SamplerOptions:
    """The knobs that this sampler obeys; the others stay at their defaults."""
    values: dict[str, float] = {
        "s_churn": sampling.s_churn,
        "s_tmin": sampling.s_tmin,
        "s_tmax": sampling.s_tmax or math.inf,
        "s_noise": sampling.s_noise,
    }
    obeyed = {name: value for name, value in values.items() if name in sampler.knobs}
    settings = {key: sampling.extra[key] for key in sampler.settings if key in sampling.extra}
    return SamplerOptions(eta=eta if "eta" in sampler.knobs else None, settings=settings, **obeyed)


def sampler_items(sampler: Sampler, eta: float | None, sampling: SamplingOptions) -> Mapping[str, float | str]:
    """The infotext items of the knobs that were turned and reach this sampler."""
    items: dict[str, float | str] = {}
    if sampling.sgm_noise_multiplier and sampler.space == "sigma":
        items["SGM noise multiplier"] = "True"
    if "eta" in sampler.knobs and eta is not None and eta != DEFAULT_ETA[sampler.space]:
        items[ETA_ITEM[sampler.space]] = eta
    defaults = SamplingOptions()
    for name, item in KNOB_ITEMS.items():
        value = getattr(sampling, name)
        if name in sampler.knobs and value != getattr(defaults, name):
            items[item] = value
    return items
