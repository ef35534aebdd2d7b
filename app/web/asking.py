"""What routes share: who asks, and the answer to whoever has put a job into the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.values.base import Value

if TYPE_CHECKING:
    from app.host import Host


class Queued(Value):
    """The job, to be watched at /paintbox/v1/jobs/ID."""

    job: str


def owner_of(asking: HTTPConnection) -> str:
    """Name of the user who asks; "" without accounts."""
    return str(asking.state.user.name)


Owner = Annotated[str, Depends(owner_of)]


def put_into_queue(host: Host, kind: str, request: Value, owner: str, source: str = "api") -> Queued:
    """Check a request and put it into the queue, with the settings of now; raises UserError. Reads files, so it belongs into a thread."""
    values = request.model_dump(mode="json")
    return Queued(job=host.jobs.submit(kind, values, owner=owner, source=source, settings=host.settings.changed()).id)
