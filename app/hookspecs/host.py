"""Hooks around the host itself: settings, life, workers, kinds of jobs, who may come in."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from app.contracts import Credentials, Executor, JobKind, Problem, SettingsSection, User
from app.hookspecs.markers import hookspec

if TYPE_CHECKING:
    from app.extension_report import ExtensionReport
    from app.host import Host


@hookspec
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Collect: sections of settings; they appear in config.json, in the options API and in the docs.

    The field names are the option keys (A1111's where it has one); title, description, limits and choices come from the model.
    """
    raise NotImplementedError


@hookspec
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Collect: contexts entered in order when the host starts and left in reverse when it ends; open and close state here."""
    raise NotImplementedError


@hookspec
def describe_extension(report: ExtensionReport, host: Host) -> Iterable[tuple[str, str]]:
    """Collect (web): further lines, as (label of a word or two, text), of what the command line says of an installed extension.

    ``host`` is not running. The command ``extensions`` asks for those that were written for A1111, ``extensions info`` for any.
    """
    raise NotImplementedError


@hookspec
def register_executors(host: Host) -> Iterable[Executor]:
    """Collect (web): executors that run jobs on worker processes; the setting ``executor`` names the one in use."""
    raise NotImplementedError


@hookspec
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Collect: kinds of jobs beside generation (loading a checkpoint, training, merging, downloads)."""
    raise NotImplementedError


@hookspec
def authenticate(credentials: Credentials, host: Host) -> User | None:
    """First (web): the user these credentials belong to, or None when they are not this extension's business or wrong."""
    raise NotImplementedError


@hookspec
def requires_login(realm: str, host: Host) -> bool | None:
    """First (web): True when ``realm`` ("page" or "api") must not be used without credentials; None to leave it to others."""
    raise NotImplementedError


@hookspec
def shape_problem(problem: Problem, host: Host) -> Problem | None:
    """First (web): an error answer as the clients of these routes know it, where their form is not A1111's; None for others' routes."""
    raise NotImplementedError
