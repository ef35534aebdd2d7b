"""Every setting that changes pixels stands in the infotext of the pictures it changed, and comes back from there."""

from __future__ import annotations

import pytest

from app.generation.generate import generate
from app.generation.infotext.parse import parse
from app.testing.runs import RecordingRun
from app.values.base import Json
from app.values.request import GenerationRequest

EXAMPLES: dict[str, tuple[Json, str]] = {
    "CLIP_stop_at_last_layers": (2, "2"),
    "emphasis": ("No norm", "No norm"),
    "comma_padding_backtrack": (5, "5"),
    "randn_source": ("NV", "NV"),
    "eta_ddim": (0.5, "0.5"),
    "eta_ancestral": (0.5, "0.5"),
    "s_churn": (2.0, "2.0"),
    "s_tmin": (0.5, "0.5"),
    "s_tmax": (5.0, "5.0"),
    "s_noise": (1.01, "1.01"),
    "sigma_min": (0.2, "0.2"),
    "sigma_max": (8.0, "8.0"),
    "rho": (3.0, "3.0"),
    "eta_noise_seed_delta": (31337, "31337"),
    "always_discard_next_to_last_sigma": (True, "True"),
    "sgm_noise_multiplier": (True, "True"),
    "skip_early_cond": (0.2, "0.2"),
    "s_min_uncond": (1.5, "1.5"),
    "pad_cond_uncond": (True, "True"),
    "pad_cond_uncond_v0": (True, "True"),
    "use_old_karras_scheduler_sigmas": (True, "True"),
    "enable_quantization": (True, "True"),
    "sd_noise_schedule": ("Zero Terminal SNR", "Zero Terminal SNR"),
    "use_downcasted_alpha_bar": (True, "True"),
    "use_old_scheduling": (True, "True"),
    "enable_batch_seeds": (False, "False"),
    "no_dpmpp_sde_batch_determinism": (True, "True"),
}
TOGETHER: dict[str, dict[str, Json]] = {"s_min_uncond_all": {"s_min_uncond": 1.5}}
LONG = {"negative_prompt": "snow " * 80}
FIELDS: dict[str, dict[str, Json]] = {
    "eta_ddim": {"sampler": "DDIM"},
    "eta_ancestral": {"sampler": "Euler a"},
    "eta_noise_seed_delta": {"sampler": "Euler a"},
    "pad_cond_uncond": LONG,
    "pad_cond_uncond_v0": LONG,
    "no_dpmpp_sde_batch_determinism": {"sampler": "DPM++ SDE", "batch_size": 2},
    "enable_batch_seeds": {"batch_size": 2},
}


def drawn(host, settings, **fields):
    plain = {"prompt": "a (red:1.2) [small:large:1.5] tree", "steps": 3, "seed": 7, "sampler": "Euler", "scheduler": "Karras"}
    request = GenerationRequest(**{**plain, "width": 64, "height": 64, **fields}, settings=settings)
    return parse(generate(request, RecordingRun(host)).images[0].infotext)


@pytest.mark.parametrize("key", [*EXAMPLES, *TOGETHER])
def test_what_differs_from_the_default_is_told(host, key):
    label = host.settings.options[key].extra["infotext"]
    value, text = EXAMPLES.get(key, (True, "True"))
    fields = FIELDS.get(key, {})
    assert label not in drawn(host, {"randn_source": "GPU"}, **fields)
    assert drawn(host, {"randn_source": "GPU", key: value, **TOGETHER.get(key, {})}, **fields)[label] == text


UNUSED: list[tuple[dict[str, Json], dict[str, Json]]] = [
    ({"s_min_uncond": 0.01, "s_min_uncond_all": True}, {}),
    ({"skip_early_cond": 0.5}, {"cfg_scale": 1.0}),
    ({"pad_cond_uncond": True}, {}),
    ({"pad_cond_uncond_v0": True}, {}),
    ({"no_dpmpp_sde_batch_determinism": True}, {"sampler": "DPM++ SDE"}),
]


@pytest.mark.parametrize(("settings", "fields"), UNUSED)
def test_what_changed_nothing_is_not_told(host, settings, fields):
    plain = {"randn_source": "GPU"}
    assert drawn(host, {**plain, **settings}, **fields) == drawn(host, plain, **fields)


def test_no_setting_of_the_host_is_forgotten(host):
    told = {key for key, option in host.settings.options.items() if option.owner == "host" and option.extra.get("infotext")}
    assert told == {*EXAMPLES, *TOGETHER}
