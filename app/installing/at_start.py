"""What a start installs: packages that extensions declare and that are not there, under the rules of every install, or not at all."""

from __future__ import annotations

import logging

from app.errors import UserError
from app.installing.store import DISABLED, ExtensionStore
from app.manifest import missing_requirements

logger = logging.getLogger(__name__)


def install_declared(store: ExtensionStore) -> list[str]:
    """Install what enabled extensions of the user lack; returns the ids of those that have got everything.

    One that cannot have its packages now, because of a conflict or without a network, is left as it is: the page lists it with what it
    needs, and the start goes on.
    """
    settled: list[str] = []
    try:
        for name in _lacking(store):
            logger.info("The extension %r lacks packages: looking for them.", name)
            plan = store.plan_packages(name)
            if plan.refusals:
                store.drop_plan(plan.token)
                logger.warning("The extension %r is not used: %s", name, " ".join(plan.refusals))
                if plan.is_offline:
                    break
                continue
            logger.info("The extension %r needs %s: installing.", name, ", ".join(f"{each.name} {each.version}" for each in plan.packages))
            store.carry_out(plan.token)
            settled.append(name)
    except (UserError, OSError) as error:
        logger.warning("Packages for extensions were not installed: %s", error)
    return settled


def _lacking(store: ExtensionStore) -> list[str]:
    disabled = store.settings().get(DISABLED)
    off = disabled if isinstance(disabled, list) else []
    found: list[str] = []
    for name, candidate in store.candidates().items():
        if candidate.manifest is None or candidate.is_builtin or name in off:
            continue
        if candidate.folder is None or not candidate.folder.is_relative_to(store.paths.extensions):
            continue
        try:
            if missing_requirements(candidate.manifest):
                found.append(name)
        except UserError:
            continue  # the loader names the line that is no requirement
    return found
