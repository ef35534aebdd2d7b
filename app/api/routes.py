"""The public surface for the routes.py of extensions: who asks, putting a job into the queue, who may change model files, the texts."""

from __future__ import annotations

from app.web.asking import Owner, Queued, owner_of, put_into_queue
from app.web.model_access import may_change_models
from app.web.texts.collect import collect_texts

__all__ = ["Owner", "Queued", "collect_texts", "may_change_models", "owner_of", "put_into_queue"]
