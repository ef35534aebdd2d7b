"""The upscalers' names, their sizes, and A1111's rule for reaching a size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import Upscaler, UserError, upscale_by, upscale_to
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.upscalers import register_upscalers

NOISE = Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 24, 3), dtype=np.uint8), "RGB")
LATENTS = torch.randn((2, 4, 6, 5), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    return temporary_host(tmp_path_factory.mktemp("data"), ["upscalers"], role="worker")


@pytest.fixture
def run(host):
    return RecordingRun(host)


def test_the_names_and_their_order(host):
    names = [upscaler.name for upscaler in host.upscalers if upscaler.space == "latent"]
    assert names == [
        "Latent", "Latent (antialiased)", "Latent (bicubic)", "Latent (bicubic antialiased)", "Latent (nearest)", "Latent (nearest-exact)",
    ]  # fmt: skip
    assert [upscaler.name for upscaler in host.upscalers if upscaler.space == "pixel"] == ["None", "Lanczos", "Nearest"]


def test_every_latent_mode_gives_the_size_and_its_own_result(host):
    results = {u.name: u.latent()(LATENTS, (9, 12)) for u in host.upscalers if u.latent}
    assert {tuple(result.shape) for result in results.values()} == {(2, 4, 9, 12)}
    assert torch.equal(results["Latent"], torch.nn.functional.interpolate(LATENTS, size=(9, 12), mode="bilinear"))
    assert not torch.equal(results["Latent (nearest)"], results["Latent (nearest-exact)"])
    assert not torch.allclose(results["Latent (bicubic)"], results["Latent (bicubic antialiased)"])
    smaller = {u.name: u.latent()(LATENTS, (3, 3)) for u in host.upscalers if u.latent}
    assert not torch.allclose(smaller["Latent"], smaller["Latent (antialiased)"])


def test_the_size_is_exact_and_reached_over_a_multiple_of_eight(host, run):
    enlarged = upscale_to(NOISE, (61, 101), host.upscalers.get("Lanczos"), run)
    assert enlarged.size == (61, 101)
    factor = max(61 / 24, 101 / 40)
    direct = NOISE.resize((int(24 * factor), int(40 * factor)), Image.Resampling.LANCZOS)
    over_eight = direct.resize((56, 96), Image.Resampling.LANCZOS).resize((61, 101), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(enlarged), np.asarray(over_eight))


def test_none_is_plain_lanczos(host, run):
    expected = NOISE.resize((61, 101), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(upscale_to(NOISE, (61, 101), host.upscalers.get("None"), run)), np.asarray(expected))


def test_a_network_of_a_fixed_factor_is_applied_until_it_is_large_enough_but_three_times_at_most(run):
    sizes = []

    def twice(image, factor, run):
        sizes.append(image.size)
        return image.resize((image.width * 2, image.height * 2))

    network = Upscaler("x2", pixel=lambda: twice)
    assert upscale_by(NOISE, 3, network, run).size == (72, 120)
    assert sizes == [(24, 40), (48, 80)]
    sizes.clear()
    assert upscale_by(NOISE, 16, network, run).size == (384, 640)
    assert len(sizes) == 3
    sizes.clear()
    assert upscale_by(NOISE, 1, network, run).size == NOISE.size
    assert len(sizes) == 1


def test_a_smaller_picture_is_resampled_without_the_upscaler(host, run):
    expected = NOISE.resize((12, 20), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(upscale_to(NOISE, (12, 20), host.upscalers.get("Nearest"), run)), np.asarray(expected))


def test_a_latent_upscaler_is_refused_for_pictures(host, run):
    with pytest.raises(UserError, match="latents"):
        upscale_to(NOISE, (48, 80), host.upscalers.get("Latent"), run)


def test_they_are_given_by_the_hook_and_each_enlarges_one_kind_of_thing(host):
    given = list(register_upscalers(host))
    assert [upscaler.name for upscaler in given] == host.upscalers.names()
    assert all((upscaler.latent is None) != (upscaler.pixel is None) for upscaler in given)
