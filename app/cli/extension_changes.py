"""``extensions`` actions that change something: they work on files and import no extension, so that a broken one cannot stop them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from app.cli.parse import parse_command_line
from app.errors import UserError
from app.installing.plans import InstallPlan
from app.installing.restoring import Scope, restore
from app.installing.store import ExtensionStore
from app.paths import called_from, make_paths

YES, BRANCH = "--yes", "--branch"
DONE = {
    "install": "is installed; it is used",
    "update": "is updated; the new version is used",
    "packages": "has its packages; it is used",
}
SCOPES: tuple[Scope, ...] = ("extensions", "webui", "both")
Words = Sequence[str]


def change_extensions(action: str, words: Words, environment: Mapping[str, str]) -> int:
    """Run one of the actions; flags of a start (--data-dir ...) may follow. Raises UserError."""
    given = list(words)
    is_agreed = YES in given
    given = [word for word in given if word != YES]
    branch = ""
    if BRANCH in given[:-1]:
        place = given.index(BRANCH)
        branch = given[place + 1]
        del given[place : place + 2]
    first = next((place for place, word in enumerate(given) if word.startswith("--")), len(given))
    paths = make_paths(parse_command_line(given[first:], environment).options)
    store = ExtensionStore(paths, user=f"the command `extensions {action}`")
    return CHANGES[action](Change(store, given[:first], called_from(environment), branch, is_agreed))


class Change:
    """What was typed: ``names`` before the first flag, ``folder`` where, ``branch`` and consent where they were given."""

    def __init__(self, store: ExtensionStore, names: Words, folder: Path, branch: str, is_agreed: bool) -> None:
        self.store = store
        self.names = names
        self._folder = folder
        self._branch = branch
        self._is_agreed = is_agreed

    def one(self) -> str:
        """The one name that was given."""
        if len(self.names) != 1:
            raise UserError("Name one extension.", hint="`python webui.py extensions list` shows their ids.")
        return self.names[0]

    def plan(self) -> InstallPlan:
        """What installing the address, the archive or the packages of the extension would do."""
        what = self.one()
        if what in self.store.candidates():
            return self.store.plan_packages(what)
        if "://" not in what:
            file = (self._folder / Path(what).expanduser()).absolute()
            if not file.is_file():
                raise UserError(
                    f"There is neither a file nor an extension {what!r}.", hint="The address of a repository begins with https://."
                )
            return self.store.plan_archive(file, file.name)
        return self.store.plan_address(what, self._branch)

    def carry_out(self, plan: InstallPlan) -> int:
        """Show a plan, ask for consent, and do it."""
        show_plan(plan)
        if plan.refusals:
            self.store.drop_plan(plan.token)
            return 1
        if not self._is_agreed and not _asks():
            self.store.drop_plan(plan.token)
            sys.stdout.write("Nothing was changed.\n")
            return 1
        self.store.carry_out(plan.token)
        sys.stdout.write(f"{plan.name} {DONE[plan.kind]} from the next start on.\n")
        return 0


def show_plan(plan: InstallPlan) -> None:
    """Everything that somebody should know before saying yes."""
    lines = [
        ("extension", f"{plan.name} {plan.version}".strip()),
        ("replaces", f"{plan.name} {plan.version_now}".strip() if plan.kind == "update" else ""),
        ("about", plan.description),
        ("from", plan.source),
        ("commit", f"{plan.commit} {plan.branch}".strip()),
        ("files", f"{plan.file_count}, {plan.size_bytes} bytes" if plan.file_count else ""),
        ("hooks", ", ".join(plan.hooks)),
        ("declares", ", ".join(plan.permissions)),
        ("its code seems to use, undeclared", ", ".join(plan.undeclared)),
        ("packages to add", ", ".join(f"{each.name} {each.version} ({each.source})" for each in plan.packages)),
    ]
    for label, text in lines:
        if text:
            sys.stdout.write(f"{label}: {text}\n")
    for change in plan.changes:
        sys.stdout.write(f"  {change.change:<8} {change.path}\n")
    for remark in plan.remarks:
        sys.stdout.write(f"note: {remark}\n")
    for refusal in plan.refusals:
        sys.stdout.write(f"refused: {refusal}\n")


def _asks() -> bool:
    if not sys.stdin.isatty():
        sys.stdout.write(f"Nobody can be asked here: give {YES} to agree.\n")
        return False
    sys.stdout.write("What an extension does is not limited: its code can do whatever you can. Install it? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _plan(change: Change) -> int:
    plan = change.plan()
    show_plan(plan)
    change.store.drop_plan(plan.token)
    return 1 if plan.refusals else 0


def _install(change: Change) -> int:
    return change.carry_out(change.plan())


def _update(change: Change) -> int:
    return change.carry_out(change.store.plan_update(change.one()))


def _remove(change: Change) -> int:
    change.store.remove(change.one())
    sys.stdout.write(f"{change.one()} is taken out; `extensions snapshots` lists the way back.\n")
    return 0


def _switched(on: bool) -> Callable[[Change], int]:
    def switch(change: Change) -> int:
        name = change.one()
        change.store.switch({name: on})
        sys.stdout.write(f"{name} is {'enabled' if on else 'disabled'} from the next start on.\n")
        return 0

    return switch


def _snapshots(change: Change) -> int:
    for snapshot in change.store.snapshots.list():
        when = datetime.fromtimestamp(snapshot.created_at).strftime("%Y-%m-%d %H:%M:%S")
        sys.stdout.write(f"{when}  {snapshot.file}\n")
    return 0


def _snapshot(change: Change) -> int:
    taken = change.store.take_snapshot(" ".join(change.names))
    sys.stdout.write(f"Written: {change.store.snapshots.folder / taken.file}\n")
    return 0


def _restore(change: Change) -> int:
    if not change.names:
        raise UserError("Name a snapshot.", hint="`python webui.py extensions snapshots` lists them.")
    scope: Scope = next((scope for scope in SCOPES if change.names[-1] == scope and len(change.names) > 1), "both")
    name = " ".join(change.names[:-1] if len(change.names) > 1 and change.names[-1] == scope else change.names)
    restored = restore(change.store, name, scope)
    for sentence in restored.done or ("Everything is as it was then.",):
        sys.stdout.write(f"{sentence}\n")
    for problem in restored.problems:
        sys.stdout.write(f"not restored: {problem}\n")
    sys.stdout.write(f"The way back from here: extensions restore '{restored.backup}'\n")
    return 1 if restored.problems else 0


CHANGES: Mapping[str, Callable[[Change], int]] = {
    "plan": _plan,
    "install": _install,
    "update": _update,
    "remove": _remove,
    "enable": _switched(True),
    "disable": _switched(False),
    "snapshots": _snapshots,
    "snapshot": _snapshot,
    "restore": _restore,
}
