"""How the networks' attention is computed: fused, blockwise, or in little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from app.api import Attention, AttentionFunction, hookimpl

if TYPE_CHECKING:
    from app.api import Host


def _from(module: str) -> Callable[[], AttentionFunction]:
    """Import ``attention`` of a module of this package when it is asked for."""

    def load() -> AttentionFunction:
        function: AttentionFunction = import_module(f"{__name__}.{module}").attention
        return function

    return load


@hookimpl
def register_attention(host: Host) -> Iterable[Attention]:
    """The three ways; A1111's names for what they replace find them too."""
    return (
        Attention(
            "sdp",
            "sdp - scaled dot product",
            _from("fused"),
            aliases=("sdp-no-mem", "xformers"),
            flags=("opt-sdp-attention", "opt-sdp-no-mem-attention"),
            order=10,
        ),
        Attention(
            "blockwise",
            "blockwise - a few rows at a time",
            _from("blockwise"),
            aliases=("Doggettx", "InvokeAI", "V1"),
            flags=("opt-split-attention", "opt-split-attention-v1", "opt-split-attention-invokeai"),
            order=20,
        ),
        Attention(
            "sub-quadratic",
            "sub-quadratic - in the least memory",
            _from("sub_quadratic"),
            flags=("opt-sub-quad-attention",),
            order=30,
        ),
    )
