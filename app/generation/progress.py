"""How far a job is: fraction, step, and the time it will still take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from app.generation.run_helpers import GenerationRun
from app.values.events import JobProgress

SAMPLING_SHARE = 0.95
"""Of a batch's time; the rest is decoding and saving."""


@dataclass
class Progress:
    """Reports the progress of one job; ``batch`` is the running batch of ``batch_count``, from 0."""

    run: GenerationRun
    batch_count: int
    steps: int = 1
    batch: int = 0
    pass_index: int = 0
    pass_count: int = 1
    _started: float | None = field(default=None, init=False)
    _start_fraction: float = field(default=0.0, init=False)
    _done: int = field(default=0, init=False)
    _sampled: float = field(default=0.0, init=False)

    def step(self, step: int) -> None:
        """``step`` steps of the running pass are done; some samplers take more than were announced."""
        self.steps, self._done = max(self.steps, step), step
        done = (self.pass_index + step / max(1, self.steps)) / self.pass_count
        self._sampled = SAMPLING_SHARE * done
        self._report(self._sampled, self._named(f"Sampling {step}/{self.steps}"), step)

    def begin_pass(self, steps: int) -> None:
        """The first of ``steps`` steps begins now; from here on the time left is estimated."""
        self.steps = steps
        if self._started is None:
            self._started = time.monotonic()
            self._start_fraction = (self.batch + SAMPLING_SHARE * self.pass_index / self.pass_count) / self.batch_count
        self.step(0)

    def decoding(self) -> None:
        """The batch is sampled, as far as nobody has stopped it: the steps are those that were done."""
        self._report(self._sampled, self._named("Decoding"), self._done)

    def saving(self) -> None:
        """The batch is decoded."""
        self._report(self._sampled + (1 - SAMPLING_SHARE) / 2, self._named("Saving"), self._done)

    def begin(self, pass_index: int, pass_count: int) -> None:
        """A pass of the batch begins."""
        self.pass_index, self.pass_count = pass_index, pass_count

    def encoding(self) -> None:
        """The prompts of the pass are read."""
        self._report(SAMPLING_SHARE * self.pass_index / self.pass_count, self._named("Encoding prompt"), 0)

    def _named(self, text: str) -> str:
        return f"{text} (batch {self.batch + 1} of {self.batch_count})" if self.batch_count > 1 else text

    def _report(self, share: float, text: str, step: int) -> None:
        """``share`` of the running batch is done."""
        fraction = min(1.0, (self.batch + share) / self.batch_count)
        self.run.report(
            JobProgress(
                job_id=self.run.job.id,
                fraction=fraction,
                step=step,
                steps=self.steps,
                pass_index=self.pass_index,
                pass_count=self.pass_count,
                text=text,
                eta_s=self._left(fraction),
            )
        )

    def _left(self, fraction: float) -> float | None:
        """Seconds until the end, from the pace since the first step; None until there is a pace."""
        if self._started is None or fraction <= self._start_fraction:
            return None
        elapsed = time.monotonic() - self._started
        return elapsed / (fraction - self._start_fraction) * (1 - fraction)
