"""The list of samplers: names, aliases and facts as A1111 has them, and which knobs reach which sampler."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from app.api import Preconditioning, SampleFunction, Sampler

ETA = ("eta",)
NOISE = ("s_noise",)
CHURN = ("s_churn", "s_tmin", "s_tmax", "s_noise")
KARRAS = {"scheduler": "karras"}
EXPONENTIAL = {"scheduler": "exponential"}
SECOND_ORDER = {"second_order": True}
ENSD = {"uses_ensd": True}
DISCARD = {"discard_next_to_last_sigma": True}
BROWNIAN = {"brownian_noise": True}
UNIPC_SETTINGS = {
    "uni_pc_variant": "UniPC variant",
    "uni_pc_skip_type": "UniPC skip type",
    "uni_pc_order": "UniPC order",
    "uni_pc_lower_order_final": "UniPC lower order final",
}
DDIM_SETTINGS = {"ddim_discretize": "DDIM discretize"}
LCM_STRIDE = 20
"""Latent consistency models are distilled at every 20th timestep."""
CFGPP_SHARE = 1 / 12.5
"""CFG++'s guidance lies between 0 and 1: 12.5 on the usual scale is its 1."""


def _from(module: str) -> Callable[[], SampleFunction]:
    """Import ``sample`` of a module of this package when it is asked for."""

    def load() -> SampleFunction:
        function: SampleFunction = import_module(f"{__package__}.{module}").sample
        return function

    return load


def _lcm_boundary() -> Preconditioning:
    function: Preconditioning = import_module(f"{__package__}.lcm").boundary
    return function


SAMPLERS = (
    Sampler("DPM++ 2M", _from("dpmpp_2m"), ("k_dpmpp_2m",), KARRAS, order=10),
    Sampler("DPM++ SDE", _from("dpmpp_sde"), ("k_dpmpp_sde",), {**KARRAS, **SECOND_ORDER, **BROWNIAN}, order=20, knobs=(*ETA, *NOISE)),
    Sampler("DPM++ 2M SDE", _from("dpmpp_2m_sde"), ("k_dpmpp_2m_sde",), {**EXPONENTIAL, **BROWNIAN}, order=30, knobs=(*ETA, *NOISE)),
    Sampler(
        "DPM++ 2M SDE Heun",
        _from("dpmpp_2m_sde_heun"),
        ("k_dpmpp_2m_sde_heun",),
        {**EXPONENTIAL, **BROWNIAN, "solver_type": "heun"},
        order=40,
        knobs=(*ETA, *NOISE),
    ),
    Sampler(
        "DPM++ 2S a",
        _from("dpmpp_2s_ancestral"),
        ("k_dpmpp_2s_a",),
        {**KARRAS, **ENSD, **SECOND_ORDER},
        order=50,
        knobs=(*ETA, *NOISE),
    ),
    Sampler(
        "DPM++ 3M SDE",
        _from("dpmpp_3m_sde"),
        ("k_dpmpp_3m_sde",),
        {**EXPONENTIAL, **DISCARD, **BROWNIAN},
        order=60,
        knobs=(*ETA, *NOISE),
    ),
    Sampler("Euler a", _from("euler_ancestral"), ("k_euler_a", "k_euler_ancestral"), ENSD, order=70, knobs=ETA),
    Sampler("Euler", _from("euler"), ("k_euler",), order=80, knobs=CHURN),
    Sampler("LMS", _from("lms"), ("k_lms",), order=90),
    Sampler("Heun", _from("heun"), ("k_heun",), SECOND_ORDER, order=100, knobs=CHURN),
    Sampler("DPM2", _from("dpm_2"), ("k_dpm_2",), {**KARRAS, **DISCARD, **SECOND_ORDER}, order=110, knobs=CHURN),
    Sampler(
        "DPM2 a",
        _from("dpm_2_ancestral"),
        ("k_dpm_2_a",),
        {**KARRAS, **DISCARD, **ENSD, **SECOND_ORDER},
        order=120,
        knobs=(*ETA, *NOISE),
    ),
    Sampler("DPM fast", _from("dpm_fast"), ("k_dpm_fast",), ENSD, order=130, knobs=(*ETA, *NOISE)),
    Sampler("DPM adaptive", _from("dpm_adaptive"), ("k_dpm_ad",), ENSD, order=140, knobs=ETA),
    Sampler("Restart", _from("restart"), ("restart",), {**KARRAS, **SECOND_ORDER}, order=150),
    Sampler("DDIM", _from("ddim"), ("ddim",), space="timestep", order=160, knobs=ETA, settings=DDIM_SETTINGS),
    Sampler("DDIM CFG++", _from("ddim_cfgpp"), ("ddim_cfgpp",), space="timestep", order=170, knobs=ETA, cfg_scale_share=CFGPP_SHARE),
    Sampler("PLMS", _from("plms"), ("plms",), space="timestep", order=180),
    Sampler("UniPC", _from("unipc"), ("unipc",), space="timestep", order=190, settings=UNIPC_SETTINGS),
    Sampler("LCM", _from("lcm"), ("k_lcm",), order=200, timestep_stride=LCM_STRIDE, precondition=_lcm_boundary),
)
