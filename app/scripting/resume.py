"""Takes up a script's job that ended early: a new job that takes over what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import UserError
from app.scripting.record import read_record, record_file
from app.scripting.request import SCRIPT_KIND, ScriptRequest
from app.values.job import Job

if TYPE_CHECKING:
    from app.host import Host


@dataclass(frozen=True)
class Unfinished:
    """A job of a script that has ended before its end: so many of its cells are drawn; ``cells`` 0 where nobody can say."""

    job: Job
    title: str
    drawn: int
    cells: int


def resumable(job: Job, host: Host) -> Unfinished | None:
    """What is known of a job that can be taken up; None for others."""
    if job.kind != SCRIPT_KIND or not job.state.ended:
        return None
    asked = ScriptRequest.model_validate(job.request)
    script = host.scripts.find(asked.script)
    path = record_file(host.paths.script_records, job.id)
    if script is None or not path.is_file():
        return None
    cells = job.result.info.get("cells")
    known = cells if isinstance(cells, int) else _count(job, host)
    return Unfinished(job, script.title, len(read_record(path, job.owner)), known)


def resume_job(job: Job, host: Host, source: str) -> Job:
    """Queue the rest of the job, by the settings it was begun with; raises UserError."""
    if resumable(job, host) is None:
        raise UserError("This job cannot be resumed.", hint="Nothing of it was kept, or it has come to its end.", status=409)
    request = {**job.request, "resumes": job.id}
    return host.jobs.submit(SCRIPT_KIND, request, owner=job.owner, source=source or job.source, settings=job.settings)


def _count(job: Job, host: Host) -> int:
    try:
        return host.job_kinds.get(SCRIPT_KIND).parts(ScriptRequest.model_validate(job.request))
    except UserError:
        return 0
