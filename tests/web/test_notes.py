"""What the log of a job says."""

from __future__ import annotations

from app.values.job import Job, JobResult, JobState
from app.web.results import job_log


def test_an_alert_is_an_error_box_before_the_calm_comments() -> None:
    result = JobResult(comments=("a <calm> one", "Nothing could be saved"), alerts=("Nothing could be saved",))
    log = job_log(Job(id="1", kind="generate", owner="", created=0, state=JobState.DONE, result=result))
    assert log.startswith('<p class="note error" role="alert">Nothing could be saved</p>')
    assert '<p class="note">a &lt;calm&gt; one</p>' in log and log.count("Nothing could be saved") == 1


def test_ones_own_cancel_is_no_error_and_a_lost_job_is() -> None:
    job = Job(id="1", kind="generate", owner="", created=0, state=JobState.CANCELLED)
    assert job_log(job) == '<p class="note">The job was cancelled before it drew anything.</p>'
    lost = job.model_copy(update={"state": JobState.INTERRUPTED, "error": "It ended."})
    assert job_log(lost) == '<p class="note error" role="alert">It ended.</p>'
