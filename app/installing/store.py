"""The extensions of one data folder, and every change of them: planned in quarantine, carried out after a snapshot, one at a time."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from app.discovery import ENTRY_POINT_GROUP, Candidate, find_extensions
from app.errors import NotFoundError, UserError
from app.files import write_atomically
from app.import_notes import ImportNotes
from app.installing.addresses import check_branch, check_folder_name, check_git_address, name_of_address
from app.installing.archive import Limits, name_of_archive, unpack
from app.installing.changing import OneChange
from app.installing.git import Git, GitFacts
from app.installing.inspecting import digest_of
from app.installing.packages import Packages
from app.installing.planning import draft_plan
from app.installing.plans import InstallPlan
from app.installing.snapshots import Snapshot, Snapshots
from app.manifest import MANIFEST
from app.paths import Paths
from app.settings_file import change_settings_file, read_settings_file
from app.values.base import Json

KEPT_PLANS_S = 24 * 3600
DISABLED, SCOPE = "disabled_extensions", "disable_all_extensions"


class ExtensionStore:
    """Works on files alone: nothing of any extension is imported, so it does its work also when the page does not start.

    ``environment``: of the programs that it starts (pip); None for this process's own. ``user``: who changes something, as others are told.
    """

    def __init__(self, paths: Paths, git: Git | None = None, environment: Mapping[str, str] | None = None, user: str = "the page") -> None:
        self.paths = paths
        self.git = git or Git()
        self.snapshots = Snapshots(paths, self.git)
        self._environment = environment
        self._changing = OneChange(paths.change_lock, user)

    # --- what is there ---

    def candidates(self) -> dict[str, Candidate]:
        """Every extension by the name of its folder."""
        found = find_extensions(self.paths, with_packages=False)
        return {each.folder.name: each for each in reversed(found) if each.folder is not None}

    def user_extension(self, name: str) -> Candidate:
        """One that the user has installed; raises NotFoundError, or UserError for those that come with Paintbox."""
        candidate = self.candidates().get(name)
        if candidate is None or candidate.folder is None:
            raise NotFoundError(f"There is no extension {name!r}.", field="name")
        if candidate.is_builtin or not candidate.folder.parent.samefile(self.paths.extensions):
            raise UserError(f"{name} comes with Paintbox: it can be disabled, and changes with Paintbox only.", field="name")
        return candidate

    def checked_address(self, remote: str) -> str:
        """A repository's address as git may be given it; raises UserError."""
        return check_git_address(remote, self.git.rules)

    @property
    def packages(self) -> Packages:
        """The extensions' packages, with who wants which."""
        wanted = {name: each.manifest.dependencies for name, each in self.candidates().items() if each.manifest is not None}
        return Packages(self.paths.extension_packages, wanted, self._environment)

    def settings(self) -> dict[str, Json]:
        """config.json as it is."""
        return read_settings_file(self.paths.config_file, set_aside=False).values

    # --- plans ---

    def plan_address(self, url: str, branch: str = "", name: str = "") -> InstallPlan:
        """Clone a repository into quarantine and say what installing it would do."""
        address = check_git_address(url, self.git.rules)
        branch, wanted = check_branch(branch), check_folder_name(name) if name.strip() else ""
        with self.one_change(), self._quarantined() as place:
            tree = place / "tree"
            self.git.clone(address, branch, tree)
            tree = _named(tree, wanted or check_folder_name(name_of_address(address)), is_asked=bool(wanted))
            plan = InstallPlan(token=place.name, kind="install", name=tree.name, source=address)
            return self._keep_plan(self._draft(plan, tree))

    def plan_archive(self, archive: Path, file_name: str, name: str = "", limits: Limits | None = None) -> InstallPlan:
        """Unpack an archive into quarantine and say what installing it would do; one of an extension that is there updates it."""
        wanted = check_folder_name(name) if name.strip() else ""
        with self.one_change(), self._quarantined() as place:
            tree = place / "tree"
            top = unpack(archive, tree, limits)
            tree = _named(tree, wanted or name_of_archive(file_name, top), is_asked=bool(wanted))
            there = self.candidates().get(tree.name)
            is_update = there is not None and not there.is_builtin and there.folder is not None and not (there.folder / ".git").exists()
            plan = InstallPlan(
                token=place.name, kind="update" if is_update else "install", name=tree.name, source=Path(file_name).name[:200]
            )
            return self._keep_plan(self._draft(plan, tree))

    def plan_update(self, name: str) -> InstallPlan:
        """Clone the newest state of an extension into quarantine and say what would change."""
        folder = self._repository(name)
        facts = self.git.facts(folder)
        address = check_git_address(facts.remote, self.git.rules)
        with self.one_change(), self._quarantined() as place:
            tree = place / folder.name
            self.git.clone(address, facts.branch, tree)
            plan = InstallPlan(token=place.name, kind="update", name=folder.name, source=address)
            return self._keep_plan(self._draft(plan, tree))

    def plan_packages(self, name: str) -> InstallPlan:
        """What an extension that is there needs beside what is installed."""
        candidate = self.user_extension(name)
        manifest = candidate.manifest
        if manifest is None:
            raise UserError(f"{name} declares no packages: {candidate.problem}", field="name")
        with self.one_change(), self._quarantined() as place:
            resolution = self.packages.resolve(name, manifest.dependencies)
            plan = InstallPlan(
                token=place.name,
                kind="packages",
                name=name,
                title=manifest.title,
                version=manifest.version,
                requirements=manifest.dependencies,
                packages=resolution.add,
                refusals=resolution.conflicts,
                is_offline=resolution.is_offline,
            )
            return self._keep_plan(plan)

    def plan(self, token: str) -> InstallPlan:
        """A plan that was made; raises NotFoundError."""
        if not re.fullmatch("[0-9a-f]{16}", token):
            raise NotFoundError("There is no such plan.", field="token")
        try:
            return InstallPlan.model_validate_json((self.paths.quarantine / token / "plan.json").read_bytes())
        except (OSError, ValidationError):
            raise NotFoundError("This plan is gone: make it again.", field="token") from None

    def drop_plan(self, token: str) -> None:
        """Forget a plan, with what lies in quarantine for it."""
        _remove(self.paths.quarantine / self.plan(token).token)

    # --- changes ---

    def carry_out(self, token: str) -> InstallPlan:
        """Do what a plan says and nothing else; raises UserError when it is refused or what it was made of has changed."""
        with self.one_change():
            plan = self.plan(token)
            if plan.refusals:
                raise UserError(f"{plan.name} is not installed. {' '.join(plan.refusals)}", status=409)
            tree = self.paths.quarantine / token / plan.name
            if plan.kind != "packages" and digest_of(tree) != plan.digest:
                raise UserError("What lies in quarantine is not what was looked at.", hint="Make the plan again.", status=409)
            target = self.paths.extensions / plan.name
            if plan.kind == "install" and target.exists():
                raise UserError(f"There is a folder {target} already.", status=409)
            before = set(self.packages.installed())
            self._snapshot(f"before {plan.kind} of {plan.name}")
            try:
                self.packages.install(plan.packages)
                self._put_in_place(plan, tree, target)
            except (UserError, OSError):
                self.packages.remove(each.name for each in plan.packages if each.name not in before)
                raise
            _remove(self.paths.quarantine / token)
            return plan

    def remove(self, name: str) -> None:
        """Take an extension's folder out; a restore finds it again."""
        with self.one_change():
            folder = self.user_extension(name).folder
            self._snapshot(f"before removing {name}")
            if folder is not None:
                self.snapshots.put_aside(folder)
            gone = self.packages
            self.packages.remove(package for package in gone.installed() if not gone.is_wanted(package))

    def switch(self, on: Mapping[str, bool], scope: str | None = None) -> None:
        """Enable and disable extensions in config.json, and set which are left out altogether (none, extra, all)."""
        known = {*self.candidates(), *(point.name for point in metadata.entry_points(group=ENTRY_POINT_GROUP))}
        for name in on:
            if name not in known:
                raise NotFoundError(f"There is no extension {name!r}.", field="name")
        with self.one_change():
            settings = self.settings()
            listed = settings.get(DISABLED)
            before = [str(name) for name in listed] if isinstance(listed, list) else []
            after: list[Json] = [name for name in before if not on.get(name, False)]
            after += [name for name, wanted in on.items() if not wanted and name not in before]
            changed: dict[str, Json] = {DISABLED: after, **({SCOPE: scope} if scope is not None else {})}
            for name in {*before, *on}:
                ImportNotes(self.paths.import_notes).forget(name)
            if any(settings.get(key) != value for key, value in changed.items()):
                self._snapshot(_title(on, scope))  # takes seconds, in which other settings may be changed
                change_settings_file(self.paths.config_file, lambda now: {**now.values, **changed}, set_aside=True)

    def take_snapshot(self, name: str) -> Snapshot:
        """Write down how things are."""
        with self.one_change():
            return self.snapshots.take(name, self.packages)

    # --- parts ---

    def _draft(self, plan: InstallPlan, tree: Path) -> InstallPlan:
        facts = self.git.facts(tree)
        drafted = draft_plan(plan, tree, self.candidates(), facts, self.packages)
        left_out = tuple(f"The submodule {address} is not fetched." for address in self.git.submodules(tree) if facts.commit)
        return drafted.model_copy(update={"remarks": (*drafted.remarks, *left_out)})

    def _keep_plan(self, plan: InstallPlan) -> InstallPlan:
        write_atomically(self.paths.quarantine / plan.token / "plan.json", plan.model_dump_json().encode())
        return plan

    def _put_in_place(self, plan: InstallPlan, tree: Path, target: Path) -> None:
        if plan.kind == "packages":
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if plan.kind == "update" and (target / ".git").exists():
            self.git.take_over(target, tree, plan.commit)
            return
        aside = self.snapshots.put_aside(target) if plan.kind == "update" else None
        try:
            shutil.move(str(tree), str(target))
        except OSError:
            if aside is not None:
                shutil.move(str(aside), str(target))
            raise

    def _repository(self, name: str) -> Path:
        folder = self.user_extension(name).folder
        if folder is None or self.git.facts(folder) == GitFacts():
            raise UserError(f"{name} was not installed from a git repository.", hint="Upload its new archive.", field="name")
        return folder

    def _snapshot(self, name: str) -> Snapshot:
        return self.snapshots.take(name, self.packages, automatic=True)

    @contextmanager
    def _quarantined(self) -> Iterator[Path]:
        """A new folder for a plan; it goes again when no plan comes of it. Old ones are swept out."""
        place = self.paths.quarantine / secrets.token_hex(8)
        for old in self.paths.quarantine.glob("*") if self.paths.quarantine.is_dir() else ():
            if time.time() - old.stat().st_mtime > KEPT_PLANS_S:
                _remove(old)
        place.mkdir(parents=True)
        try:
            yield place
        except BaseException:
            _remove(place)
            raise

    def one_change(self) -> AbstractContextManager[None]:
        """Nobody else changes anything meanwhile, in this process or another; raises UserError that says who does already."""
        return self._changing.held()


def _named(tree: Path, name: str, *, is_asked: bool) -> Path:
    """The folder under its final name: one that Python can import for an extension of Paintbox, unless another was asked for."""
    manifest = tree / MANIFEST
    if not is_asked and manifest.is_file() and b"[tool.paintbox]" in manifest.read_bytes():
        name = re.sub(r"\W", "_", name)
    return tree.rename(tree.with_name(name)) if name != tree.name else tree


def _title(on: Mapping[str, bool], scope: str | None) -> str:
    if scope is not None and not on:
        return f"before leaving out extensions - {scope}"
    names = ", ".join(on)
    return (
        f"before enabling {names}"
        if all(on.values())
        else f"before disabling {names}"
        if not any(on.values())
        else f"before switching {names}"
    )


def _remove(folder: Path) -> None:
    """Delete a folder of the quarantine; git's own files are read-only on some systems."""
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.is_file():
            path.chmod(0o600)
    shutil.rmtree(folder, ignore_errors=True)
