"""Protocols of kinds of jobs and of what runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from app.contracts.running import ControlAction, Run
from app.values.events import Event
from app.values.job import Job, JobResult
from app.values.request import GenerationRequest

M = TypeVar("M", bound=BaseModel)


def typed_as(model: type[M], request: BaseModel) -> M:
    """The request of a kind of job; the queue and the worker validate with the kind's model, so it is one."""
    if not isinstance(request, model):
        raise TypeError(f"a job of the kind for a {model.__name__} got a {type(request).__name__}")
    return request


@dataclass(frozen=True)
class JobKind:
    """A kind of job: ``model`` validates the request, ``run`` does the work in a worker.

    ``check`` is called in the web process before the job is queued, and raises UserError for what can be seen there;
    ``check_owner`` likewise for what depends on whose job it will be, such as pictures that were brought. ``parts``: how many
    batches, pictures or files the work consists of, after each of which it can end early. ``asked``: what all of its pictures are asked
    to be, from which they are named when they are saved again; None where it draws none.

    ``needs_device`` False: the work waits for the network or the disk most of the time and imports nothing heavy. Such jobs run in
    threads of the web process, beside the device's; ``run.weights`` gives nothing there, and ``run.host`` is the web process's host.
    ``asked_at``: the one route that takes such jobs, because it asks who may; "": everybody may put them into the queue.
    """

    id: str
    title: str
    model: type[BaseModel]
    run: Callable[[Run, BaseModel], JobResult]
    check: Callable[[BaseModel], None] = lambda request: None
    parts: Callable[[BaseModel], int] = lambda request: 1
    asked: Callable[[BaseModel], GenerationRequest | None] = lambda request: None
    needs_device: bool = True
    asked_at: str = ""
    check_owner: Callable[[BaseModel, str], None] = lambda request, owner: None


class JobKinds(Protocol):
    """The registered kinds of jobs."""

    def get(self, name: str) -> JobKind:
        """The kind with this id; raises NotFoundError."""
        ...


class Jobs(Protocol):
    """Lookup of jobs."""

    def get(self, job_id: str) -> Job:
        """The job; raises NotFoundError."""
        ...


class ExecutorSink(Protocol):
    """Where an executor reports to."""

    def __call__(self, event: Event) -> None:
        """Take one event; callable from any thread."""
        ...


class Executor(Protocol):
    """Runs jobs on worker processes; created in the web process, so it must not import torch."""

    id: str

    def start(self, sink: ExecutorSink) -> None:
        """Start the workers; returns at once, readiness is told by WorkerStatus events."""
        ...

    def submit(self, job: Job) -> None:
        """Give a worker this job; called only while ``free_slots`` > 0."""
        ...

    def control(self, job_id: str, action: ControlAction) -> None:
        """Pass a wish to the job's worker; a worker that does not answer a cancel in time is killed."""
        ...

    @property
    def free_slots(self) -> int:
        """How many jobs it would take now."""
        ...

    def close(self) -> None:
        """End all workers; no process is left behind."""
        ...


@runtime_checkable
class RenewableExecutor(Executor, Protocol):
    """An executor whose workers can be started anew while it runs, with the extensions of that moment."""

    def renew(self) -> None:
        """Start the workers anew, each as soon as it has no job; returns at once."""
        ...
