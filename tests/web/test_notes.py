"""What the log of a job says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import UserError
from app.values.job import Job, JobResult, JobState
from app.values.networks import NetworkUse
from app.web.notes import user_error_note
from app.web.page_notes import problem_notes
from app.web.results import job_log
from tests.web.conftest import SiteMaker


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


def test_each_network_is_told_once_and_marked_where_it_did_not_fit_as_a_whole() -> None:
    whole = NetworkUse(type="lora", name="<style>", applied=264, total=264, parts={"U-Net": 192, "text encoder": 72})
    partly = NetworkUse(type="lora", name="other", applied=1, total=2, unmatched=("width 768",))
    result = JobResult(networks=(whole, partly), comments=(partly.sentence(), "something else"))
    log = job_log(Job(id="1", kind="generate", owner="", created=0, state=JobState.DONE, result=result))
    assert "<li>lora &lt;style&gt;: 264/264 keys applied (U-Net 192, text encoder 72)</li>" in log
    assert '<li class="warning">lora other: 1/2 keys applied; not matched: width 768</li>' in log
    assert log.count("lora other") == 1
    assert '<p class="note">something else</p>' in log
    failed = job_log(Job(id="1", kind="generate", owner="", created=0, state=JobState.FAILED, error="x", result=result))
    assert "264/264" in failed


def test_many_failed_extensions_take_one_line_that_opens(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    for name, more in (("one", {}), ("two", {"title": "Number two"})):
        write_extension(name, "raise OSError('no luck')", **more)
    (note,) = problem_notes(make_site("one", "two", nowebui=True).host)
    assert note.startswith('<details class="note failure"><summary><b>2 extensions failed</b></summary>')
    assert "<b>one</b>: It failed in import: OSError: no luck" in note and "<b>Number two (two)</b>" in note


@pytest.mark.parametrize(("what", "whole"), [("no model x", "no model x. Choose one."), ("No model x.", "No model x. Choose one.")])
def test_a_sentence_ends_before_its_hint(what: str, whole: str) -> None:
    error = UserError(what, hint="Choose one.")
    assert (str(error), str(UserError(what))) == (whole, what)
    assert whole.removesuffix(" Choose one.") + ' <span class="hint">Choose one.</span>' in user_error_note(error)
