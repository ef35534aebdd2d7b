"""The contract checks of the test kit: they accept what is right and name what is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from app.contracts import NoiseSchedule, SamplerStep
from app.testing.contracts import check_model_patch, check_noise_schedule, check_sampler
from app.testing.hosts import temporary_host


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return temporary_host(tmp_path_factory.mktemp("data"), None, role="worker")


def test_every_installed_sampler_is_deterministic(host) -> None:
    assert len(host.samplers) > 0
    for sampler in host.samplers:
        check_sampler(sampler)


def test_every_installed_schedule_falls_to_zero(host) -> None:
    assert len(host.schedules) > 0
    for schedule in host.schedules:
        check_noise_schedule(schedule)


def test_a_sampler_with_noise_of_its_own_is_found_out(host) -> None:
    def load():
        def sample(task):
            for index in range(len(task.levels) - 1):
                task.on_step(SamplerStep(index, task.x, task.x))
            return task.x + torch.randn_like(task.x)

        return sample

    sampler = replace(next(iter(host.samplers)), load=load, space="sigma")
    with pytest.raises(AssertionError, match="same seeds"):
        check_sampler(sampler)


def test_a_schedule_that_does_not_fall_is_found_out() -> None:
    def load():
        return lambda task: torch.zeros(task.steps + 1)

    with pytest.raises(AssertionError, match="does not fall"):
        check_noise_schedule(NoiseSchedule("flat", "Flat", load))


def _model() -> SimpleNamespace:
    parts = {"unet": torch.nn.Linear(3, 3)}
    return SimpleNamespace(modules=lambda: parts)


def _patch(restore: bool, restore_on_error: bool) -> SimpleNamespace:
    @contextmanager
    def apply(model):
        weight = model.modules()["unet"].weight
        kept = weight.detach().clone()
        with torch.no_grad():
            weight.add_(1)
        try:
            yield
        except BaseException:
            if restore_on_error:
                with torch.no_grad():
                    weight.copy_(kept)
            raise
        if restore:
            with torch.no_grad():
                weight.copy_(kept)

    return SimpleNamespace(key="test", apply=apply)


def test_a_patch_that_restores_passes() -> None:
    check_model_patch(_patch(restore=True, restore_on_error=True), _model())


@pytest.mark.parametrize(("restore", "restore_on_error", "when"), [(False, True, "after its exit"), (True, False, "after an exception")])
def test_a_patch_that_leaves_the_weights_changed_is_found_out(restore, restore_on_error, when) -> None:
    with pytest.raises(AssertionError, match=f"{when}.*unet.weight"):
        check_model_patch(_patch(restore, restore_on_error), _model())
