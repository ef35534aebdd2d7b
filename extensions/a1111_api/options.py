"""Reading and changing settings as A1111's options route does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from app.api import Host, Job, Json, UserError
from extensions.checkpoints.api import SETTING, current, switch_to

logger = logging.getLogger(__name__)


def read_options(host: Host) -> dict[str, Json]:
    """Every setting but the secret ones; the checkpoint is the title of the one in use, even if nobody has chosen one."""
    record, options = current(host), host.settings.options
    shown = {key: value for key, value in host.settings.snapshot().items() if not options[key].is_secret}
    return {**shown, SETTING: record.title if record else None}


def change_options(values: Mapping[str, Json], owner: str, host: Host, check: Callable[[Mapping[str, Json]], None]) -> Job | None:
    """Set what differs from now, after ``check`` has seen it.

    Clients send the whole list back, with keys that only A1111 has: those are left out, and logged.
    Returns the job that loads another checkpoint, if one was named. Raises UserError that names the key, and then nothing is set; so
    also where there is no setting among all the keys.
    """
    options, now = host.settings.options, read_options(host)
    host.settings.tell_unused(values)
    unknown = [key for key in values if key not in options and not key.startswith("api_") and not host.settings.is_unused(key)]
    if unknown and len(unknown) == len(values):
        host.settings.option(unknown[0])
    if unknown:
        logger.warning("Settings that do not exist here were left out: %s", ", ".join(map(repr, unknown)))
    changed = {
        key: value
        for key, value in values.items()
        if key in options and not key.startswith("api_") and not options[key].extra.get("restrict_api") and value != now.get(key)
    }
    checkpoint = changed.pop(SETTING, None)
    title = _known_title(checkpoint, host) if checkpoint is not None else None
    if changed:
        check(host.settings.validated(changed))
        host.settings.set(changed)
    return switch_to(title, owner, host) if title is not None and title != now[SETTING] else None


def _known_title(wanted: Json, host: Host) -> str:
    record = host.models.find("checkpoint", wanted) if isinstance(wanted, str) else None
    if record is None:
        raise UserError(f"model {wanted!r} not found.", hint="GET /sdapi/v1/sd-models lists those there are.", field=SETTING)
    return record.title
