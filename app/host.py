"""The host: settings, paths, hooks, registries and state of one process, built once from the start options."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeVar

from app import hookspecs
from app.contracts import Attention, Axis, Executor, JobKind, ModelFamily, NetworkType, NoiseSchedule, Sampler, Script, Upscaler
from app.device_speed import DeviceSpeed
from app.errors import UserError
from app.extension_report import Extensions, source_state
from app.generation.job import generate_kind
from app.hashing_service import hash_when_ready
from app.hooks import TOLD_FAILURES, ExtensionError, Failure, Hooks, HostHook
from app.inputs import InputStore
from app.installing.packages import add_package_folder
from app.job_services import job_services
from app.jobs.aside import ThreadExecutor
from app.jobs.database import open_database
from app.jobs.lock import FolderLock
from app.jobs.queue import JobQueue
from app.lifespans import Lifespans
from app.loader import ONLY_EXTENSIONS, Search, load_extensions, open_namespace, unmet_requirement
from app.net import page_address
from app.no_executor import NoExecutor, choose_executor
from app.paths import CHECKOUT, Paths, make_paths
from app.registry import FollowingRegistry, Registry
from app.scripting.kind import script_kind
from app.scripting.record import sweep_records
from app.settings import Settings
from app.settings_choices import core_choices
from app.settings_core import HOST, core_sections
from app.settings_option import check_section
from app.stash import Stash
from app.threads import watch_threads
from app.values.model import ModelFolder, ModelHeader, ModelIdentity
from app.values.options import StartOptions
from app.values.owned import Owned
from app.values.params import Params
from app.weights.folders import folders_of_flags, read_extra_model_paths, resolve_folders
from app.weights.header_reader import reader_for
from app.weights.index import ModelIndex
from app.weights.store import ModelStore

logger = logging.getLogger(__name__)
T = TypeVar("T")
Role = Literal["web", "worker"]
OF_THE_PAGE = ("register_routes", "register_tabs", "register_panels")
"""Hooks that are asked when everything else of an extension is in use already, and stays so."""


class Host:
    """Everything an extension can reach; ``role`` is "web" or "worker". Made by ``build_host``, brought to life by ``running``."""

    def __init__(self, options: StartOptions, role: Role, paths: Paths, settings: Settings) -> None:
        self.options = options
        self.role: Role = role
        self.paths = paths
        self.settings = settings
        self.stash = Stash()
        self.inputs = InputStore(paths.inputs)
        self.extensions = Extensions()
        self.hooks = Hooks(self._on_failure)
        self.lifespans = Lifespans(self.hooks.isolated)
        self.is_alive = False
        self.samplers: Registry[Sampler] = Registry("sampler", lambda s: s.name, lambda s: s.aliases)
        self.schedules: Registry[NoiseSchedule] = Registry("schedule type", lambda s: s.name, lambda s: (s.label, *s.aliases))
        self.upscalers: FollowingRegistry[Upscaler] = FollowingRegistry("upscaler", lambda u: u.name, lambda u: u.aliases)
        self.attention: Registry[Attention] = Registry("way of attention", lambda a: a.name, lambda a: (a.title, *a.aliases))
        self.device_speed = DeviceSpeed(paths.cache / "device-speed.json", self.attention)
        self.families: Registry[ModelFamily] = Registry("model family", lambda f: f.id)
        self.network_types: Registry[NetworkType] = Registry("kind of network", lambda t: t.id, lambda t: t.tags)
        self.params: Registry[type[Params]] = Registry("feature", lambda p: p.feature)
        self.scripts: Registry[Script] = Registry("script", lambda s: s.id, lambda s: (s.title,))
        self.axes: Registry[Axis] = Registry("axis", lambda a: f"{a.title} {' '.join(a.forms)}".strip())
        self.job_kinds: Registry[JobKind] = Registry("kind of job", lambda k: k.id)
        self.executors: Registry[Executor] = Registry("executor", lambda e: e.id)
        self.model_folders: Registry[ModelFolder] = Registry("kind of model folder", lambda f: f.kind)
        self._models: ModelIndex | None = None
        self._jobs: JobQueue | None = None
        self._executor: Owned[Executor] = Owned(HOST, NoExecutor())

    @property
    def models(self) -> ModelIndex:
        """The model files; opened at the first use and closed when ``running`` ends."""
        if self._models is None:
            self._models = self._open_models()
        return self._models

    @property
    def jobs(self) -> JobQueue:
        """The queue of jobs; there is one in the web process while ``running``."""
        if self._jobs is None:
            raise RuntimeError("There is a queue of jobs only in the web process, and only while the host runs.")
        return self._jobs

    @contextmanager
    def running(self) -> Iterator[None]:
        """Open the jobs (web), enter the extensions' lifespans in order, start the executor; all of it is undone in reverse."""
        self.settings.isolate_callbacks(self.hooks.isolated)
        with ExitStack() as stack:
            stack.enter_context(watch_threads(self.extensions, self.hooks.report))
            stack.callback(self.close)
            if self.role == "web":
                stack.enter_context(self._open_jobs())
            stack.enter_context(self._lifespans())
            if self.role == "web":
                if self.options.hash_models:
                    stack.enter_context(hash_when_ready(self.models, self.jobs))
                stack.enter_context(self._run_jobs())
                stack.enter_context(job_services(self.paths.spools, self.jobs, self.options))
                self.inputs.sweep()
                sweep_records(self.paths.script_records, self.jobs)
            yield

    def refill(self) -> None:
        """Collect everything the extensions register; those that fail while at it are quarantined and contribute nothing."""
        while True:
            active = self.extensions.active()
            self._collect()
            self._drop_failed()
            if self.extensions.active() == active:
                return

    # --- start ---

    def load(self, environment: Mapping[str, str], *, with_packages: bool) -> None:
        """Find and load the extensions that the options, the environment and the settings ask for."""
        self.settings.fill(core_sections())
        self.hooks.tell_briefly(environment.get(TOLD_FAILURES, "").split(","))
        self.search = Search(self.paths, self.options, environment.get(ONLY_EXTENSIONS), with_packages)
        selection = self.search.selection(self.settings.snapshot())
        add_package_folder(self.paths.extension_packages)
        open_namespace((self.paths.builtin_extensions, self.paths.extensions))
        load_extensions(self.search.candidates(), selection, self.hooks, self.extensions, self.search.notes())
        self.refill()
        if self.role == "web":
            self.settings.check_command_line()
            self.settings.tell_unused()

    def _collect(self) -> None:
        of_extensions = self._usable(hookspecs.register_settings, check_section)
        self._warn_refused(self.settings.fill([*core_sections(core_choices(self)), *of_extensions]))
        self._fill(self.model_folders, hookspecs.register_model_folders)
        self._fill(self.samplers, hookspecs.register_samplers)
        self._fill(self.schedules, hookspecs.register_noise_schedules)
        self._warn_refused(self.upscalers.fill(self._usable(hookspecs.register_upscalers, self.upscalers.name_of)))
        self._fill(self.attention, hookspecs.register_attention)
        self._fill(self.families, hookspecs.register_model_families)
        self._fill(self.network_types, hookspecs.register_network_types)
        self._fill(self.params, hookspecs.register_params)
        self._fill(self.scripts, hookspecs.register_scripts)
        self._fill(self.axes, hookspecs.register_axes)
        own = [Owned(HOST, kind(self)) for kind in (generate_kind, script_kind)]
        self._warn_refused(self.job_kinds.fill([*own, *self._usable(hookspecs.register_job_kinds, self.job_kinds.name_of)]))

    def _fill(self, registry: Registry[T], spec: HostHook[T]) -> None:
        self._warn_refused(registry.fill(self._usable(spec, registry.name_of)))

    def _usable(self, spec: HostHook[T], check: Callable[[T], object]) -> list[Owned[T]]:
        """What extensions return from a hook, without what is not of the kind that the hook is for."""
        usable: list[Owned[T]] = []
        for item in self.hooks.collect(spec, host=self):
            with self.hooks.isolated(item.owner, spec.__name__):
                check(item.value)
                usable.append(item)
        return usable

    def _warn_refused(self, sentences: Iterable[Owned[str]]) -> None:
        for sentence in sentences:
            logger.warning("%s", sentence.value)
            self.extensions.warn(sentence.owner, sentence.value)

    def _drop_failed(self) -> None:
        """Unregister what failed, and what requires it."""
        for report in self.extensions:
            if self.extensions.is_active(report.id) and (unmet := unmet_requirement(report.requires, self.extensions)):
                self.extensions.quarantine(report.id, unmet)
            if not self.extensions.is_active(report.id):
                self.hooks.unregister(report.id)

    def _on_failure(self, failure: Failure) -> None:
        """A failure while starting puts the extension out of use, one while the page is put together in part; later ones are remembered."""
        if failure.where in OF_THE_PAGE:
            self.extensions.fail_in_part(failure.owner, f"It failed in {failure.where}: {failure.error}", failure.traceback)
        elif failure.where in ("import", "lifespan") or failure.where.startswith("register_"):
            self.extensions.quarantine(failure.owner, f"It failed in {failure.where}: {failure.error}", failure.traceback)
        else:
            self.extensions.note(failure)

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """As ``running``, without an executor and with an empty journal: shows which extensions fail."""
        with TemporaryDirectory(prefix="paintbox-", ignore_cleanup_errors=True) as folder, closing(self):
            with self._queue(Path(folder) / self.paths.database.name, NoExecutor()), self._lifespans():
                yield

    @contextmanager
    def _lifespans(self) -> Iterator[None]:
        try:
            for owned in self.hooks.collect(hookspecs.lifespan, host=self):
                self.enter_lifespan(owned)
            if any(self.hooks.implemented_by(report.id) for report in self.extensions.quarantined()):
                self._drop_failed()
                self.refill()
            self.is_alive = True
            yield
        finally:
            self.is_alive = False
            self.lifespans.leave()

    def enter_lifespan(self, owned: Owned[AbstractContextManager[None]]) -> None:
        """Enter a context of an extension that is in use."""
        if self.extensions.is_active(owned.owner):
            self.lifespans.enter(owned)

    @contextmanager
    def _open_jobs(self) -> Iterator[None]:
        """Take the data folder for this process alone, and open the journal."""
        lock = FolderLock(self.paths.lock_file)
        lock.acquire(self.options.port, page_address(self.options) + self.options.subpath.rstrip("/"))
        try:
            self._fill(self.executors, hookspecs.register_executors)
            self._executor = choose_executor(self.executors, self.settings.get("executor"))
            with self._queue(self.paths.database, self._executor.value):
                yield
        finally:
            lock.release()

    @contextmanager
    def _queue(self, file: Path, executor: Executor) -> Iterator[None]:
        with closing(open_database(file)) as database:
            self._jobs = JobQueue(database, executor, self.job_kinds, aside=ThreadExecutor(self))
            try:
                yield
            finally:
                self._jobs = None

    @contextmanager
    def _run_jobs(self) -> Iterator[None]:
        """Start the executor, and end it with all its processes."""
        owner = self._executor.owner
        with self.hooks.isolated(owner, "the start of its executor"):
            self.jobs.start()
        try:
            yield
        finally:
            with self.hooks.isolated(owner, "the end of its executor"):
                self.jobs.close()

    def _open_models(self) -> ModelIndex:
        extra = read_extra_model_paths(self.paths.data / "extra_model_paths.yaml")
        flags = {folder.flag: folders_of_flags(folder, self.options.flag_texts) for folder in self.model_folders}
        places = resolve_folders(self.model_folders, self.paths.data, self.paths.models, flags, extra)
        readers = ",".join(source_state(report) for report in self.extensions if self.extensions.is_active(report.id))
        return ModelIndex(places, self._identify, ModelStore(self.paths.cache / "models.sqlite3"), readers, reader_for(self.role))

    def _identify(self, header: ModelHeader) -> ModelIdentity | None:
        try:
            owned = self.hooks.first(hookspecs.identify_model, strict=True, header=header, host=self)
        except ExtensionError as error:
            self.hooks.report(error.failure)
            raise
        return owned.value if owned else None

    def close(self) -> None:
        """Close the model index; needed only by who used it without ``running``."""
        if self._models is not None:
            self._models.close()
            self._models = None


def build_host(
    options: StartOptions,
    role: Role,
    *,
    root: Path = CHECKOUT,
    environment: Mapping[str, str] | None = None,
    with_packages: bool = True,
    read_only: bool = False,
) -> Host:
    """Build a host and load its extensions; ``read_only`` spares the settings file. Raises UserError for unusable start options.

    ``root`` is the checkout whose extensions are built-in; ``with_packages`` also asks installed packages for extensions.
    """
    environment = os.environ if environment is None else environment
    paths = make_paths(options, root)
    if not paths.data.is_dir():
        raise UserError(f"The data folder {paths.data} does not exist.", hint="Create it, or start without --data-dir.")
    settings = Settings(paths.config_file, options, environment, read_only=read_only or role == "worker")
    host = Host(options, role, paths, settings)
    host.load(environment, with_packages=with_packages)
    return host
