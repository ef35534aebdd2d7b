"""Families in words: why a file does not work with a checkpoint."""

from __future__ import annotations

from app.api import Host, family_title, unfit_for
from app.testing.hosts import HostMaker


def test_both_families_are_named_by_their_titles(make_host: HostMaker) -> None:
    host: Host = make_host("stable_diffusion")
    assert unfit_for("sdxl", "sd1", host) == "Made for Stable Diffusion XL; the checkpoint is Stable Diffusion 1.x."
    assert unfit_for("flux", "sd1", host).startswith("Made for Flux;")
    assert [unfit_for("", "sd1", host), unfit_for("sd1", "", host), unfit_for("sd1", "sd1", host)] == ["", "", ""]
    assert family_title("sdxl", host) == "Stable Diffusion XL"


def test_a_setting_of_an_extension_that_is_away_has_the_default_given(make_host: HostMaker) -> None:
    assert make_host().settings.find("extra_networks_default_multiplier", 1.0) == 1.0
    host = make_host("extra_networks")
    host.settings.set({"extra_networks_default_multiplier": 0.5})
    assert host.settings.find("extra_networks_default_multiplier", 1.0) == 0.5
