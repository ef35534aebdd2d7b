"""Brownian paths: additive, the same however finely they are asked for, and as noisy as they should be."""

from __future__ import annotations

import pytest
import torch

from app.generation.brownian import BrownianPath
from app.generation.noise import ImageNoise, NoisePlan

SHAPE = (4, 16, 16)
SIGMAS = torch.tensor([14.6, 6.0, 2.5, 0.7, 0.03, 0.0])


def normal(seed):
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


def path(seed=3):
    return BrownianPath(seed, 0.03, 14.6, normal)


def noise(*seeds, source="CPU", delta=0, **options):
    drawn = ImageNoise(NoisePlan(SHAPE, seeds, source=source, seed_delta=delta))
    drawn.first()
    return drawn.brownian(SIGMAS, torch.zeros(1), **options)


def test_the_parts_of_a_way_add_up_to_the_whole():
    whole = path().increment(0.7, 6.0)
    parts = path()
    assert torch.allclose(parts.increment(0.7, 2.5) + parts.increment(2.5, 6.0), whole, atol=1e-12)
    assert torch.allclose(path().increment(6.0, 0.7), -whole, atol=1e-12)


def test_the_path_does_not_depend_on_what_was_asked_before():
    asked = path()
    for end in (14.6, 9.1, 4.4, 0.5):
        asked.increment(0.03, end)
    assert torch.equal(asked.increment(1.0, 2.0), path().increment(1.0, 2.0))
    assert not torch.equal(path(4).increment(1.0, 2.0), path().increment(1.0, 2.0))


def test_beyond_its_ends_the_path_stands_still():
    assert torch.equal(path().increment(14.6, 20.0), torch.zeros(SHAPE, dtype=torch.float64))
    assert torch.equal(path().increment(1.0, 20.0), path().increment(1.0, 14.6))


@pytest.mark.parametrize(("start", "end"), [(14.6, 6.0), (6.0, 2.5), (0.7, 0.03), (0.0301, 0.0300)])
def test_the_noise_of_every_interval_is_standard_normal(start, end):
    drawn = noise(1, 2, 3, 4).between(torch.tensor(start), torch.tensor(end))
    assert drawn.shape == (4, *SHAPE) and drawn.dtype == torch.float32
    assert float(drawn.mean()) == pytest.approx(0, abs=0.06) and float(drawn.std()) == pytest.approx(1, abs=0.06)


def test_the_noise_of_neighbouring_intervals_is_independent():
    steps = noise(1, 2, 3, 4)
    first, second = (steps.between(SIGMAS[index], SIGMAS[index + 1]).flatten() for index in (1, 2))
    assert float(torch.corrcoef(torch.stack([first, second]))[0, 1]) == pytest.approx(0, abs=0.06)


def test_a_batch_equals_single_pictures_and_the_seed_delta_does_not_matter():
    together = noise(5, 6).between(SIGMAS[0], SIGMAS[1])
    assert torch.equal(together[1:], noise(6).between(SIGMAS[0], SIGMAS[1]))
    assert torch.equal(together, noise(5, 6, delta=31337).between(SIGMAS[0], SIGMAS[1]))


def test_a_shared_path_is_one_for_the_whole_batch():
    shared = noise(5, 6, per_picture=False).between(SIGMAS[0], SIGMAS[1])
    assert shared.shape == (2, *SHAPE)
    assert not torch.equal(shared[1], noise(6).between(SIGMAS[0], SIGMAS[1])[0])


def test_the_source_of_the_noise_is_that_of_the_job():
    assert not torch.equal(noise(5, source="NV").between(SIGMAS[0], SIGMAS[1]), noise(5).between(SIGMAS[0], SIGMAS[1]))
