"""The worker's loop, driven over real pipes in this process: it says how it is, and survives whatever a job does."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.jobs.failure import OUT_OF_MEMORY
from app.jobs.worker import DEVICE_MEMORY
from app.values.events import Fact, JobDone, JobFailed, JobImage, WorkerStatus
from app.values.job import JobResult
from tests.jobs.fakes import picture
from tests.jobs.worker_line import Line, result


def test_a_job_runs_with_its_request_and_settings():
    def work(run, request):
        return JobResult(info={"number": request.number, "quality": run.settings["quality"], "device": run.device})

    with Line(work) as line:
        assert line.outcome(request={"number": 5}).result.info == {"number": 5, "quality": 80, "device": "cpu"}
        assert line.outcome(settings={"quality": 95}).result.info["quality"] == 95


def test_the_worker_says_ready_busy_and_ready_again():
    with Line(lambda run, request: result()) as line:
        line.states("ready")
        line.run()
        assert [status.state for status in line.states("ready")] == ["busy", "ready"]


def test_it_tells_the_memory_of_its_device_whenever_it_has_nothing_to_do():
    told = iter([{"used": 1}, {"used": 2}, {}])
    with Line(lambda run, request: result(), memory=lambda: next(told)) as line:
        assert line.until(Fact) == Fact(topic=DEVICE_MEMORY, data={"used": 1})
        line.outcome()
        assert line.until(Fact).data == {"used": 2}
        line.outcome()
        assert [status.state for status in line.states("ready")] == ["ready"]


def test_it_says_how_loading_goes_and_which_model_it_has():
    def preload(report):
        report(0.25, "Reading night.safetensors")
        return "night.safetensors"

    with Line(lambda run, request: result(), preload) as line:
        seen = line.states("ready")
        assert [status.message for status in seen] == ["", "Reading night.safetensors (25%)", ""]
        assert (seen[-1].model, seen[-1].worker, seen[-1].device) == ("night.safetensors", "w", "cpu")


def test_a_checkpoint_that_cannot_be_loaded_is_named_and_jobs_still_run():
    def preload(report):
        raise UserError("night.safetensors is truncated.")

    with Line(lambda run, request: result(), preload) as line:
        assert line.states("ready")[-1].message == "night.safetensors is truncated."
        assert isinstance(line.outcome(), JobDone)


def test_a_job_may_say_that_another_model_was_loaded():
    def work(run, request):
        run.report(WorkerStatus(worker="", state="busy", model="boat.safetensors"))
        return result()

    with Line(work) as line:
        line.states("ready")
        line.run()
        assert line.states("ready")[-1].model == "boat.safetensors"


@pytest.mark.parametrize(
    ("error", "sentence", "is_user_error"),
    [
        (
            UserError("There is no sampler 'Eular'.", hint="Did you mean 'Euler'?"),
            "There is no sampler 'Eular'. Did you mean 'Euler'?",
            True,
        ),
        (ValueError("12 is odd"), "ValueError: 12 is odd", False),
        (KeyError("x"), "KeyError: 'x'", False),
        (SystemExit(3), "SystemExit: 3", False),
        (KeyboardInterrupt(), "KeyboardInterrupt", False),
        (MemoryError(), OUT_OF_MEMORY, False),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), OUT_OF_MEMORY, False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), OUT_OF_MEMORY, False),
        (RuntimeError("shapes differ"), "RuntimeError: shapes differ", False),
        (ValueError("broken \ud800 text"), "broken ? text", False),
    ],
)
def test_a_failed_job_is_told_in_a_sentence_and_the_next_one_runs(error, sentence, is_user_error):
    def work(run, request):
        if request.number == 0:
            run.report(JobImage(job_id=run.job.id, image=picture(0)))
            raise error
        return result()

    with Line(work) as line:
        failed = line.outcome()
        assert sentence in failed.error
        assert failed.user_error is is_user_error
        assert type(error).__name__ in failed.traceback
        assert len(failed.result.images) == 1
        assert isinstance(line.outcome(request={"number": 1}), JobDone)


def test_an_unknown_kind_is_named():
    with Line(lambda run, request: result()) as line:
        assert "paint" in line.outcome(kind="paint").error


def test_a_setting_that_cannot_be_used_fails_the_job_by_name():
    with Line(lambda run, request: result()) as line:
        failed = line.outcome(settings={"quality": "high"})
        assert "quality" in failed.error and failed.user_error


def test_settings_of_an_extension_that_is_missing_here_are_left_out():
    with Line(lambda run, request: JobResult(info=dict(run.settings))) as line:
        assert line.outcome(settings={"gone": 1, "quality": 70}).result.info == {"quality": 70}


def test_a_result_that_cannot_be_sent_is_told_as_a_failure():
    with Line(lambda run, request: JobResult(comments=("\ud800",))) as line:
        assert isinstance(line.outcome(), JobFailed)
        assert isinstance(line.outcome(), JobFailed)
