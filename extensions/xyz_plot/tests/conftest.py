"""A worker's host with the plot and two tiny checkpoints, and how a plot is drawn there."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import pytest

from app.api import GenerationRequest, Job, ScriptRequest, hookimpl
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun

REQUEST = GenerationRequest(prompt="a red tree", seed=7, steps=2, sampler="Euler", width=64, height=64)


class Stage:
    """``draw`` checks and runs a plot, as queue and worker would."""

    def __init__(self, host):
        self.host = host

    @contextmanager
    def having(self, plugin):
        """With a further extension."""
        self.host.hooks.register("further", plugin)
        self.host.refill()
        try:
            yield
        finally:
            self.host.hooks.unregister("further")
            self.host.refill()

    def asked(self, *, request=REQUEST, form="txt2img", resumes="", salt="salt", **params):
        return ScriptRequest(script="xyz_plot", form=form, request=request, params=params, resumes=resumes, salt=salt)

    def draw(self, control=None, settings=None, **asked):
        wanted = self.asked(**asked)
        kind = self.host.job_kinds.get("script")
        kind.check(wanted)
        run = RecordingRun(self.host, settings, control)
        run.job = Job(id=uuid.uuid4().hex, kind="script", owner="", created=0.0)
        return kind.run(run, wanted), run


class Loads:
    """Notes which checkpoint each picture is drawn with."""

    def __init__(self):
        self.names = []

    @hookimpl
    def edit_plan(self, plan, request, run):
        self.names.append(plan.first.checkpoint.name)
        return plan


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    data = tmp_path_factory.mktemp("plots")
    with drawing_host(data, "xyz_plot", "freeu", "hires_fix", "upscalers", checkpoints=("first", "second")) as host:
        yield Stage(host)


@pytest.fixture
def loads(stage):
    noted = Loads()
    with stage.having(noted):
        yield noted
