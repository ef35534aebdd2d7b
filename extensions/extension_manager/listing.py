"""The installed extensions as data: where each comes from, what it does here, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from app.api import ExtensionReport, ExtensionState, GitFacts, NotFoundError, UserError, Value
from extensions.extension_manager.foreign import ForeignReport, read_foreign
from extensions.extension_manager.javascript import allowed_files, is_allowed, state_of

if TYPE_CHECKING:
    from app.api import Host
    from extensions.extension_manager.manager import Manager

Scripts = Literal["none", "allowed", "not allowed"]


class Problem(Value):
    """Something that went wrong: ``where`` in words, "" for what put the extension out of use."""

    where: str
    error: str
    traceback: str = ""


class ListedExtension(Value):
    """``date``: seconds since 1970 of the commit, 0 without one. ``enabled`` is the user's wish, ``state`` what is the case."""

    id: str
    title: str
    description: str
    version: str
    is_builtin: bool
    is_removable: bool
    enabled: bool
    state: str
    error: str = ""
    remote: str = ""
    branch: str = ""
    commit: str = ""
    date: int = 0
    hooks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    load_time_ms: float = 0.0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    missing_packages: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    is_foreign: bool = False
    scripts: Scripts = "none"
    script_files: tuple[str, ...] = ()


class UpdateState(Value):
    """``status``: latest, new commits, or unknown with the reason."""

    id: str
    status: Literal["latest", "new commits", "unknown"]
    reason: str = ""


class ApiExtension(Value):
    """As ``/sdapi/v1/extensions`` lists one."""

    name: str
    remote: str
    branch: str
    commit_hash: str
    version: str
    commit_date: int
    enabled: bool


def list_extensions(manager: Manager) -> tuple[ListedExtension, ...]:
    """All of them: the user's first, each group by title."""
    off = _disabled(manager.host)
    listed = [_listed(report, manager, report.id not in off) for report in manager.host.extensions]
    return tuple(sorted(listed, key=lambda each: (each.is_builtin, each.title.casefold())))


def report_foreign(name: str, manager: Manager) -> ForeignReport:
    """What an extension for A1111 uses; raises NotFoundError for any other."""
    report = manager.host.extensions.get(name)
    if report.state is not ExtensionState.FOREIGN or report.folder is None:
        raise NotFoundError(f"{name} is not in use as an extension for A1111.", field="name")
    return read_foreign(report.folder)


def described(report: ExtensionReport, host: Host) -> Iterator[tuple[str, str]]:
    """The same in a few lines, for the command line; nothing for any other."""
    if report.state is not ExtensionState.FOREIGN or report.folder is None:
        return
    read = read_foreign(report.folder)
    yield "A1111", "Its Python code is not run here." if not read.works else "It works here: nothing of it needs to be run as Python."
    yield "brings", ", ".join(f"{part.what} ({part.count}): {part.use}" for part in read.parts)
    yield "callbacks", ", ".join(f"{each.name} (here {each.here or 'nothing'})" for each in read.callbacks)
    yield "modules", ", ".join(read.modules)
    scripts = _scripts(report, host)
    if scripts != "none":
        yield "JavaScript", "allowed" if scripts == "allowed" else "It waits for your permission, which the tab Extensions asks for."


def check_updates(manager: Manager) -> tuple[UpdateState, ...]:
    """Ask the repositories of the user's extensions for their newest commits."""
    found: list[UpdateState] = []
    for name, candidate in manager.store.candidates().items():
        if candidate.is_builtin or candidate.folder is None:
            continue
        facts = manager.store.git.facts(candidate.folder)
        if not facts.remote:
            continue
        try:
            newest = manager.store.git.newest(manager.store.checked_address(facts.remote), facts.branch)
        except UserError as error:
            found.append(UpdateState(id=name, status="unknown", reason=str(error)))
            continue
        found.append(UpdateState(id=name, status="latest" if newest == facts.commit else "new commits"))
    return tuple(found)


def list_for_api(manager: Manager) -> tuple[ApiExtension, ...]:
    """Those with a git repository they came from, as A1111 lists them."""
    off = _disabled(manager.host)
    found: list[ApiExtension] = []
    for name, candidate in manager.store.candidates().items():
        facts = GitFacts() if candidate.is_builtin or candidate.folder is None else manager.store.git.facts(candidate.folder)
        if facts.remote:
            found.append(
                ApiExtension(
                    name=name,
                    remote=facts.remote,
                    branch=facts.branch,
                    commit_hash=facts.commit,
                    version=facts.version,
                    commit_date=facts.date,
                    enabled=name not in off,
                )
            )
    return tuple(found)


def _listed(report: ExtensionReport, manager: Manager, enabled: bool) -> ListedExtension:
    facts = GitFacts() if report.is_builtin or report.folder is None else manager.store.git.facts(report.folder)
    is_foreign = report.state is ExtensionState.FOREIGN
    problems = [Problem(where="", error=report.error, traceback=report.traceback)] if report.error and _failed(report) else []
    problems += [Problem(where=each.where, error=each.error, traceback="" if each.is_told else each.traceback) for each in report.failures]
    return ListedExtension(
        id=report.id,
        title=report.title,
        description=report.description,
        version=report.version or facts.version,
        is_builtin=report.is_builtin,
        is_removable=not report.is_builtin and report.folder is not None and report.folder.parent == manager.store.paths.extensions,
        enabled=enabled,
        state=report.state.value,
        error=report.error,
        remote=facts.remote,
        branch=facts.branch,
        commit=facts.commit,
        date=facts.date,
        hooks=report.hooks,
        requires=report.requires,
        load_time_ms=round(report.load_time_s * 1000, 1),
        problems=tuple(problems),
        warnings=report.warnings,
        missing_packages=report.missing_packages,
        conflicts=report.conflicts,
        is_foreign=is_foreign,
        scripts=_scripts(report, manager.host) if is_foreign else "none",
        script_files=tuple(allowed_files(report.folder)) if is_foreign and report.folder is not None else (),
    )


def _scripts(report: ExtensionReport, host: Host) -> Scripts:
    if report.folder is None or not state_of(report.folder):
        return "none"
    return "allowed" if is_allowed(report, host) else "not allowed"


def _failed(report: ExtensionReport) -> bool:
    return report.state in (ExtensionState.QUARANTINED, ExtensionState.FAILED_IN_PART)


def _disabled(host: Host) -> frozenset[str]:
    value = host.settings.get("disabled_extensions")
    return frozenset(str(name) for name in value) if isinstance(value, list) else frozenset()
