"""Which VAE is used, by A1111's rules."""

from __future__ import annotations

import pytest

from extensions.vae.choice import Choice, Preferences, choose

FILES = {name: f"/vae/{name}" for name in ("a.pt", "model-b.vae.pt", "model.vae.safetensors", "z.safetensors")}
NEAR = Choice("/vae/model-b.vae.pt")
"""The first in natural order whose name begins with "model"."""
A, Z, OWN = Choice("/vae/a.pt"), Choice("/vae/z.safetensors"), Choice()


@pytest.mark.parametrize(
    ("setting", "overrides", "of_checkpoint", "stem", "expected"),
    [
        # nothing is asked for
        ("Automatic", True, "", "other", OWN),
        ("Automatic", False, "", "other", OWN),
        ("auto", True, "", "model", NEAR),
        # beside the checkpoint
        ("Automatic", True, "", "model", NEAR),
        ("Automatic", False, "", "model", NEAR),
        ("Automatic", True, "", "model-c", OWN),
        # the setting comes first
        ("a.pt", True, "", "model", A),
        ("a.pt", True, "z.safetensors", "model", A),
        ("None", True, "z.safetensors", "model", OWN),
        ("gone.pt", True, "z.safetensors", "model", Choice(missing=("gone.pt",))),
        # the checkpoint's preferences come first
        ("a.pt", False, "", "model", NEAR),
        ("a.pt", False, "", "other", A),
        ("None", False, "", "model", NEAR),
        ("None", False, "", "other", OWN),
        ("a.pt", False, "z.safetensors", "model", Z),
        ("a.pt", False, "None", "model", OWN),
        ("a.pt", False, "Automatic", "model", NEAR),
        ("gone.pt", False, "", "other", Choice(missing=("gone.pt",))),
        # metadata
        ("Automatic", True, "z.safetensors", "model", Z),
        ("Automatic", True, "None", "model", OWN),
        ("Automatic", True, "Automatic", "other", OWN),
        ("Automatic", True, "gone.pt", "model", Choice(NEAR.path, ("gone.pt",))),
        ("Automatic", True, "gone.pt", "other", Choice(missing=("gone.pt",))),
        ("a.pt", False, "gone.pt", "other", Choice(A.path, ("gone.pt",))),
    ],
)
def test_the_order_of_preferences(setting, overrides, of_checkpoint, stem, expected):
    assert choose(Preferences(setting, overrides, of_checkpoint, stem), FILES) == expected


@pytest.mark.parametrize("setting", ["Automatic", "None", "a.pt", "gone.pt"])
def test_the_command_line_comes_before_all(setting):
    assert choose(Preferences(setting, True, "z.safetensors", "model", forced="/x.pt"), FILES) == Choice("/x.pt")
