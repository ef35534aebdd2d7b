"""The one typed registry of settings: defaults, config.json, this run's choice, environment and command line, the later winning."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from app.contracts import SettingsSection
from app.errors import UserError
from app.settings_file import ENVIRONMENT_PREFIX, SettingsFile, change_settings_file, parse_environment, parse_texts, read_settings_file
from app.settings_option import Option, default_of, reason_of, unusable
from app.settings_paths import check_requested_path
from app.settings_unused import no_setting, unused_among
from app.values.base import Json
from app.values.options import StartOptions
from app.values.owned import Owned

logger = logging.getLogger(__name__)
Source = Literal["default", "file", "this run", "environment", "command line"]
ChangeCallback = Callable[[frozenset[str]], None]


class Settings:
    """Effective values of all options; thread-safe. Read-only in workers, whose jobs carry their own snapshot.

    ``problems`` are sentences for the user about what could not be used (a corrupt file, invalid values).
    """

    def __init__(self, path: Path, options: StartOptions, environment: Mapping[str, str], *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self.problems: tuple[str, ...] = ()
        self.revision = 0
        """Goes up with every change of a value, so that pages know when to look again."""
        self._start = options
        self._environment = dict(environment)
        self._lock = threading.RLock()
        self._options: dict[str, Option] = {}
        self._sections: tuple[Owned[SettingsSection], ...] = ()
        self._values: dict[str, tuple[Json, Source]] = {}
        self._this_run: dict[str, Json] = {}
        self._told: set[str] = set()
        self._callbacks: list[tuple[str, ChangeCallback]] = []
        self._isolate: Callable[[str, str], AbstractContextManager[None]] = lambda owner, where: nullcontext()
        reading = read_settings_file(path, set_aside=not read_only)
        self._file = reading.values
        self._file_problems = reading.problems

    # --- declaration ---

    def fill(self, sections: Iterable[Owned[SettingsSection]]) -> list[Owned[str]]:
        """Replace all declarations; returns a sentence, for its owner, about every option left out because its key was taken."""
        kept: dict[str, Option] = {}
        refused: list[Owned[str]] = []
        given = tuple(sections)
        for item in given:
            for key, field in item.value.model.model_fields.items():
                if key in kept:
                    sentence = f"The setting {key!r} of {item.owner!r} is left out: {kept[key].owner!r} already has it."
                    refused.append(Owned(item.owner, sentence))
                else:
                    kept[key] = Option(key, item.owner, item.value, field, default_of(field))
        with self._lock:
            self._options, self._sections = kept, given
            self._resolve()
        return refused

    def isolate_callbacks(self, isolate: Callable[[str, str], AbstractContextManager[None]]) -> None:
        """Run subscribers inside ``isolate(owner, where)``, so that one that fails does not stop the others."""
        self._isolate = isolate

    @property
    def sections(self) -> tuple[Owned[SettingsSection], ...]:
        """All sections with their owners, in order."""
        return self._sections

    @property
    def options(self) -> Mapping[str, Option]:
        """All options by key, in order."""
        return dict(self._options)

    def option(self, key: str) -> Option:
        """One option; raises UserError that names the nearest key, or the reason why one of A1111's has no effect."""
        option = self._options.get(key)
        if option is None:
            raise no_setting(key, self._options)
        return option

    # --- reading ---

    def get(self, key: str) -> Json:
        """The effective value."""
        self.option(key)
        return copy.deepcopy(self._values[key][0])

    def find(self, key: str, default: Json) -> Json:
        """The effective value; ``default`` where the extension that declares such a setting is away."""
        return self.get(key) if key in self._options else default

    def source(self, key: str) -> Source:
        """Where the effective value comes from."""
        self.option(key)
        return self._values[key][1]

    def snapshot(self) -> Mapping[str, Json]:
        """Every key with its effective value."""
        with self._lock:
            return {key: copy.deepcopy(value) for key, (value, _) in self._values.items()}

    def changed(self) -> dict[str, Json]:
        """The keys whose effective value differs from the default, without secrets; what a job takes along."""
        with self._lock:
            changed = {key: value for key, (value, _) in self._values.items() if value != self._options[key].default}
            return {key: copy.deepcopy(value) for key, value in changed.items() if not self._options[key].is_secret}

    def defaults(self) -> dict[str, Json]:
        """Every key with its default."""
        with self._lock:
            return {key: copy.deepcopy(option.default) for key, option in self._options.items()}

    def validated(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """The values as they would be kept; raises UserError that names the key at fault."""
        checked: dict[str, Json] = {}
        for key, value in values.items():
            option = self.option(key)
            try:
                checked[key] = option.validate(value)
            except ValidationError as error:
                raise unusable(option, value, error) from error
        return checked

    def for_request(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """The values as one request may have them; raises UserError for one that cannot be, 403 for one that the command line froze."""
        checked = self.validated(values)
        for key, value in checked.items():
            self._refuse(key, value, self._frozen(key))
            extra = self.option(key).extra
            if extra.get("is_source") and value not in (self.get(key), self.option(key).default):
                raise UserError(f"A request cannot choose {key!r}.", hint="Change the setting itself.", field=key, status=403)
            if extra.get("is_path"):
                check_requested_path(key, value, self.get(key))
        return checked

    def resolved(self, *layers: Mapping[str, Json]) -> dict[str, Json]:
        """Every key: the defaults under these layers, the later winning; UserError names the key that cannot be used."""
        values = self.defaults()
        for layer in layers:
            values.update(self.validated(layer))
        return values

    def tell_unused(self, keys: Iterable[str] | None = None) -> None:
        """Log once of each of the keys (None: those of config.json) that is one of A1111's without effect here, and why."""
        new = [key for key in (self._file if keys is None else keys) if key not in self._told]
        self._told |= set(new)
        for sentence in unused_among(new, self._options):
            logger.warning("%s", sentence)

    def is_unused(self, key: str) -> bool:
        """Whether the key is one of A1111's that is accepted and has no effect here."""
        return bool(unused_among([key], self._options))

    def check_command_line(self) -> None:
        """Raise UserError when the command line sets an unknown key or an invalid value."""
        self.validated(parse_texts(self._start.settings, {key: self.option(key).default for key in self._start.settings}))

    def reread(self) -> None:
        """Take in what the web process has written meanwhile; for workers."""
        reading = read_settings_file(self.path, set_aside=False)
        with self._lock:
            if reading.values != self._file:
                self._file = reading.values
                self._resolve()

    def take_over(self) -> None:
        """Take in what was written into the file beside this object, and tell everybody what is another way now."""
        reading = read_settings_file(self.path, set_aside=False)
        with self._lock:
            self._file = reading.values
            changed = self._resolve_again()
        self._tell(changed)

    # --- changing ---

    def set(self, values: Mapping[str, Json], reset: Iterable[str] = ()) -> frozenset[str]:
        """Validate all, then keep all: in config.json (atomically) and from now on; UserError names the key that cannot be set.

        The keys of ``reset`` are taken out of config.json, so that their defaults hold. Returns the keys whose value is another one now.
        """
        if self.read_only:
            raise UserError("Settings cannot be changed here.", hint="Change them in the web process.")
        forgotten = {key: self.option(key).default for key in reset if key not in values}
        checked = self.validated(values) | forgotten
        with self._lock:
            for key, value in checked.items():
                self._refuse(key, value, self.lock_reason(key))
            self._file = self._written(checked, forgotten)
            self._this_run = {key: value for key, value in self._this_run.items() if key not in checked}
            changed = self._resolve_again()
        self._tell(changed)
        return changed

    def _written(self, checked: Mapping[str, Json], forgotten: Mapping[str, Json]) -> dict[str, Json]:
        """What config.json holds after the change; of a file that cannot be read any more, what was known of it stays."""
        kept: dict[str, Json] = {}

        def change(reading: SettingsFile) -> Mapping[str, Json]:
            known = {**(self._file if reading.problems else reading.values), **checked}
            kept.update({key: value for key, value in known.items() if key not in forgotten})
            return kept

        self._file_problems += change_settings_file(self.path, change, set_aside=True).problems
        return kept

    def set_for_this_run(self, values: Mapping[str, Json]) -> None:
        """Values that win over config.json until they are set to something else, and are not written; UserError names a wrong one."""
        checked = self.validated(values)
        with self._lock:
            self._this_run.update(checked)
            changed = self._resolve_again()
        self._tell(changed)

    def subscribe(self, callback: ChangeCallback, owner: str = "host") -> Callable[[], None]:
        """Call ``callback`` with the changed keys after every change; returns a function that ends it."""
        entry = (owner, callback)
        self._callbacks.append(entry)
        return lambda: self._callbacks.remove(entry) if entry in self._callbacks else None

    def _tell(self, changed: frozenset[str]) -> None:
        self.revision += bool(changed)
        for owner, callback in list(self._callbacks) if changed else ():
            with self._isolate(owner, "a callback on changed settings"):
                callback(changed)

    def _refuse(self, key: str, value: Json, reason: str) -> None:
        if reason and value != self._values[key][0]:
            raise UserError(f"The setting {key!r} cannot be changed: {reason}.", field=key, status=403)

    def lock_reason(self, key: str) -> str:
        """Why a setting cannot be changed while the program runs; empty when it can."""
        source = self.source(key)
        if source == "command line":
            return "the command line sets it"
        if source == "environment":
            return f"the environment variable {ENVIRONMENT_PREFIX}{key.upper()} sets it"
        return self._frozen(key)

    def _frozen(self, key: str) -> str:
        """What freezes a setting for everybody, single requests too; empty when nothing does."""
        option = self.option(key)
        if self._start.lock_all_settings:
            return "--freeze-settings was given"
        if option.section.id in self._start.locked_sections or key in self._start.locked_settings:
            return "it is frozen by the command line"
        return "--hide-ui-dir-config was given" if self._start.lock_paths and option.extra.get("is_path") else ""

    # --- layers ---

    def _resolve_again(self) -> frozenset[str]:
        """Work out every value anew; returns the keys whose value is another one now."""
        before = self._values
        self._resolve()
        return frozenset(key for key, (value, _) in self._values.items() if before[key][0] != value)

    def _resolve(self) -> None:
        """Work out every effective value and what is wrong with the given ones."""
        problems = list(self._file_problems)
        values: dict[str, tuple[Json, Source]] = {key: (option.default, "default") for key, option in self._options.items()}
        defaults = {key: option.default for key, option in self._options.items()}
        environment = parse_environment(self._environment, defaults)
        overrides = parse_texts(self._start.settings, defaults)
        layers: tuple[tuple[Source, Mapping[str, Json]], ...] = (
            ("file", self._file),
            ("this run", self._this_run),
            ("environment", environment),
            ("command line", overrides),
        )
        for source, layer in layers:
            for key in layer.keys() & self._options.keys():
                try:
                    values[key] = (self._options[key].validate(layer[key]), source)
                except ValidationError as error:
                    place = self.path.name if source == "file" else source
                    reason = reason_of(error, self._options[key].field)
                    problems.append(f"{place}: {key!r} cannot be {layer[key]!r} ({reason}); {values[key][0]!r} is used.")
        for problem in problems:
            if problem not in self.problems:
                logger.warning("%s", problem)
        self.problems, self._values = tuple(problems), values
