"""Measures once what a processor or a card does well (number format, memory layout, attention), and keeps it in a file."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
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
MEASURED = ("cpu", "cuda")
HEADS, TOKENS, HEAD_WIDTH = 2, 4096, 40
"""Sizes as in the networks: a convolution of the upper levels, and the largest attention of a 512x512 picture, two heads of it."""


class DeviceSpeed:
    """Facts about devices, kept in ``file`` by processor, PyTorch and the ways of attention that are installed; asked in a worker."""

    def __init__(self, file: Path, attention: Iterable[Attention]) -> None:
        self._file = file
        self._attention = attention
        self._known: dict[str, DeviceFacts] = {}

    def facts(self, device: str, before_measuring: Callable[[], None] = lambda: None) -> DeviceFacts:
        """What is known of ``device``; a processor or a CUDA card that is not known yet is measured, which takes seconds."""
        if not device.startswith(MEASURED):
            return DeviceFacts(fast_bfloat16=False, channels_last=not device.startswith("mps"))
        key = self._key(device)
        if key not in self._known:
            self._known[key] = self._read().get(key) or self._measure(key, device, before_measuring)
        return self._known[key]

    def _key(self, device: str) -> str:
        import torch

        names = ",".join(sorted(attention.name for attention in self._ways(device)))
        who = f"{processor_name()}; {torch.get_num_threads()} threads" if device.startswith("cpu") else torch.cuda.get_device_name(device)
        return f"{who}; torch {torch.__version__}; {names}"

    def _ways(self, device: str) -> list[Attention]:
        return [attention for attention in self._attention if attention.supports(device)]

    def _read(self) -> dict[str, DeviceFacts]:
        try:
            return {key: DeviceFacts(**facts) for key, facts in json.loads(self._file.read_text(encoding="utf-8")).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _measure(self, key: str, device: str, before_measuring: Callable[[], None]) -> DeviceFacts:
        before_measuring()
        started = time.monotonic()
        facts = measure_device(device, self._ways(device))
        logger.info("Measured in %.1f s: %s: %s.", time.monotonic() - started, key, facts)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            kept = {name: asdict(known) for name, known in {**self._read(), key: facts}.items()}
            write_atomically(self._file, json.dumps(kept, indent=1).encode())
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


def measure_device(device: str, ways: Iterable[Attention]) -> DeviceFacts:
    """Run small parts of the networks in each form; layout and attention in the number format that full-size models have there."""
    import torch

    bench = _Bench(torch.device(device))
    with torch.no_grad():
        full = bench.products_s(torch.float32, HOPELESS * 60)
        fast = bench.products_s(torch.bfloat16, HOPELESS * full) < GAIN * full
        dtype = torch.float16 if bench.device.type == "cuda" else torch.bfloat16 if fast else torch.float32
        plain = bench.convolution_s(dtype, torch.contiguous_format)
        channels_last = bench.convolution_s(dtype, torch.channels_last) < plain
        return DeviceFacts(fast, channels_last, bench.fastest_attention(ways, dtype))


@dataclass(frozen=True)
class _Bench:
    """Times work on one device, in seconds."""

    device: torch.device

    def fastest_attention(self, ways: Iterable[Attention], dtype: torch.dtype) -> str:
        """The first in the list, unless another one is clearly faster."""
        import torch

        chosen, best_s = "", float("inf")
        query = torch.randn((1, HEADS, TOKENS, HEAD_WIDTH), generator=torch.Generator().manual_seed(0)).to(self.device, dtype)
        for way in ways:
            function = way.load()
            taken_s = self._best_s(lambda function=function: function(query, query, query, None), HOPELESS * best_s)  # type: ignore[misc]
            if not chosen or taken_s < GAIN * best_s:
                chosen, best_s = way.name, taken_s
        return chosen

    def products_s(self, dtype: torch.dtype, limit_s: float) -> float:
        """A convolution and a product of matrices."""
        import torch

        matrix = torch.ones((1024, 1280), dtype=dtype, device=self.device)
        return self._best_s(lambda: matrix @ matrix.T, limit_s) + self.convolution_s(dtype, torch.channels_last, limit_s)

    def convolution_s(self, dtype: torch.dtype, layout: torch.memory_format, limit_s: float = float("inf")) -> float:
        """A convolution with weights and picture in this layout."""
        import torch

        layer = torch.nn.Conv2d(PICTURE[1], PICTURE[1], 3, padding=1).to(self.device, dtype, memory_format=layout)  # type: ignore[call-overload]
        picture = torch.ones(PICTURE, dtype=dtype, device=self.device).contiguous(memory_format=layout)
        return self._best_s(lambda: layer(picture), limit_s)

    def _best_s(self, work: Callable[[], object], limit_s: float) -> float:
        """The shortest of some rounds after one that does not count; only that one if it took longer than the limit."""
        times = []
        for _ in range(ROUNDS + 1):
            started = time.perf_counter()
            work()
            self._finish()
            times.append(time.perf_counter() - started)
            if times[0] > limit_s:
                return times[0]
        return min(times[1:])

    def _finish(self) -> None:
        """Wait for a card, which works while the program goes on."""
        if self.device.type == "cuda":
            import torch

            torch.cuda.synchronize(self.device)
