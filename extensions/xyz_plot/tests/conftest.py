"""A worker's host with the plot and two tiny checkpoints, and how a plot is drawn there."""

from __future__ import annotations

import uuid

import pytest

from app.api import GenerationRequest, Job, ScriptRequest, hookimpl
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.testing.tiny import TinyPlugin, write_tiny_checkpoint

REQUEST = GenerationRequest(prompt="a red tree", seed=7, steps=2, sampler="Euler", width=64, height=64)


class Stage:
    """``draw`` checks and runs a plot, as queue and worker would."""

    def __init__(self, host):
        self.host = host

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


@pytest.fixture
def stage(tmp_path):
    for seed, name in enumerate(("first", "second")):
        write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / f"{name}.safetensors", seed)
    host = temporary_host(tmp_path, ["xyz_plot", "samplers", "noise_schedules", "freeu"], role="worker")
    host.hooks.register("tiny", TinyPlugin())
    host.refill()
    with host.running():
        yield Stage(host)


@pytest.fixture
def loads(stage):
    noted = Loads()
    stage.host.hooks.register("loads", noted)
    return noted
