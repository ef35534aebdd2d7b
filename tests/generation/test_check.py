"""A request that cannot be drawn is refused before it is queued."""

from __future__ import annotations

import pytest

from app.contracts import JobKind
from app.errors import UserError
from app.generation.job import KIND
from app.jobs.submission import make_job
from app.values.job import JobResult
from app.values.request import GenerationRequest


def submit(kind, request):
    return make_job(kind, request, {}, owner="", source="test", now=0.0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sampler": "Oiler"}, "sampler"),
        ({"scheduler": "Karas"}, "scheduler"),
        ({"width": 100}, "width"),
        ({"height": 65}, "height"),
        ({"steps": 0}, "steps"),
        ({"batch_count": 5001, "batch_size": 2}, "batch_count"),
        ({"checkpoint": "third"}, "checkpoint"),
        ({"params": {"tilling": {}}}, "params.tilling"),
        ({"settings": {"eta_ancestrl": 1}}, "eta_ancestrl"),
        ({"settings": {"eta_ddim": 3}}, "eta_ddim"),
    ],
)
def test_the_wrong_field_is_named(host, fields, field):
    with pytest.raises(UserError) as error:
        submit(host.job_kinds.get(KIND), fields)
    assert error.value.field == field and 400 <= error.value.status < 500


def test_what_can_be_drawn_is_queued_as_it_was_asked(host):
    job = submit(host.job_kinds.get(KIND), {"sampler": "DPM++ 2M Karras", "checkpoint": "first", "width": 96, "settings": {"eta_ddim": 1}})
    assert (job.request["sampler"], job.request["width"], job.request["settings"]) == ("DPM++ 2M Karras", 96, {"eta_ddim": 1})


@pytest.mark.parametrize("failure", [ZeroDivisionError("x"), SystemExit(3)])
def test_a_check_that_breaks_refuses_the_job_alone(failure):
    def check(request):
        raise failure

    kind = JobKind("broken", "Broken", GenerationRequest, lambda run, request: JobResult(), check)
    with pytest.raises(UserError, match="Broken: the request could not be checked") as error:
        submit(kind, {})
    assert error.value.status == 503
