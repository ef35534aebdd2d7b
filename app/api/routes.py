"""The public surface for the routes.py of extensions: who asks and what they may change, putting a job into the queue, the texts."""

from __future__ import annotations

from app.web.access import EXTENSIONS, MODEL_FILES, Access, asked_access, may_change
from app.web.asking import Owner, Queued, put_into_queue
from app.web.at_machine import sits_here
from app.web.ownership import owned_job
from app.web.setting_access import check_changes
from app.web.texts.collect import collect_texts

__all__ = [
    "EXTENSIONS",
    "MODEL_FILES",
    "Access",
    "Owner",
    "Queued",
    "asked_access",
    "check_changes",
    "collect_texts",
    "may_change",
    "owned_job",
    "put_into_queue",
    "sits_here",
]
