"""A script for the tests, and hosts that offer it."""

from __future__ import annotations

import pytest
from pydantic import Field

from app.api import Cell, Cells, Script, ScriptParams, hookimpl
from app.testing.web import with_tiny_worker


class CountParams(ScriptParams):
    feature = "count"
    first: int = Field(1, ge=1, le=50, title="First", json_schema_extra={"infotext": "Counted from"})
    way: str = Field("up", title="Way", json_schema_extra={"choices": ["up", "down"], "index": True, "control": "radio"})
    notes: str = Field("", title="Notes", json_schema_extra={"lines": 4, "file": ".txt", "placeholder": "one a line"})


class HereParams(CountParams):
    feature = "here"
    aloud: bool = Field(True, title="Aloud", json_schema_extra={"infotext": "Aloud"})


class CountPlugin:
    """Twenty more steps for the second cell, and an entry of img2img alone."""

    @hookimpl
    def register_scripts(self, host):
        def begin(task):
            steps = [task.params.first, task.params.first + 20]
            return Cells([Cell(request=task.request.model_copy(update={"steps": each}), label=f"Steps: {each}") for each in steps])

        yield Script("Count up", CountParams, begin, order=20)
        yield Script("Only here", HereParams, begin, forms=("img2img",), order=10)


@pytest.fixture
def site(make_host):
    """A host that does not run yet, and its executor."""
    host = make_host("scripts", "generation_form", "txt2img", "img2img", "samplers", "noise_schedules")
    executor = with_tiny_worker(host, "first.safetensors")
    host.hooks.register("count", CountPlugin())
    host.refill()
    return host, executor
