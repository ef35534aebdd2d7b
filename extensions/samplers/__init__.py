"""The samplers: Euler, Euler a, DPM++ 2M and DDIM, under the names that A1111 gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from app.api import SampleFunction, Sampler, hookimpl

if TYPE_CHECKING:
    from app.api import Host

CHURN = ("s_churn", "s_tmin", "s_tmax", "s_noise")


def _from(module: str) -> Callable[[], SampleFunction]:
    """Import ``sample`` of a module of this package when it is asked for."""

    def load() -> SampleFunction:
        function: SampleFunction = import_module(f"{__name__}.{module}").sample
        return function

    return load


@hookimpl
def register_samplers(host: Host) -> Iterable[Sampler]:
    """The samplers in A1111's order; ``order`` leaves room for its others."""
    return (
        Sampler("DPM++ 2M", _from("dpmpp_2m"), aliases=("k_dpmpp_2m",), options={"scheduler": "karras"}, order=10),
        Sampler(
            "Euler a",
            _from("euler_ancestral"),
            aliases=("k_euler_a", "k_euler_ancestral"),
            options={"uses_ensd": True},
            order=70,
            knobs=("eta",),
        ),
        Sampler("Euler", _from("euler"), aliases=("k_euler",), order=80, knobs=CHURN),
        Sampler("DDIM", _from("ddim"), aliases=("ddim",), space="timestep", order=160, knobs=("eta",)),
    )
