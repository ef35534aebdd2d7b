"""Embeddings in the page and the API: lists, cards and the token counter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from app.api import EncodeOptions, Host, ModelIdentity, UserMetadata, count_prompt_tokens, parse_infotext
from app.testing.web import running_client
from extensions.a1111_infotext.api import unrestored
from extensions.stable_diffusion.testing import write_checkpoint
from extensions.textual_inversion import count_embeddings, register_network_types
from extensions.textual_inversion.testing import write_a1111_embedding, write_embedding
from extensions.textual_inversion.words import likely_words, words_in

FEATURES = ("textual_inversion", "stable_diffusion", "checkpoints", "model_recognition", "a1111_api")


@pytest.fixture
def host(make_host: Any) -> Host:
    host: Host = make_host(*FEATURES)
    folder = host.paths.embeddings
    write_a1111_embedding(folder / "people" / "tom.pt", torch.zeros(3, 768), step=12)
    write_embedding(folder / "negxl.safetensors", {"clip_l": 768, "clip_g": 1280}, vectors=8)
    Image.new("RGB", (8, 8)).save(folder / "tom.png")
    (folder / "broken.pt").write_bytes(b"\x80nothing")
    checkpoints = host.paths.models / "Stable-diffusion"
    checkpoints.mkdir(parents=True, exist_ok=True)
    write_checkpoint(checkpoints / "tiny.safetensors")
    host.settings.set({"sd_model_checkpoint": "tiny.safetensors"})
    for name in ("people/tom.pt", "negxl.safetensors", "tom.png", "broken.pt"):
        host.models.find("embeddings", name)  # reads the header now
    return host


def test_the_api_lists_what_works_and_what_does_not(host: Host) -> None:
    with running_client(host) as client:
        answer = client.get("/sdapi/v1/embeddings").json()
        assert answer["loaded"] == {
            "tom": {"step": 12, "sd_checkpoint": "0123456789", "sd_checkpoint_name": "trained-on", "shape": 768, "vectors": 3}
        }
        assert set(answer["skipped"]) == {"negxl", "broken"}
        assert (answer["skipped"]["negxl"]["shape"], answer["skipped"]["negxl"]["vectors"]) == (2048, 8)
        assert "Stable Diffusion XL" in answer["skipped"]["negxl"]["reason"]
        assert "broken.pt" in answer["skipped"]["broken"]["reason"]
        write_embedding(host.paths.embeddings / "new.safetensors", {"emb_params": 768})
        refreshed = client.post("/sdapi/v1/refresh-embeddings")
        assert (refreshed.status_code, refreshed.json()) == (200, None)
        assert set(client.get("/sdapi/v1/embeddings").json()["loaded"]) == {"tom", "new"}


def test_the_words_are_worked_out_again_only_when_something_changes(host: Host) -> None:
    count_embeddings(host)  # reads headers, which is a change
    words = count_embeddings(host)
    assert count_embeddings(host) is words
    write_embedding(host.paths.embeddings / "new.safetensors", {"emb_params": 768})
    host.models.refresh("embeddings")
    host.models.find("embeddings", "new")
    assert set(count_embeddings(host)) == {"tom", "new"}
    host.settings.set({"sd_model_checkpoint": None})
    assert "negxl" in count_embeddings(host)


def test_the_token_counter_counts_vectors(host: Host) -> None:
    assert count_embeddings(host) == {"tom": 3}
    family = host.families.get("sd1")
    plain, _ = count_prompt_tokens("a cat", family, host, steps=20)
    assert count_prompt_tokens("a tom", family, host, steps=20)[0] == plain + 2
    assert count_prompt_tokens("a negxl", family, host, steps=20)[0] < plain + 8


def test_cards_insert_the_name_and_say_what_does_not_fit(host: Host) -> None:
    (kind,) = register_network_types(host)
    assert host.network_types.get("textual_inversion").title == kind.title
    records = {record.name: record for record in host.models.records("embeddings")}
    text = kind.insert(records["people/tom.pt"], UserMetadata())
    assert (text.network, text.prompt, text.negative) == ("tom", "tom", "")
    sd1 = ModelIdentity(kind="checkpoint", family="sd1")
    assert kind.unfit(records["people/tom.pt"], sd1) == ""
    assert "Stable Diffusion XL" in kind.unfit(records["negxl.safetensors"], sd1)
    assert kind.unfit(records["negxl.safetensors"], None) == ""
    assert "picture" in kind.unfit(records["tom.png"], sd1)


def test_words_are_found_as_the_tokenizer_sees_them(host: Host) -> None:
    family, options = host.families.get("sd1"), EncodeOptions()
    words = {"bad hands": 3, "bad": 1, "foo(bar)": 2, "ok": 100}

    def found(text: str) -> list[str]:
        return words_in(text, words, family, options)

    assert set(found("bad  Hands, BAD")) == {"bad hands", "bad"}
    assert found("bad hands") == ["bad hands"]
    assert found(r"foo\(bar\) is (ok:1.2)") == ["foo(bar)", "ok"]
    assert found("badminton") == []
    assert found("(bad:1.1) hands") == ["bad"]
    assert likely_words(["nothing here"], words) == []


def test_hashes_are_pasted_without_complaint() -> None:
    hashes = "tom: 0123456789ab, negxl: 0123456789ab"
    fields = parse_infotext(f'a tom\nNegative prompt: negxl\nSteps: 20, Sampler: Euler, CFG scale: 7, TI hashes: "{hashes}"')
    assert (fields["Prompt"], fields["TI hashes"]) == ("a tom", hashes)
    assert unrestored(fields, {"Steps", "Sampler", "CFG scale", "Clip skip", "Hires resize"}) == ""


def test_a_flag_names_another_folder(make_host: Any, tmp_path: Path) -> None:
    write_embedding(tmp_path / "elsewhere" / "far.safetensors", {"emb_params": 768})
    host = make_host("textual_inversion", flags={"embeddings-dir": [str(tmp_path / "elsewhere")]})
    write_embedding(host.paths.embeddings / "near.safetensors", {"emb_params": 768})
    assert {record.name for record in host.models.records("embeddings")} == {"far.safetensors", "near.safetensors"}
