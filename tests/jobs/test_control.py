"""How often a wish stops a job that goes on after it."""

from __future__ import annotations

import pytest

from app.errors import JobStopped
from app.jobs.control import Control


def stops(control, checks=4):
    """What the next checks raise."""
    found = []
    for _ in range(checks):
        try:
            control.check()
        except JobStopped as stop:
            found.append(stop.kind)
    return found


@pytest.mark.parametrize("action", ["skip", "interrupt"])
def test_a_skip_and_an_interrupt_count_once_for_each_time(action):
    control = Control()
    assert stops(control) == []
    for _ in range(2):
        control.request(action)
        assert stops(control) == [action]


def test_a_cancel_never_ends():
    control = Control()
    control.request("skip")
    control.request("cancel")
    assert stops(control) == ["cancel"] * 4


def test_an_interrupt_takes_a_skip_with_it():
    control = Control()
    control.request("skip")
    control.request("interrupt")
    assert stops(control) == ["interrupt"]


def test_stopping_after_the_batch_stops_no_step():
    control = Control()
    control.request("stop_after_batch")
    assert (stops(control), control.stop_after_batch) == ([], True)
