"""What generation makes of a Run: a typed view of its host, settings of this request on top, and a place for comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from app.contracts import LoadOptions, PartRun, Run
from app.values.base import Json, Value, pick
from app.values.events import Event, JobProgress, WorkerStatus
from app.values.model import CHECKPOINT_KIND, LoadChoice
from app.values.networks import NetworkUse

if TYPE_CHECKING:
    from app.host import Host

V = TypeVar("V", bound=Value)


class GenerationRun(PartRun):
    """A Run whose settings include those of the request; ``comments`` are the warnings that the result will carry.

    ``alerts`` are those of them that must not be overlooked.
    ``used``: infotext labels of the options that have changed the batch that is being drawn; ``computed``: how the model that drew it
    computes, as infotext items. ``fraction``: how far the job is, as it was last told.
    """

    host: Host

    def __init__(self, inner: Run, settings: Mapping[str, Json]) -> None:
        super().__init__(inner)
        self.settings = settings
        self.comments: list[str] = []
        self.networks: dict[tuple[str, str], NetworkUse] = {}
        self.alerts: list[str] = []
        self.used: set[str] = set()
        self.computed: Mapping[str, str] = {}
        self.fraction = 0.0

    @classmethod
    def of(cls, run: Run, overrides: Mapping[str, Json]) -> GenerationRun:
        """The run with ``overrides`` on top of its settings; raises UserError for an unknown setting or a wrong value."""
        return cls(run, {**run.settings, **run.host.settings.validated(overrides)})

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        if isinstance(event, JobProgress):
            self.fraction = event.fraction
        self.inner.report(event)

    def comment(self, text: str) -> None:
        """Add a warning to the result, once."""
        if text not in self.comments:
            self.comments.append(text)
        self.inner.comment(text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file; warn of one that did not take effect as a whole."""
        self.networks[network.type, network.name] = network
        if not network.is_whole:
            self.comment(network.sentence())
        self.inner.used_network(network)

    def alert(self, text: str) -> None:
        """Add a warning that must not be overlooked, once."""
        if text not in self.alerts:
            self.alerts.append(text)
        self.comment(text)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done; how far that is itself does not count for the job, whose fraction stays as it is."""
        self.report(JobProgress(job_id=self.job.id, fraction=self.fraction, text=text))

    def tell_model(self, path: str) -> None:
        """Report which checkpoint is in use now."""
        record = self.host.models.find(CHECKPOINT_KIND, path)
        self.report(WorkerStatus(worker="", state="busy", model=record.title if record else path, device=self.device))

    def pick(self, model: type[V]) -> V:
        """The settings whose keys are the fields of ``model``."""
        return pick(model, self.settings)

    def load_options(self, path: str) -> LoadOptions:
        """How the checkpoint of this path is loaded for this job; progress of the loading becomes the job's."""
        options = self.host.options
        record = self.host.models.find(CHECKPOINT_KIND, path)
        chosen = LoadChoice.model_validate(self.host.models.chosen(record) if record else {})
        return LoadOptions(
            device=self.device,
            precision=options.precision,
            vae_precision=options.vae_precision,
            prediction_type=chosen.prediction_type,
            zero_terminal_snr=chosen.zero_terminal_snr,
            report=lambda fraction, text: self.tell(text),
            comment=self.comment,
            measured=lambda: self.host.device_speed.facts(self.device, lambda: self.tell("Measuring this device (once)")),
        )
