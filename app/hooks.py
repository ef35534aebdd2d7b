"""The only code that calls an extension: collect, first, fold and notify, each implementation isolated from the others."""

from __future__ import annotations

import inspect
import logging
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

import pluggy

from app import hookspecs
from app.errors import JobStopped, PaintboxError, UserError
from app.values.owned import Owned

TOLD_FAILURES = "PAINTBOX_TOLD_FAILURES"
"""Environment variable for a worker: comma list of the extensions whose failure at the start the web process has logged."""
logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)


class HostHook(Protocol[T_co]):
    """A hook that takes the host alone."""

    __name__: str

    def __call__(self, host: Any) -> Iterable[T_co]:
        """Give several items."""
        ...


@dataclass(frozen=True)
class Failure:
    """An extension's code failed: ``where`` is the hook's name or a few words ("import", "tab txt2img").

    ``is_told``: by the extension itself, in a sentence for the user; nobody needs the traceback.
    """

    owner: str
    where: str
    error: str
    traceback: str
    is_told: bool = False


class ExtensionError(PaintboxError):
    """A strict call failed inside an extension; the message names it and the original error is the cause."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"The extension {failure.owner!r} failed in {failure.where}: {failure.error}")
        self.failure = failure


@dataclass(frozen=True)
class _Implementation:
    owner: str
    hook: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]


class Hooks:
    """The hooks of one host with the extensions registered in it; ``on_failure`` hears of every isolated failure.

    Order is the order of registration (the loader registers by ``requires``, then by id); ``tryfirst`` and ``trylast`` of pluggy work.
    ``collect`` and ``first`` leave out what fails unless ``strict``; ``fold`` is always strict, because half-changed values are worse
    than an error; ``notify`` never raises. UserError and JobStopped of a strict call pass through as they are.
    """

    def __init__(self, on_failure: Callable[[Failure], None] = lambda failure: None) -> None:
        self._on_failure = on_failure
        self._told: frozenset[str] = frozenset()
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._known = self._declared_in(hookspecs)

    def tell_briefly(self, owners: Iterable[str]) -> None:
        """Log no tracebacks of these extensions: another process of the program has done so."""
        self._told = frozenset(owners)

    # --- registration ---

    def register(self, owner: str, plugin: object) -> list[str]:
        """Add an extension's implementations; returns warnings (unknown hooks); raises UserError on a wrong signature."""
        warnings = self._check_shapes(owner, plugin)
        try:
            self._manager.register(plugin, owner)
        except pluggy.PluginValidationError as error:
            self._manager.unregister(name=owner)
            reason = str(error).splitlines()[-1].strip()
            raise UserError(
                f"The extension {owner!r} implements a hook with the wrong arguments: {reason}", hint="docs/hooks.md lists them."
            ) from error
        return warnings

    def declare(self, specs: ModuleType) -> None:
        """Add the hooks that an extension declares in a module of its own; they are called like the host's."""
        self._manager.add_hookspecs(specs)
        self._known |= self._declared_in(specs)

    def _declared_in(self, specs: ModuleType) -> frozenset[str]:
        return frozenset(name for name in dir(specs) if self._manager.parse_hookspec_opts(specs, name) is not None)

    def unregister(self, owner: str) -> None:
        """Forget an extension; its hooks are not called any more."""
        if self._manager.has_plugin(owner):
            self._manager.unregister(name=owner)

    def owners(self) -> list[str]:
        """Ids of the registered extensions in order."""
        return [name for name, plugin in self._manager.list_name_plugin() if plugin is not None]

    def implemented_by(self, owner: str) -> list[str]:
        """Names of the hooks that an extension implements."""
        plugin = self._manager.get_plugin(owner)
        callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
        return sorted(caller.name for caller in callers or () if caller.name in self._known)

    def _check_shapes(self, owner: str, plugin: object) -> list[str]:
        warnings: list[str] = []
        for name in dir(plugin):
            if self._manager.parse_hookimpl_opts(plugin, name) is None:
                continue
            options = cast("pluggy.HookimplOpts", self._manager.parse_hookimpl_opts(plugin, name))
            function = getattr(plugin, name)
            hook = options["specname"] or name
            if hook not in self._known:
                warnings.append(f"The hook {hook!r} does not exist; {owner}.{name} is never called.")
            self._refuse_shape(f"{owner}.{name}", function, options)
        return warnings

    def _refuse_shape(self, label: str, function: Callable[..., Any], options: pluggy.HookimplOpts) -> None:
        if options["wrapper"] or options["hookwrapper"]:
            raise UserError(f"{label} is a pluggy wrapper, which Paintbox does not call.", hint="Implement the hook plainly.")
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise UserError(f"{label} is async, and hooks are not awaited.", hint="Make it a plain function.")
        kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
        if inspect.Parameter.KEYWORD_ONLY in kinds:
            raise UserError(f"{label} has keyword-only arguments, which hooks cannot have.", hint="Remove the '*'.")

    # --- the four call styles ---

    @overload
    def collect(
        self, spec: Callable[P, Mapping[K, V]], strict: bool = False, *args: P.args, **kwargs: P.kwargs
    ) -> list[Owned[Mapping[K, V]]]: ...

    @overload
    def collect(self, spec: Callable[P, Iterable[T]], strict: bool = False, *args: P.args, **kwargs: P.kwargs) -> list[Owned[T]]: ...

    def collect(self, spec: Callable[..., Any], strict: bool = False, *args: Any, **kwargs: Any) -> list[Owned[Any]]:
        """Every item of every extension with its owner, in order; a mapping counts as one item."""
        found: list[Owned[Any]] = []
        for implementation in self._implementations(spec):
            with self.isolated(implementation.owner, implementation.hook, strict=strict):
                items = _as_items(_call(implementation, kwargs))
                found.extend(Owned(implementation.owner, item) for item in items)
        return found

    def first(self, spec: Callable[P, T | None], strict: bool = False, *args: P.args, **kwargs: P.kwargs) -> Owned[T] | None:
        """The first answer that is not None, with its owner."""
        for implementation in self._implementations(spec):
            with self.isolated(implementation.owner, implementation.hook, strict=strict):
                answer = _call(implementation, kwargs)
                if answer is not None:
                    return Owned(implementation.owner, answer)
        return None

    def fold(self, spec: Callable[Concatenate[T, P], T], value: T, *args: P.args, **kwargs: P.kwargs) -> T:
        """The value after every extension has changed it; ``value`` is the hook's first argument."""
        first_argument = next(iter(inspect.signature(spec).parameters))
        for implementation in self._implementations(spec):
            with self.isolated(implementation.owner, implementation.hook, strict=True):
                changed = _call(implementation, {first_argument: value, **kwargs})
                if changed is None:
                    raise TypeError(f"returned None instead of the {first_argument}")
                value = changed
        return value

    def notify(self, spec: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everybody; failures are logged and nobody stops the others."""
        for implementation in self._implementations(spec):
            with self.isolated(implementation.owner, implementation.hook):
                _call(implementation, kwargs)

    @contextmanager
    def isolated(self, owner: str, where: str, *, strict: bool = False) -> Iterator[None]:
        """Run an extension's code: a failure is reported and swallowed, or raised as ExtensionError when ``strict``.

        Everything is caught, SystemExit too; only a KeyboardInterrupt of the main thread and a JobStopped pass through.
        """
        try:
            yield
        except (JobStopped, GeneratorExit):
            raise
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
                raise
            if strict and isinstance(error, (UserError, ExtensionError)):
                raise
            text = "".join(traceback.format_exception(error))
            failure = Failure(owner, where, describe_error(error), text, is_told=isinstance(error, UserError))
            if strict:
                raise ExtensionError(failure) from error
            self.report(failure)

    def report(self, failure: Failure) -> None:
        """Log a failure of an extension and pass it on to ``on_failure``."""
        details = "" if failure.is_told or failure.owner in self._told else f"\n{failure.traceback}"
        logger.error("The extension %r failed in %s: %s%s", failure.owner, failure.where, failure.error, details)
        self._on_failure(failure)

    def _implementations(self, spec: Callable[..., Any]) -> list[_Implementation]:
        """In the order in which they are asked."""
        name = spec.__name__
        found = getattr(self._manager.hook, name).get_hookimpls()
        ordered = sorted(found, key=lambda impl: (not impl.tryfirst) + impl.trylast)
        return [_Implementation(impl.plugin_name, name, impl.function, impl.argnames) for impl in ordered]


def describe_error(error: BaseException) -> str:
    """One line about an error: its type and text; a UserError's own sentence."""
    if isinstance(error, UserError):
        return str(error)
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _call(implementation: _Implementation, arguments: Mapping[str, Any]) -> Any:
    return implementation.function(*[arguments[name] for name in implementation.arguments])


def _as_items(result: Any) -> list[Any]:
    if result is None:
        return []
    if isinstance(result, Mapping):
        return [result]
    if isinstance(result, (str, bytes)) or not isinstance(result, Iterable):
        raise TypeError(f"returned a {type(result).__name__} where several items are expected; return a list or yield them")
    return list(result)
