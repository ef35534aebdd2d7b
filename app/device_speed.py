"""Measures once what a processor does well (number format, memory layout, attention), and keeps it in a file."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.contracts import Attention, DeviceFacts
from app.files import write_atomically

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)
ROUNDS = 3
HOPELESS = 4.0
"""A first try that takes so many times as long as the best so far is not repeated."""
GAIN = 0.9
"""What is not the plainest way must take at most this share of its time."""
PICTURE = (2, 320, 32, 32)
HEADS, TOKENS, HEAD_WIDTH = 2, 4096, 40
"""Sizes as in the networks: a convolution of the upper levels, and the largest attention of a 512x512 picture, two heads of it."""


class DeviceSpeed:
    """Facts about devices, kept in ``file`` by processor, PyTorch and the ways of attention that are installed; asked in a worker."""

    def __init__(self, file: Path, attention: Iterable[Attention]) -> None:
        self._file = file
        self._attention = attention
        self._known: dict[str, DeviceFacts] = {}

    def facts(self, device: str, before_measuring: Callable[[], None] = lambda: None) -> DeviceFacts:
        """What is known of ``device``; a processor that is not known yet is measured, which takes seconds."""
        if not device.startswith("cpu"):
            return DeviceFacts(fast_bfloat16=False, channels_last=not device.startswith("mps"))
        key = self._key()
        if key not in self._known:
            self._known[key] = self._read(key) or self._measure(key, before_measuring)
        return self._known[key]

    def _key(self) -> str:
        import torch

        names = ",".join(sorted(attention.name for attention in self._attention if attention.supports("cpu")))
        return f"{processor_name()}; torch {torch.__version__}; {torch.get_num_threads()} threads; {names}"

    def _read(self, key: str) -> DeviceFacts | None:
        try:
            return DeviceFacts(**json.loads(self._file.read_text(encoding="utf-8"))[key])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _measure(self, key: str, before_measuring: Callable[[], None]) -> DeviceFacts:
        before_measuring()
        started = time.monotonic()
        facts = measure_processor([attention for attention in self._attention if attention.supports("cpu")])
        logger.info("Measured in %.1f s: %s: %s.", time.monotonic() - started, key, facts)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, json.dumps({key: asdict(facts)}, indent=1).encode())
        except OSError as error:
            logger.warning("%s cannot be written, so it will be measured again: %s", self._file, error)
        return facts


def processor_name() -> str:
    """The processor as its maker calls it, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def measure_processor(ways: Iterable[Attention]) -> DeviceFacts:
    """Run small parts of the networks in each form."""
    import torch

    with torch.no_grad():
        full = _products_s(torch.float32, HOPELESS * 60)
        half = _products_s(torch.bfloat16, HOPELESS * full)
        fast = half < GAIN * full
        dtype = torch.bfloat16 if fast else torch.float32
        plain = _convolution_s(dtype, torch.contiguous_format)
        channels_last = _convolution_s(dtype, torch.channels_last) < plain
        return DeviceFacts(fast, channels_last, _fastest_attention(ways, dtype))


def _fastest_attention(ways: Iterable[Attention], dtype: torch.dtype) -> str:
    """The first in the list, unless another one is clearly faster."""
    import torch

    chosen, best_s = "", float("inf")
    query = torch.randn((1, HEADS, TOKENS, HEAD_WIDTH), generator=torch.Generator().manual_seed(0)).to(dtype)
    for way in ways:
        function = way.load()
        taken_s = _best_s(lambda function=function: function(query, query, query, None), HOPELESS * best_s)  # type: ignore[misc]
        if not chosen or taken_s < GAIN * best_s:
            chosen, best_s = way.name, taken_s
    return chosen


def _products_s(dtype: torch.dtype, limit_s: float) -> float:
    """A convolution and a product of matrices."""
    import torch

    matrix = torch.ones((1024, 1280), dtype=dtype)
    return _best_s(lambda: matrix @ matrix.T, limit_s) + _convolution_s(dtype, torch.channels_last, limit_s)


def _convolution_s(dtype: torch.dtype, layout: torch.memory_format, limit_s: float = float("inf")) -> float:
    import torch

    layer = torch.nn.Conv2d(PICTURE[1], PICTURE[1], 3, padding=1).to(dtype=dtype, memory_format=layout)  # type: ignore[call-overload]
    picture = torch.ones(PICTURE, dtype=dtype).contiguous(memory_format=layout)
    return _best_s(lambda: layer(picture), limit_s)


def _best_s(work: Callable[[], object], limit_s: float) -> float:
    """The shortest of some rounds after one that does not count; only that one if it took longer than the limit."""
    times = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
        if times[0] > limit_s:
            return times[0]
    return min(times[1:])
