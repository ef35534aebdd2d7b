"""The noise schedules: how the sigmas of a pass are spaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from app.api import NoiseSchedule, ScheduleFunction, SettingsSection, hookimpl

from .settings import BETA_SETTINGS, SECTIONS

if TYPE_CHECKING:
    from app.api import Host


def _from(module: str) -> Callable[[], ScheduleFunction]:
    """Import ``sigmas`` of a module of this package when it is asked for."""

    def load() -> ScheduleFunction:
        function: ScheduleFunction = import_module(f"{__name__}.{module}").sigmas
        return function

    return load


@hookimpl
def register_noise_schedules(host: Host) -> Iterable[NoiseSchedule]:
    """The schedules in A1111's order; "Automatic" is replaced by the sampler's own in planning, and is uniform where it has none."""
    return (
        NoiseSchedule("automatic", "Automatic", _from("uniform"), order=0),
        NoiseSchedule("uniform", "Uniform", _from("uniform"), need_inner_model=True, order=10),
        NoiseSchedule("karras", "Karras", _from("karras"), default_rho=7.0, order=20),
        NoiseSchedule("exponential", "Exponential", _from("exponential"), order=30),
        NoiseSchedule("polyexponential", "Polyexponential", _from("polyexponential"), default_rho=1.0, order=40),
        NoiseSchedule("sgm_uniform", "SGM Uniform", _from("sgm_uniform"), aliases=("SGMUniform",), need_inner_model=True, order=50),
        NoiseSchedule("kl_optimal", "KL Optimal", _from("kl_optimal"), order=60),
        NoiseSchedule("align_your_steps", "Align Your Steps", _from("align_your_steps"), order=70),
        NoiseSchedule("simple", "Simple", _from("simple"), need_inner_model=True, order=80),
        NoiseSchedule("normal", "Normal", _from("normal"), need_inner_model=True, order=90),
        NoiseSchedule("ddim", "DDIM", _from("ddim"), need_inner_model=True, order=100),
        NoiseSchedule("beta", "Beta", _from("beta"), need_inner_model=True, settings=BETA_SETTINGS, order=110),
    )


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What only these schedules read."""
    return SECTIONS
