"""What a running job sees; no torch at import time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from app.contracts.models import LoadedModel, LoadOptions
from app.stash import Stash, StashKey
from app.values.base import Json
from app.values.events import Event
from app.values.job import Job
from app.values.networks import NetworkUse

WANTS_RESTART = StashKey[bool]("the program is to be started again")
"""Put it into ``host.stash`` and end the program by SIGINT."""
LOG_CALLS = StashKey[bool]("calls of the API are logged")
"""Put it into ``host.stash`` to have a line in the log for each."""
ControlAction = Literal["interrupt", "skip", "stop_after_batch", "cancel"]


class JobControl(Protocol):
    """Asked by long work whether it should go on."""

    def check(self) -> None:
        """Raise JobStopped when somebody asked for it."""
        ...

    @property
    def stop_after_batch(self) -> bool:
        """True when the running batch should be the last."""
        ...


class WeightsCache(Protocol):
    """Loaded checkpoints of a worker."""

    def pin(self, path: str, options: LoadOptions) -> AbstractContextManager[LoadedModel]:
        """Load (or find) the model and keep it until the context ends."""
        ...

    def clear(self) -> None:
        """Drop every model that is not in use."""
        ...


class Run(Protocol):
    """The only context that a job sees, in a worker process; ``stash`` holds what extensions keep for the length of the job."""

    job: Job
    host: Any
    stash: Stash
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        ...

    def comment(self, text: str) -> None:
        """Add a warning to the job's result, once."""
        ...

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file that the job was to use; of the same file and type the last word counts."""
        ...

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        ...
