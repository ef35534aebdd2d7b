"""Pictures drawn with embeddings: in both prompts, with weights and scheduling, and the truth about those that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from app.api import GenerationRequest, hookimpl, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from extensions.stable_diffusion.model import StableDiffusionModel
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint
from extensions.textual_inversion.testing import write_a1111_embedding, write_embedding

NETWORKS = ("textual_inversion", "lora", "bundled_embeddings", "additional_networks")
EXTENSIONS = (*NETWORKS, "refiner", "stable_diffusion", "samplers", "noise_schedules", "checkpoints", "model_recognition")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("ti")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "tiny.safetensors")
    write_checkpoint(folder / "tinyxl.safetensors", TinyCheckpoint("sdxl"))
    write_files(data / "embeddings")
    (data / "models" / "Lora").mkdir()
    bundle = {"bundle_emb.inner.string_to_param.*": torch.randn(2, 32), "bundle_emb.broken.string_to_param.*": torch.zeros(2, 2, 2)}
    layer = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    network = {f"{layer}.lora_down.weight": torch.zeros(2, 64), f"{layer}.lora_up.weight": torch.zeros(64, 2)}
    save_file({**network, **bundle}, str(data / "models" / "Lora" / "withword.safetensors"))
    built = temporary_host(data, EXTENSIONS, role="worker", options={"hash_models": False})
    with built.running():
        yield built


def write_files(folder):
    write_embedding(folder / "easyneg.safetensors", {"emb_params": 32})
    write_a1111_embedding(folder / "people" / "Tom Cat.pt", torch.randn(3, 32, generator=torch.Generator().manual_seed(5)))
    write_embedding(folder / "toowide.safetensors", {"emb_params": 768})
    write_embedding(folder / "forxl.safetensors", {"clip_l": 32, "clip_g": 32}, vectors=4)
    write_embedding(folder / "both.safetensors", {"emb_params": 32}, seed=7)
    write_embedding(folder / "xl" / "both.safetensors", {"clip_l": 32, "clip_g": 32}, seed=8)
    write_embedding(folder / "twice.safetensors", {"emb_params": 32}, seed=9)
    write_embedding(folder / "sub" / "twice.safetensors", {"emb_params": 32}, seed=10)
    save_file({"string_to_param.a": torch.zeros(1, 32), "string_to_param.b": torch.zeros(1, 32)}, str(folder / "terms.safetensors"))
    Image.new("RGB", (40, 40), "red").save(folder / "preview.png")


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


def pixels(run, prompt, checkpoint="tiny", **fields):
    fields = {"seed": 3, "steps": 2, "width": 64, "height": 64, "save": "spool", **fields}
    result = draw(run, GenerationRequest(prompt=prompt, checkpoint=checkpoint, **fields))
    return np.asarray(Image.open(result.images[0].path)), result


def differ(*pictures):
    return len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_a_word_changes_the_picture_and_is_reported_and_leaves_nothing_behind(run):
    base, _ = pixels(run, "a house")
    with_word, result = pixels(run, "a house easyneg")
    assert differ(base, with_word)
    (use,) = result.networks
    assert (use.type, use.name, use.file, use.applied, use.total) == ("textual_inversion", "easyneg", "easyneg.safetensors", 2, 2)
    assert use.parts == {"text encoder": 2}
    assert result.comments == ()
    again, result = pixels(run, "a house")
    assert np.array_equal(again, base)
    assert result.networks == ()


def test_the_word_is_no_text(run, host, tmp_path):
    word, _ = pixels(run, "a house both")
    (host.paths.embeddings / "both.safetensors").rename(tmp_path / "kept.safetensors")
    host.models.refresh("embeddings")
    try:
        text, _ = pixels(run, "a house both")
    finally:
        (tmp_path / "kept.safetensors").rename(host.paths.embeddings / "both.safetensors")
        host.models.refresh("embeddings")
    assert differ(word, text)


def test_names_match_on_tokens_whatever_case_and_blanks(run):
    one, result = pixels(run, "a tom\n CAT on a mat")
    other, _ = pixels(run, "a Tom Cat on a mat")
    assert [use.name for use in result.networks] == ["Tom Cat"]
    assert np.array_equal(one, other)
    for absent in ("a tom (cat:1.1) on a mat", "a tomcatfish", "tom, cat"):
        assert pixels(run, absent)[1].networks == ()


def test_weights_and_negative_prompts(run):
    plain, _ = pixels(run, "a house easyneg")
    weighted, result = pixels(run, "a house (easyneg:1.5)")
    base, _ = pixels(run, "a house", negative_prompt="rain")
    negative, told = pixels(run, "a house", negative_prompt="easyneg, rain")
    assert differ(plain, weighted, base, negative)
    assert [use.name for use in (*result.networks, *told.networks)] == ["easyneg", "easyneg"]


def test_scheduling_shows_one_after_the_other(run):
    first, _ = pixels(run, "a house easyneg", steps=4)
    last, _ = pixels(run, "a house both", steps=4)
    changing, result = pixels(run, "a house [easyneg:both:0.5]", steps=4)
    assert differ(first, last, changing)
    assert [use.name for use in result.networks] == ["easyneg", "both"]
    composed, told = pixels(run, "a house easy[neg:dog:0.5]", steps=4)
    assert [use.name for use in told.networks] == ["easyneg"]
    assert differ(composed, first)
    _, unseen = pixels(run, "a house [dog:easyneg:9.0]", steps=4)
    assert unseen.networks == ()


def test_hashes_stand_in_the_infotext_of_the_pictures_that_used_them(run, host):
    _, result = pixels(run, "a house easyneg", negative_prompt="Tom Cat")
    fields = parse_infotext(result.images[0].infotext)
    sha256 = {record.stem: host.models.with_known_hash(record).sha256 for record in host.models.records("embeddings")}
    assert fields["TI hashes"] == f"easyneg: {sha256['easyneg'][:12]}, Tom Cat: {sha256['Tom Cat'][:12]}"
    _, without = pixels(run, "a house easyneg", settings={"textual_inversion_add_hashes_to_infotext": False})
    assert "TI hashes" not in without.images[0].infotext
    _, next_one = pixels(run, "a house both")
    assert list(parse_infotext(next_one.images[0].infotext)["TI hashes"].split(":"))[0] == "both"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("toowide", "its vectors are 768 wide, and this checkpoint reads 32"),
        ("forxl", "its vectors are 32 and 32 wide"),
        ("terms", "several terms"),
    ],
)
def test_what_does_not_fit_is_told_when_it_is_named(run, word, reason):
    _, result = pixels(run, f"a house {word}")
    assert any(word in comment and reason in comment for comment in result.comments)
    assert [(use.name, use.applied) for use in result.networks] == [(word, 0)]
    _, quiet = pixels(run, "a house")
    assert quiet.comments == ()


def test_of_one_name_the_file_that_fits_is_used(run):
    _, small = pixels(run, "a house both")
    _, large = pixels(run, "a house both", checkpoint="tinyxl", steps=1)
    assert [use.file for use in (*small.networks, *large.networks)] == ["both.safetensors", "xl/both.safetensors"]
    assert small.comments == large.comments == ()
    _, twice = pixels(run, "a house twice")
    assert any("sub/twice.safetensors" in comment for comment in twice.comments)


def test_sdxl_reads_both_halves(run):
    base, _ = pixels(run, "a house", checkpoint="tinyxl")
    word, result = pixels(run, "a house forxl", checkpoint="tinyxl")
    assert differ(base, word)
    (use,) = result.networks
    assert (use.applied, use.parts) == (8, {"text encoder": 4, "text encoder 2": 4})


def test_a_refiner_that_cannot_read_a_word_says_so_and_the_first_report_stands(run):
    refiner = {"refiner": {"checkpoint": "tinyxl", "switch_at": 0.5}}
    _, result = pixels(run, "a house easyneg", steps=4, params=refiner)
    (use,) = result.networks
    assert (use.name, use.applied, use.total) == ("easyneg", 2, 2)
    (comment,) = [comment for comment in result.comments if "easyneg" in comment]
    assert "part of the steps" in comment and "this checkpoint reads 32 and 32" in comment


def test_only_texts_with_other_words_are_encoded_again(run, monkeypatch):
    encoded = []
    real = StableDiffusionModel.encode_prompts

    def encode(self, texts, options):
        encoded.append(tuple(texts))
        return real(self, texts, options)

    monkeypatch.setattr(StableDiffusionModel, "encode_prompts", encode)
    pixels(run, "one easyneg", negative_prompt="cached")
    pixels(run, "two easyneg", negative_prompt="cached")
    assert encoded.count(("cached",)) == 1
    pixels(run, "three", negative_prompt="cached")
    assert encoded.count(("cached",)) == 2


def test_a_changed_file_is_read_again(run, host):
    path = host.paths.embeddings / "changing.safetensors"
    write_embedding(path, {"emb_params": 32}, seed=20)
    host.models.refresh("embeddings")
    before, _ = pixels(run, "a changing house")
    write_embedding(path, {"emb_params": 32}, vectors=3, seed=21)
    host.models.refresh("embeddings")
    after, _ = pixels(run, "a changing house")
    path.unlink()
    host.models.refresh("embeddings")
    assert differ(before, after)


def test_embeddings_in_a_lora_are_words_while_it_is_in_the_prompt(run):
    base, _ = pixels(run, "a inner house")
    told, result = pixels(run, "a inner house<lora:withword:1>")
    assert differ(base, told)
    assert ("textual_inversion", "inner", "withword.safetensors") in [(use.type, use.name, use.file) for use in result.networks]
    assert 'TI hashes: "inner: withword"' in result.images[0].infotext or "TI hashes: inner: withword" in result.images[0].infotext
    assert any("broken" in comment and "withword.safetensors" in comment for comment in result.comments)
    _, silent = pixels(run, "a inner house<lora:withword:1>", settings={"lora_bundled_ti_to_infotext": False})
    assert "TI hashes" not in silent.images[0].infotext
    again, _ = pixels(run, "a inner house")
    assert np.array_equal(base, again)
    panel = {"additional_networks": {"enabled": True, "networks": [{"model": "withword"}]}}
    by_panel, result = pixels(run, "a inner house", params=panel)
    assert np.array_equal(by_panel, told)
    assert "TI hashes: inner: withword" in result.images[0].infotext.replace('"', "")


def test_other_extensions_name_files_and_embeddings_by_the_declared_hooks(run):
    class Names:
        passes = 0

        @hookimpl
        def find_used_files(self, context, run):
            return [("another name", run.host.models.find("lora", "withword"))]

        @hookimpl
        def find_embeddings(self, context, run):
            self.passes += 1
            return []

    names = Names()
    base, _ = pixels(run, "a inner house")
    run.host.hooks.register("names", names)
    try:
        found, result = pixels(run, "a inner house")
    finally:
        run.host.hooks.unregister("names")
    assert differ(base, found) and names.passes
    assert ("inner", "withword.safetensors") in [(use.name, use.file) for use in result.networks]
