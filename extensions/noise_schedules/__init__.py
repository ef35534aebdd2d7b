"""The noise schedules: how the sigmas of a pass are spaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from app.api import NoiseSchedule, ScheduleFunction, hookimpl

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
    )
