"""Takes up a script's job that ended early: a new job that takes over what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import UserError
from app.scripting.record import cells_of, is_record, record_file
from app.scripting.request import SCRIPT_KIND, ScriptRequest
from app.values.job import Job, JobState

if TYPE_CHECKING:
    from app.host import Host

LIVE = (JobState.QUEUED, JobState.RUNNING)
MOST_LISTED = 2000
"""More jobs than can wait and run."""


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
    script = host.scripts.find(ScriptRequest.model_validate(job.request).script)
    keeper = _keeper(job, host)
    if script is None or not keeper:
        return None
    cells = job.result.info.get("cells")
    known = cells if isinstance(cells, int) else _count(job, host)
    return Unfinished(job, script.title, len(cells_of(record_file(host.paths.script_records, keeper), job.owner)), known)


def resume_job(job: Job, host: Host, source: str) -> Job:
    """Queue the rest of the job, by the settings it was begun with; while a job draws that rest already, that one. Raises UserError."""
    under_way = _under_way(job, host)
    if under_way is not None:
        return under_way
    if resumable(job, host) is None:
        raise UserError("This job cannot be resumed.", hint="Nothing of it was kept, or it has come to its end.", status=409)
    request = {**job.request, "resumes": _keeper(job, host)}
    return host.jobs.submit(SCRIPT_KIND, request, owner=job.owner, source=source or job.source, settings=job.settings)


def _keeper(job: Job, host: Host) -> str:
    """Whose record has the cells of the job: its own, or that of the job it was to resume, if it never began; "" for none."""
    own = (job.id, ScriptRequest.model_validate(job.request).resumes)
    folder = host.paths.script_records
    return next((each for each in own if each and is_record(record_file(folder, each), job.owner)), "")


def _under_way(job: Job, host: Host) -> Job | None:
    """The job that waits or runs to draw the rest of this one."""
    begun = {each for each in (job.id, job.request.get("resumes")) if each}
    jobs = host.jobs.list(job.owner, LIVE, limit=MOST_LISTED)
    return next((each for each in jobs if each.kind == SCRIPT_KIND and each.request.get("resumes") in begun), None)


def _count(job: Job, host: Host) -> int:
    try:
        return host.job_kinds.get(SCRIPT_KIND).parts(ScriptRequest.model_validate(job.request))
    except UserError:
        return 0
