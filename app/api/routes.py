"""The public surface for the routes.py of extensions: who asks, putting a job into the queue, who may change model files, the texts."""

from __future__ import annotations

from app.web.asking import Owner, Queued, owner_of, put_into_queue
from app.web.extension_access import asked_extension_access, may_change_extensions
from app.web.model_access import Access, may_change_models, sits_here
from app.web.setting_access import check_changes
from app.web.texts.collect import collect_texts

__all__ = [
    "Access",
    "Owner",
    "Queued",
    "asked_extension_access",
    "check_changes",
    "collect_texts",
    "may_change_extensions",
    "may_change_models",
    "owner_of",
    "put_into_queue",
    "sits_here",
]
