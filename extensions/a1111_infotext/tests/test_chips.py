"""Chips: from an infotext to a request, and the checkpoint that they name."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app.api import Host, UserError
from app.testing.web import with_tiny_worker
from extensions.a1111_infotext.api import Chips, override_chips, wanted_model, with_chips

FEATURES = ("a1111_infotext", "checkpoints", "stable_diffusion", "samplers", "noise_schedules")


@pytest.fixture
def host(make_host: Any) -> Host:
    host: Host = make_host(*FEATURES)
    with_tiny_worker(host, "first.safetensors", "sub/second.safetensors")
    host.settings.set({"disable_weights_auto_swap": False})
    return host


def digits(host: Host, name: str) -> str:
    return sha256((Path(host.paths.models) / "Stable-diffusion" / name).read_bytes()).hexdigest()


def hashed(host: Host, name: str) -> str:
    record = host.models.find("checkpoint", name)
    assert record is not None
    host.models.put_hash(record, digits(host, name), None)
    return digits(host, name)


@pytest.mark.parametrize("length", [10, 12, 64])
def test_a_model_is_found_by_its_hash_whatever_its_name(host: Host, length: int) -> None:
    found = wanted_model({"Model hash": hashed(host, "sub/second.safetensors")[:length].upper(), "Model": "renamed"}, host)
    assert found.record is not None and (found.record.name, found.problem) == ("sub/second.safetensors", "")


def test_by_the_hash_of_the_first_versions(host: Host) -> None:
    path = Path(host.paths.models) / "Stable-diffusion" / "first.safetensors"
    with path.open("ab") as file:
        file.write(bytes(0x120000))
    old = sha256(path.read_bytes()[0x100000:0x110000]).hexdigest()[:8]
    found = wanted_model({"Model hash": old, "Model": "else"}, host)
    assert found.record is not None and found.record.name == "first.safetensors"


def test_by_its_name_and_another_hash_is_told(host: Host) -> None:
    found = wanted_model({"Model hash": "0123456789", "Model": "second"}, host)
    assert found.record is not None and (found.record.name, found.problem) == ("sub/second.safetensors", "")
    hashed(host, "sub/second.safetensors")
    found = wanted_model({"Model hash": "0123456789", "Model": "second"}, host)
    assert found.record is not None and "another hash" in found.problem and "0123456789" in found.problem


def test_a_missing_one_is_named_with_its_hash_and_the_folder(host: Host) -> None:
    found = wanted_model({"Model hash": "0123456789", "Model": "gone"}, host)
    assert found.record is None
    assert all(words in found.problem for words in ("gone", "0123456789", "Stable-diffusion", "2 files there have not been hashed"))
    assert wanted_model({}, host).problem == ""


def test_the_checkpoint_becomes_a_chip_unless_it_is_in_use_or_disregarded(host: Host) -> None:
    fields = {"Model hash": hashed(host, "sub/second.safetensors")[:10]}
    first, second = (host.models.find("checkpoint", name) for name in ("first", "second"))
    assert override_chips(fields, host, checkpoint=first) == Chips((f"Model hash: {fields['Model hash']}",))
    assert override_chips(fields, host, checkpoint=second) == Chips()
    host.settings.set({"disable_weights_auto_swap": True})
    assert override_chips(fields, host, checkpoint=first) == Chips()


@pytest.mark.parametrize("is_disregarded", [True, False])
def test_a_checkpoint_that_is_not_here_is_named_and_not_offered(host: Host, is_disregarded: bool) -> None:
    host.settings.set({"disable_weights_auto_swap": is_disregarded})
    found = override_chips({"Model hash": "0123456789", "Model": "gone"}, host, checkpoint=host.models.find("checkpoint", "first"))
    assert found.chips == ()
    assert len(found.problems) == 1 and "'gone' with the hash 0123456789" in found.problems[0]


def test_labels_with_a_control_of_their_own_are_no_chips(host: Host) -> None:
    assert override_chips({"Clip skip": "2", "ENSD": "1"}, host, handled={"Clip skip"}) == Chips(("ENSD: 1",))


def test_chips_ride_in_the_request(host: Host) -> None:
    chips = ["Clip skip: 2", "RNG: NV", "Model hash: first", "Pad conds: True"]
    request = with_chips({"prompt": "x", "settings": {"rho": 1.0}}, chips, host)
    assert request == {
        "prompt": "x",
        "checkpoint": "first",
        "settings": {"rho": 1.0, "CLIP_stop_at_last_layers": 2, "randn_source": "NV", "pad_cond_uncond": True},
    }
    assert with_chips({"prompt": "x"}, None, host) == with_chips({"prompt": "x"}, [], host) == {"prompt": "x"}


@pytest.mark.parametrize("chip", ["Wonder: 5", "nonsense", "Clip skip: many", "Clip skip: 99", "RNG: dice"])
def test_a_chip_that_cannot_be_is_named(host: Host, chip: str) -> None:
    with pytest.raises(UserError) as caught:
        with_chips({}, [chip], host)
    assert chip.rpartition(": ")[2] in str(caught.value)
