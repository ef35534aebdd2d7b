"""A client of Paintbox for Python programs: draws on a running server; needs nothing but the standard library."""

from __future__ import annotations

from paintbox_client.client import Client
from paintbox_client.errors import NoServerError, PaintboxError, RefusedError
from paintbox_client.job import Job
from paintbox_client.values import JobFacts, Picture, Progress

__all__ = ["Client", "Job", "JobFacts", "NoServerError", "PaintboxError", "Picture", "Progress", "RefusedError"]
