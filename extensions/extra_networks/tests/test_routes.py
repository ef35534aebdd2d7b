"""Cards over HTTP: search and order, what fits, previews, notes and their files, other people's sidecars."""

from __future__ import annotations

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from starlette.testclient import TestClient

from app.api import Host
from app.testing.web import running_client
from extensions.extra_networks.shelves import SHELVES
from extensions.stable_diffusion.testing import write_checkpoint

ROUTE = "/paintbox/v1/networks"
SD1_KEY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def write_lora(path: Path, width: int = 768, **metadata: str) -> Path:
    """A LoRA of rank 2 for one layer; ``width`` 768 is SD1's, 2048 SDXL's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = SD1_KEY if width == 768 else SD1_KEY.replace("down_blocks_0", "down_blocks_1")
    save_file({f"{key}.lora_down.weight": torch.zeros(2, width), f"{key}.lora_up.weight": torch.zeros(320, 2)}, path, metadata)
    return path


@pytest.fixture
def host(make_host: Any) -> Host:
    host: Host = make_host("extra_networks", "lora", "textual_inversion", "checkpoints", "stable_diffusion", "model_recognition")
    checkpoints = host.paths.models / "Stable-diffusion"
    checkpoints.mkdir(parents=True, exist_ok=True)
    write_checkpoint(checkpoints / "tiny.safetensors")
    host.settings.set({"sd_model_checkpoint": "tiny.safetensors"})
    folder = host.paths.models / "Lora"
    write_lora(folder / "ink.safetensors", ss_output_name="ink_v2")
    write_lora(folder / "styles" / "oil 10.safetensors")
    write_lora(folder / "styles" / "oil 9.safetensors")
    write_lora(folder / "large.safetensors", 2048)
    write_lora(folder / ".old" / "secret.safetensors")
    (folder / "broken.safetensors").write_bytes(b"nothing")
    for name in ("ink.safetensors", "broken.safetensors", "large.safetensors"):
        host.models.find("lora", name)
    return host


def cards(client: TestClient, kind: str = "lora", **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{ROUTE}/{kind}/cards", params=query).json()
    return answer


def names(answer: dict[str, Any]) -> list[str]:
    return [card["name"] for card in answer["cards"]]


def picture(size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "#884422").save(stream, kind)
    return stream.getvalue()


def test_search_order_folders_and_pages(host: Host) -> None:
    (host.paths.models / "Lora" / "ink.txt").write_text("Brush on <b>PAPER</b>")
    with running_client(host) as client:
        assert names(cards(client)) == ["broken.safetensors", "ink.safetensors", "large.safetensors", *OILS]
        assert names(cards(client, direction="desc"))[0] == "styles/oil 10.safetensors"
        assert names(cards(client, search="on <b>paper")) == ["ink.safetensors"]
        assert names(cards(client, search="STYLES/OIL 9")) == ["styles/oil 9.safetensors"]
        assert names(cards(client, folder="styles")) == OILS
        assert names(cards(client, sort="name", folder="styles", direction="desc")) == OILS[::-1]
        page = cards(client, offset=3, limit=1)
        assert (page["total"], names(page)) == (5, OILS[:1])
        assert client.get(f"{ROUTE}/lora").json()["folders"] == [".old", "styles"]
        assert client.get(f"{ROUTE}/lora/cards", params={"sort": "colour"}).status_code == 422
        assert client.get(f"{ROUTE}/lora/cards", params={"offset": "9" * 20}).status_code == 422
        assert names(cards(client, offset=1 << 31)) == []
        assert client.get(f"{ROUTE}/colours/cards").status_code == 404


OILS = ["styles/oil 9.safetensors", "styles/oil 10.safetensors"]


def test_files_in_hidden_folders_are_found_by_long_searches_alone(host: Host) -> None:
    with running_client(host) as client:
        assert names(cards(client, search="sec")) == []
        assert names(cards(client, search="secr")) == [".old/secret.safetensors"]
        host.settings.set({"extra_networks_hidden_models": "Never", "extra_networks_show_hidden_directories": False})
        assert names(cards(client, search="secr")) == []
        assert client.get(f"{ROUTE}/lora").json()["folders"] == ["styles"]
        host.settings.set({"extra_networks_hidden_models": "Always"})
        assert ".old/secret.safetensors" in names(cards(client))


def test_the_newest_come_first_by_their_dates(host: Host) -> None:
    os.utime(host.paths.models / "Lora" / "ink.safetensors", (1, 1))
    with running_client(host) as client:
        assert names(cards(client, sort="date_modified"))[0] == "ink.safetensors"
        assert names(cards(client, sort="date_modified", direction="desc"))[-1] == "ink.safetensors"
        host.settings.set({"extra_networks_card_order_field": "Date Modified", "extra_networks_card_order": "Descending"})
        assert names(cards(client))[-1] == "ink.safetensors"


def test_what_does_not_fit_says_why_or_is_left_out(host: Host) -> None:
    with running_client(host) as client:
        shown = {card["name"]: card for card in cards(client)["cards"]}
        assert shown["ink.safetensors"]["unfit"] == ""
        assert "Stable Diffusion XL" in shown["large.safetensors"]["unfit"]
        assert "broken.safetensors" in shown["broken.safetensors"]["unfit"]
        assert shown["large.safetensors"]["prompt"] == "<lora:large:1>"
        host.settings.set({"lora_show_all": False})
        answer = cards(client)
        assert (answer["hidden"], "large.safetensors" in names(answer)) == (1, False)
        note(client, "large.safetensors", sd_version="Unknown")
        assert "large.safetensors" in names(cards(client))
        host.settings.set({"lora_hide_unknown_for_versions": ["SD1"]})
        assert "large.safetensors" not in names(cards(client))


def test_a_new_file_is_there_after_a_refresh(host: Host) -> None:
    with running_client(host) as client:
        before = cards(client)
        write_lora(host.paths.models / "Lora" / "new.safetensors")
        client.post(f"{ROUTE}/lora/refresh")
        after = cards(client)
        assert "new.safetensors" in names(after)
        assert after["version"] != before["version"]


def test_where_nothing_has_changed_the_list_stays_with_its_orders(host: Host) -> None:
    with running_client(host) as client:
        cards(client)
        shelf = host.stash[SHELVES].shelf("lora")
        before = shelf.renew()
        assert shelf.renew() is before
        (host.paths.models / "Lora" / "ink.json").write_text('{"description": "new"}')
        assert shelf.renew() is not before


def test_a_file_of_another_kind_says_what_it_is(host: Host) -> None:
    write_checkpoint(host.paths.models / "Lora" / "model.safetensors")
    host.models.refresh("lora")
    host.models.find("lora", "model.safetensors")
    with running_client(host) as client:
        assert cards(client, search="model")["cards"][0]["unfit"].startswith("It is no Lora file: Stable Diffusion 1")


def test_the_trainers_name_is_used_while_it_means_one_file(host: Host) -> None:
    with running_client(host) as client:
        assert cards(client, search="ink")["cards"][0]["network"] == "<lora:ink_v2:"
        host.settings.set({"lora_preferred_name": "Filename", "extra_networks_default_multiplier": 0.7})
        assert cards(client, search="ink")["cards"][0]["prompt"] == "<lora:ink:0.7>"
        host.settings.set({"lora_preferred_name": "Alias from file"})
        write_lora(host.paths.models / "Lora" / "other.safetensors", ss_output_name="ink_v2")
        client.post(f"{ROUTE}/lora/refresh")
        assert cards(client, search="ink")["cards"][0]["network"] == "<lora:ink:"


# --- notes -------------------------------------------------------------------------------------------------------------


def note(client: TestClient, name: str, **values: Any) -> Any:
    return client.put(f"{ROUTE}/lora/notes", json={"name": name, "values": values})


def test_notes_are_written_beside_what_others_wrote(host: Host) -> None:
    file = host.paths.models / "Lora" / "ink.json"
    file.write_text(json.dumps({"modelId": 7, "description": "old", "extensions": {"sd_civitai_helper": {"version": "1"}}}))
    with running_client(host) as client:
        card = note(client, "ink.safetensors", activation_text="ink, wash", negative_text="photo", preferred_weight=0.8).json()
        assert card["prompt"] == "<lora:ink_v2:0.8> ink, wash"
        assert card["negative"] == "(photo:1)"
        assert json.loads(file.read_text()) == {
            "modelId": 7,
            "description": "old",
            "extensions": {"sd_civitai_helper": {"version": "1"}},
            "activation text": "ink, wash",
            "negative text": "photo",
            "preferred weight": 0.8,
        }
        assert "ink.safetensors" in names(cards(client, search="old"))


@pytest.mark.parametrize("told", ["[1, 2]", "{", '"text"', "[" * 100_000])
def test_a_sidecar_of_another_kind_is_left_alone_and_named(host: Host, told: str) -> None:
    file = host.paths.models / "Lora" / "ink.json"
    file.write_text(told)
    with running_client(host) as client:
        answer = note(client, "ink.safetensors", description="new")
        assert answer.status_code == 422
        assert "ink.json" in answer.json()["detail"]
        assert file.read_text() == told
        assert "ink.json" in details(client, "ink.safetensors")["problem"]


@pytest.mark.parametrize("values", [{"preferred_weight": 30}, {"preferred_weight": "1"}, {"description": 5}, {"colour": "red"}])
def test_values_that_cannot_be_are_refused(host: Host, values: dict[str, Any]) -> None:
    with running_client(host) as client:
        answer = note(client, "ink.safetensors", **values)
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(values)))
        assert not (host.paths.models / "Lora" / "ink.json").exists()


def test_weights_below_nothing_can_be_saved(host: Host) -> None:
    with running_client(host) as client:
        assert note(client, "ink.safetensors", preferred_weight=-1.5).json()["prompt"] == "<lora:ink_v2:-1.5>"


def test_names_that_tags_cannot_hold_give_way_to_the_files_or_are_told(host: Host) -> None:
    folder = host.paths.models / "Lora"
    write_lora(folder / "a>c (v1.0).safetensors", ss_output_name="a:c")
    write_lora(folder / "good.safetensors", ss_output_name="b>c")
    with running_client(host) as client:
        client.post(f"{ROUTE}/lora/refresh")
        bad = cards(client, search="v1.0")["cards"][0]
        assert (bad["network"], bad["prompt"]) == ("", "")
        assert "Rename it" in bad["unfit"]
        good = cards(client, search="good")["cards"][0]
        assert (good["network"], good["prompt"], good["unfit"]) == ("<lora:good:", "<lora:good:1>", "")


def test_values_of_wrong_kinds_in_a_sidecar_are_harmless(host: Host) -> None:
    told = {"description": ["x"], "preferred weight": "NaN", "activation text": None, "sd version": 1, "notes": "kept"}
    (host.paths.models / "Lora" / "ink.json").write_text(json.dumps(told))
    with running_client(host) as client:
        assert details(client, "ink.safetensors")["user"]["notes"] == "kept"
        assert cards(client, search="ink")["cards"][0]["prompt"] == "<lora:ink_v2:1>"


def details(client: TestClient, name: str, kind: str = "lora") -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{ROUTE}/{kind}/details", params={"name": name}).json()
    return answer


def test_what_civitai_says_gives_words_and_a_description(host: Host) -> None:
    told = {"name": "v2", "baseModel": "SD 1.5", "trainedWords": ["inkwash,", 7, " brush "], "description": "<p>Ink &amp; <b>water</b></p>"}
    (host.paths.models / "Lora" / "ink.civitai.info").write_text(json.dumps(told | {"model": {"name": "Ink"}}))
    with running_client(host) as client:
        shown = details(client, "ink.safetensors")
        assert shown["triggers"] == ["inkwash", "brush"]
        assert ["Civitai base model", "SD 1.5"] in shown["facts"]
        assert cards(client, search="water")["cards"][0]["description"] == "Ink & water"


def test_what_the_trainer_wrote_is_told_in_words(host: Host) -> None:
    told = {
        "ss_sd_model_name": "base.ckpt",
        "ss_network_dim": "16",
        "ss_network_alpha": "8.0",
        "ss_num_epochs": "10",
        "ss_epoch": "4",
        "ss_tag_frequency": json.dumps({"10_a": {"cat": 5, " <b>dog</b>": 9}, "2_b": {"cat": 6, "bad": "many"}, "c": 3}),
        "ss_dataset_dirs": json.dumps({"10_a": {"n_repeats": 10, "img_count": 12}, "2_b": {"img_count": 3}}),
        "ss_bucket_info": json.dumps({"buckets": {"0": {"resolution": [512, 768], "count": 9}}}),
        "ss_training_started_at": "1700000000.5",
        "modelspec.trigger_phrase": "inkwash",
    }
    write_lora(host.paths.models / "Lora" / "told.safetensors", **told)
    with running_client(host) as client:
        shown = details(client, "told.safetensors")
        facts = dict(shown["facts"])
        assert (facts["Base model"], facts["Dims / alpha"], facts["Epochs"]) == ("base.ckpt", "16 / 8.0", "4 / 10")
        assert (facts["Resolutions"], facts["Pictures"], facts["Trained"]) == ("512x768 (9)", "15", "2023-11-14 22:13 UTC")
        assert shown["words"] == [["cat", 11], ["<b>dog</b>", 9]]
        assert shown["triggers"] == ["inkwash"]
        assert client.get(f"{ROUTE}/lora/metadata", params={"name": "told.safetensors"}).json()["ss_bucket_info"]["buckets"]
        assert dict(details(client, "ink.safetensors")["facts"])["Dims"] == "2"


HOSTILE = {
    "ss_tag_frequency": "[" * 50_000,
    "ss_bucket_info": '{"buckets": {"a": {"resolution": [1, null], "count": "x"}}}',
    "ss_dataset_dirs": '{"a": {"img_count": {"b": 1}}}',
    "ss_training_started_at": "1e400",
    "ss_network_dim": "9" * 100_000,
    "deep": '{"a":' * 40 + "1" + "}" * 40,
    "ss_output_name": "<img src=x onerror=alert(1)>",
    "ssmd_cover_images": '["not base64!"]',
    "number": "[NaN, Infinity, 1e999]",
}


def test_hostile_metadata_is_harmless(host: Host) -> None:
    write_lora(host.paths.models / "Lora" / "bad.safetensors", **HOSTILE)
    with running_client(host) as client:
        shown = details(client, "bad.safetensors")
        assert shown["words"] == []
        assert len(dict(shown["facts"])["Dims"]) < 400
        raw = client.get(f"{ROUTE}/lora/metadata", params={"name": "bad.safetensors"})
        assert (raw.status_code, raw.json()["deep"]) == (200, HOSTILE["deep"])
        card = cards(client, search="bad")["cards"][0]
        assert client.get("/" + card["preview"]).status_code == 422


# --- previews ----------------------------------------------------------------------------------------------------------


def test_previews_are_small_pictures_that_browsers_may_keep(host: Host) -> None:
    folder = host.paths.models / "Lora"
    (folder / "ink.preview.png").write_bytes(picture((2000, 3000)))
    (folder / "ink.jpg").write_bytes(picture((20, 10), "JPEG"))
    with running_client(host) as client:
        first = client.get("/" + cards(client, search="ink")["cards"][0]["preview"])
        assert (first.headers["content-type"], first.headers["x-content-type-options"]) == ("image/webp", "nosniff")
        assert "immutable" in first.headers["cache-control"]
        assert Image.open(io.BytesIO(first.content)).size == (20, 10)
        (folder / "ink.jpg").unlink()
        client.post(f"{ROUTE}/lora/refresh")
        second = client.get("/" + cards(client, search="ink")["cards"][0]["preview"])
        assert Image.open(io.BytesIO(second.content)).size == (512, 768)
        old = client.get(f"{ROUTE}/lora/preview", params={"name": "ink.safetensors", "v": "0"})
        assert "no-cache" in old.headers["cache-control"]


def test_previews_stay_in_the_model_folders(host: Host, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(picture())
    (host.paths.models / "Lora" / "ink.png").symlink_to(outside)
    (host.paths.models / "Lora" / "large.png").write_text("<svg onload='alert(1)'/>")
    with running_client(host) as client:
        for search in ("ink", "large"):
            assert client.get("/" + cards(client, search=search)["cards"][0]["preview"]).status_code in (404, 422)
        for name in ("../../outside.png", "/etc/passwd", str(outside)):
            assert client.get(f"{ROUTE}/lora/preview", params={"name": name}).status_code == 404


def test_the_cover_in_the_file_is_its_preview(host: Host) -> None:
    covers = json.dumps([base64.b64encode(picture((12, 16))).decode()])
    write_lora(host.paths.models / "Lora" / "cover.safetensors", ssmd_cover_images=covers)
    with running_client(host) as client:
        client.post(f"{ROUTE}/lora/refresh")
        answer = client.get("/" + cards(client, search="cover")["cards"][0]["preview"])
        assert Image.open(io.BytesIO(answer.content)).size == (12, 16)


# --- kinds -------------------------------------------------------------------------------------------------------------


def test_pictures_that_carry_no_embedding_get_no_card(host: Host) -> None:
    host.paths.embeddings.mkdir(exist_ok=True)
    save_file({"emb_params": torch.zeros(2, 768)}, host.paths.embeddings / "tom.safetensors")
    (host.paths.embeddings / "tom.png").write_bytes(picture())
    for name in ("tom.safetensors", "tom.png"):
        host.models.find("embeddings", name)
    with running_client(host) as client:
        shown = cards(client, "textual_inversion")["cards"]
        assert [(card["name"], card["prompt"]) for card in shown] == [("tom.safetensors", "tom")]
        assert shown[0]["preview"]
        assert client.get(f"{ROUTE}/textual_inversion").json()["follows_focus"]


def test_the_checkpoint_in_use_is_marked_and_offers_its_vae(host: Host) -> None:
    with running_client(host) as client:
        shown = cards(client, "checkpoints")["cards"]
        assert [(card["name"], card["is_current"], card["network"]) for card in shown] == [("tiny.safetensors", True, "")]
        assert details(client, "tiny.safetensors", "checkpoints")["fields"] == ["vae"]


def test_the_tabs_stand_in_the_order_of_the_setting(host: Host) -> None:
    with running_client(host) as client:
        assert [kind["id"] for kind in client.get(ROUTE).json()] == ["textual_inversion", "checkpoints", "lora"]
        host.settings.set({"ui_extra_networks_tab_reorder": "lora, check"})
        assert [kind["id"] for kind in client.get(ROUTE).json()] == ["lora", "checkpoints", "textual_inversion"]


def test_rows_that_were_made_just_before_a_file_came_are_not_said_to_be_the_newest(host: Host) -> None:
    with running_client(host) as client:
        shelf = host.stash[SHELVES].shelf("lora")
        shelf.renew()
        write_lora(host.paths.models / "Lora" / "late.safetensors")
        host.models.refresh("lora")
        host.models.records("lora")  # somebody looks at the disk
        assert cards(client)["is_fresh"] is False
