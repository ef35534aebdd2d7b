"""How a way of attention is chosen: by the setting, by a flag, by what was measured."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from app.contracts import Attention, DeviceFacts
from app.generation.attention_choice import SETTING, choose_attention
from app.registry import Registry
from app.values.options import StartOptions
from app.values.owned import Owned


def _run(wanted="Automatic", fastest="", flags=None, ways=None):
    """A run on a host with three ways."""
    plain = Attention("plain", "plain - as usual", load=None, order=1)
    quick = Attention("quick", "quick - other", load=None, aliases=("Fancy",), flags=("opt-quick",), order=2)
    card = Attention("card", "card - on cards", load=None, supports=lambda device: device.startswith("cuda"), order=3)
    registry = Registry("attention", lambda a: a.name, lambda a: (a.title, *a.aliases))
    registry.fill([Owned("x", way) for way in ((plain, quick, card) if ways is None else ways)])
    facts = DeviceFacts(True, True, fastest)
    asked = []

    def measured(device):
        asked.append(device)
        return facts

    host = SimpleNamespace(attention=registry, options=StartOptions(flags=flags or {}), device_speed=SimpleNamespace(facts=measured))
    comments = []
    return SimpleNamespace(host=host, settings={SETTING: wanted}, comment=comments.append, comments=comments, asked=asked)


def _chosen(run, dtype=torch.bfloat16):
    chosen = choose_attention(SimpleNamespace(device=torch.device("cpu"), dtype=dtype), run)
    return chosen and chosen.name


@pytest.mark.parametrize("wanted", ["quick", "quick - other", "fancy", "Fancy - as A1111 calls it"])
def test_the_setting_names_one(wanted):
    run = _run(wanted)
    assert (_chosen(run), run.comments) == ("quick", [])


@pytest.mark.parametrize(("wanted", "reason"), [("nowhere", "is not known"), ("card", "does not run on cpu")])
def test_one_that_cannot_be_had_is_told(wanted, reason):
    run = _run(wanted, fastest="quick")
    assert _chosen(run) == "quick"
    assert wanted in run.comments[0] and reason in run.comments[0]


def test_none_leaves_the_library_alone():
    assert _chosen(_run("None", fastest="quick")) is None


def test_a_flag_is_preferred_to_what_was_measured():
    assert _chosen(_run(fastest="plain", flags={"opt-quick": True})) == "quick"


def test_the_fastest_in_half_precision_and_the_first_in_full():
    run = _run(fastest="quick")
    assert _chosen(run) == "quick"
    assert _chosen(_run(fastest="quick"), torch.float32) == "plain"
    assert _chosen(_run(fastest="gone")) == "plain"


def test_nothing_is_measured_for_full_precision():
    run = _run()
    _chosen(run, torch.float32)
    assert run.asked == []


def test_without_any_there_is_none():
    assert _chosen(_run(ways=())) is None
