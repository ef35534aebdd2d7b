"""Makes the plan of an install from what lies in quarantine: reads, resolves, compares, and imports nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from app.discovery import Candidate, candidate_of
from app.errors import UserError
from app.installing.git import GitFacts
from app.installing.inspecting import Found, hashes_of, inspect_folder
from app.installing.packages import Packages, Resolution
from app.installing.plans import SHOWN_FILES, FileChange, InstallPlan
from app.manifest import Manifest
from app.version import HOST_VERSION

NO_MANIFEST = (
    "It is neither an extension of Paintbox nor one of A1111: it has no pyproject.toml with [tool.paintbox], and no folder of A1111's."
)
FOREIGN_REMARK = (
    "It was written for A1111: its Python code is not run. Its styles, translations, word lists and, if you allow it, JavaScript are used."
)


def draft_plan(plan: InstallPlan, tree: Path, known: Mapping[str, Candidate], facts: GitFacts, packages: Packages) -> InstallPlan:
    """``plan`` (token, kind, name, source) with everything that can be known of the folder ``tree``."""
    found = inspect_folder(tree)
    candidate = candidate_of(tree)
    there = known.get(plan.name)
    refusals = list(_standing_in_the_way(plan, candidate, there))
    requirements = candidate.manifest.dependencies if candidate.manifest is not None else ()
    resolution = packages.resolve(plan.name, requirements) if not refusals else Resolution()
    return plan.model_copy(
        update={
            **_described(candidate.manifest, plan.name),
            **_counted(found),
            "is_foreign": candidate.is_foreign,
            "branch": facts.branch,
            "commit": facts.commit,
            "commit_date": facts.date,
            "version_now": there.manifest.version if there is not None and there.manifest is not None else "",
            "changes": _changes(there, found) if plan.kind == "update" else (),
            "undeclared": tuple(use for use in found.uses if candidate.manifest is not None and use not in candidate.manifest.permissions),
            "requirements": requirements,
            "packages": resolution.add,
            "is_offline": resolution.is_offline,
            "refusals": (*refusals, *resolution.conflicts),
            "remarks": tuple(_remarks(candidate, found, known, there)),
        }
    )


def _described(manifest: Manifest | None, name: str) -> dict[str, object]:
    if manifest is None:
        return {"title": name}
    return {
        "title": manifest.title,
        "version": manifest.version,
        "description": manifest.description,
        "permissions": manifest.permissions,
        "requires": manifest.requires,
    }


def _counted(found: Found) -> dict[str, object]:
    return {
        "files": found.files[:SHOWN_FILES],
        "file_count": len(found.files),
        "size_bytes": sum(file.size for file in found.files),
        "uses": found.uses,
        "hooks": found.hooks,
        "digest": found.digest,
    }


def _standing_in_the_way(plan: InstallPlan, candidate: Candidate, there: Candidate | None) -> Iterable[str]:
    if candidate.manifest is None and not candidate.is_foreign:
        yield NO_MANIFEST if "has no" in candidate.problem else candidate.problem
    if plan.kind == "install" and there is not None:
        yield f"There is an extension {plan.name} already."
    if candidate.manifest is not None:
        if candidate.manifest.claims_builtin:
            yield f"{plan.name} says in its manifest that it comes with Paintbox (builtin = true); what is installed does not."
        try:
            if not SpecifierSet(candidate.manifest.host).contains(HOST_VERSION):
                yield f"{plan.name} is made for Paintbox {candidate.manifest.host}; this is {HOST_VERSION}."
        except InvalidSpecifier:
            yield f"{plan.name} says that it is made for Paintbox {candidate.manifest.host!r}, which is not a range of versions."


def _remarks(candidate: Candidate, found: Found, known: Mapping[str, Candidate], there: Candidate | None) -> Iterable[str]:
    if candidate.is_foreign:
        yield FOREIGN_REMARK
    for needed in candidate.manifest.requires if candidate.manifest is not None else ():
        if needed not in known:
            yield f"It requires the extension {needed}, which is not installed; until then it is not used."
    before = there.manifest.permissions if there is not None and there.manifest is not None else None
    new = [each for each in candidate.manifest.permissions if each not in before] if candidate.manifest and before is not None else []
    if new:
        yield f"New in this version: it declares {', '.join(new)}."
    if found.unreadable:
        yield f"These files could not be understood: {', '.join(found.unreadable[:10])}."


def _changes(there: Candidate | None, found: Found) -> tuple[FileChange, ...]:
    """What an update does with the files that are there, in the order of their names."""
    if there is None or there.folder is None:
        return ()
    try:
        now = hashes_of(there.folder)
    except UserError:
        return ()
    paths = sorted({*now, *found.hashes})
    changes = ((path, "new" if path not in now else "gone" if path not in found.hashes else "changed") for path in paths)
    differing = [
        FileChange.model_validate({"path": path, "change": change}) for path, change in changes if now.get(path) != found.hashes.get(path)
    ]
    return tuple(differing[:SHOWN_FILES])
