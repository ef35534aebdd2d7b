"""Kinds of networks by anybody's extension: a tab and cards of their own, whatever goes wrong in them; pictures become previews."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.api import Host
from app.testing.web import running_client, with_tiny_worker

ROUTE = "/paintbox/v1/networks"
MINE = """
from app.api import CardText, ModelFolder, ModelIdentity, NetworkNotes, NetworkType, hookimpl

@hookimpl
def register_model_folders(host):
    return [ModelFolder("spell", "Spell", "spells", (".spell",))]

@hookimpl
def identify_model(header, host):
    return ModelIdentity(kind="spell", family="") if header.path.suffix == ".spell" else None

@hookimpl
def register_network_types(host):
    def insert(record, user):
        if record.stem == "bad":
            raise RuntimeError("the spell is broken")
        return CardText(network=f"<spell:{record.stem}:", prompt=f"<spell:{record.stem}:3>")
    def notes(record):
        return NetworkNotes(facts=(("Colour", "green"),), words=(("frog", 3),), triggers=("abra",))
    return [NetworkType("spells", "Spells", "spell", tags=("spell",), insert=insert, order=1, notes=notes)]
"""


@pytest.fixture
def host(make_host: Callable[..., Host], write_extension: Callable[..., Path]) -> Host:
    write_extension("magic", MINE)
    host = make_host("magic", "extra_networks", "txt2img", "checkpoints", "samplers", "noise_schedules")
    folder = host.paths.models / "spells"
    folder.mkdir(parents=True)
    for name in ("bad", "fire"):
        (folder / f"{name}.spell").write_bytes(b"x")
    with_tiny_worker(host, "first.safetensors")
    return host


def test_another_extensions_kind_has_a_tab_and_cards(host: Host) -> None:
    with running_client(host) as client:
        assert [kind["title"] for kind in client.get(ROUTE).json()] == ["Spells", "Checkpoints"]
        bad, fire = client.get(f"{ROUTE}/spells/cards").json()["cards"]
        assert (fire["prompt"], fire["unfit"], fire["path_key"]) == ("<spell:fire:3>", "", "spell/fire.spell")
        assert (bad["prompt"], bad["title"]) == ("", "bad")
        assert "the spell is broken" in str(host.extensions.get("magic").failures)
        details = client.get(f"{ROUTE}/spells/details", params={"name": "fire.spell"}).json()
        assert (details["triggers"], details["words"], details["fields"]) == (["abra"], [["frog", 3]], [])
        assert ["Colour", "green"] in details["facts"]
        page = json.dumps(client.get("/config").json())
        assert "txt2img_spells_pane" in page and "txt2img_lora_pane" not in page


def test_without_kinds_there_are_no_tabs(make_host: Callable[..., Host]) -> None:
    host = make_host("extra_networks")
    with running_client(host) as client:
        assert client.get(ROUTE).json() == []


# --- previews from pictures --------------------------------------------------------------------------------------------


def draw(client: Any, host: Host) -> str:
    job = client.post("/paintbox/v1/jobs", json={"request": {"prompt": "a frog", "steps": 1, "width": 64, "height": 64, "seed": 5}}).json()
    ended = host.jobs.wait(job["id"], 60)
    assert ended.state == "done", ended.error
    return str(job["id"])


def picture(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def test_a_picture_becomes_the_preview_and_the_one_before_comes_back(host: Host) -> None:
    folder = host.paths.models / "spells"
    Image.new("RGB", (9, 9), "blue").save(folder / "fire.jpg")
    Image.new("RGB", (7, 7), "green").save(folder / "fire.png")
    with running_client(host) as client:
        wanted = {"name": "fire.spell", "job": draw(client, host), "number": 0}
        card = client.post(f"{ROUTE}/spells/preview", json=wanted).json()
        assert picture(folder / "fire.png").size == (64, 64)
        assert picture(folder / "fire.png").info["parameters"].startswith("a frog")
        assert picture(folder / "fire.png.paintbox.bak").size == (7, 7)
        assert Image.open(BytesIO(client.get("/" + card["preview"]).content)).size == (64, 64)
        assert client.get(f"{ROUTE}/spells/details", params={"name": "fire.spell"}).json()["can_undo_preview"]
        client.post(f"{ROUTE}/spells/preview/undo", json={"name": "fire.spell"})
        assert picture(folder / "fire.png").size == (7, 7)
        assert sorted(path.name for path in folder.glob("fire*")) == ["fire.jpg", "fire.png", "fire.spell"]
        assert client.post(f"{ROUTE}/spells/preview/undo", json={"name": "fire.spell"}).status_code == 404


def test_a_preview_where_none_was_can_be_taken_back_and_others_backups_stay(host: Host) -> None:
    folder = host.paths.models / "spells"
    (folder / "fire.png.bak").write_bytes(b"somebody's own")
    with running_client(host) as client:
        wanted = {"name": "fire.spell", "job": draw(client, host), "number": 0}
        assert not client.get(f"{ROUTE}/spells/details", params={"name": "fire.spell"}).json()["can_undo_preview"]
        for _ in range(2):
            client.post(f"{ROUTE}/spells/preview", json=wanted)
        client.post(f"{ROUTE}/spells/preview/undo", json={"name": "fire.spell"})
        assert picture(folder / "fire.png").size == (64, 64)  # the one before the last
        client.post(f"{ROUTE}/spells/preview", json=wanted)
        (folder / "fire.png").unlink()
        assert client.post(f"{ROUTE}/spells/preview", json=wanted).json()["preview"]
        assert client.post(f"{ROUTE}/spells/preview/undo", json={"name": "fire.spell"}).json()["preview"] == ""
    assert {path.name: path.read_bytes()[:8] for path in folder.glob("fire*")} == {"fire.spell": b"x", "fire.png.bak": b"somebody"}


def test_only_ones_own_pictures_can_be_taken(host: Host) -> None:
    with running_client(host) as client:
        wanted = {"name": "fire.spell", "job": draw(client, host), "number": 4}
        assert client.post(f"{ROUTE}/spells/preview", json=wanted).status_code == 404
        assert client.post(f"{ROUTE}/spells/preview", json=wanted | {"job": ""}).json()["field"] == "job"
        assert client.post(f"{ROUTE}/spells/preview", json=wanted | {"job": "unknown"}).status_code == 404
        others = host.jobs.submit("generate", {"prompt": "secret", "steps": 1}, owner="somebody", source="api", settings={})
        host.jobs.wait(others.id, 60)
        answer = client.post(f"{ROUTE}/spells/preview", json={"name": "fire.spell", "job": others.id})
        assert answer.status_code == 404
        assert not (host.paths.models / "spells" / "fire.png").exists()


def test_a_click_on_a_checkpoints_card_switches(host: Host) -> None:
    with running_client(host) as client:
        answer = client.post("/paintbox/v1/checkpoints/switch", json={"checkpoint": "first.safetensors"})
        assert answer.status_code == 202
        assert host.jobs.wait(answer.json()["job"], 60).state == "done"
        assert str(host.settings.get("sd_model_checkpoint")).startswith("first.safetensors")
        assert client.post("/paintbox/v1/checkpoints/switch", json={"checkpoint": "gone"}).status_code == 404
