"""Where VAE files are found, under which names, and what tells for which checkpoints they are."""

from __future__ import annotations

import pytest

from app.api import ModelRecord, UserError
from app.testing.hosts import temporary_host
from app.testing.web import running_client
from extensions.vae.family import other_family
from extensions.vae.files import forced_file, preference_of, vae_files

EXTENSIONS = ("vae", "stable_diffusion")


def put(*places):
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no model")


@pytest.fixture
def models(tmp_path):
    return tmp_path / "data" / "models"


@pytest.fixture
def make(tmp_path):
    """Make a host over what lies there, with these flags."""
    (tmp_path / "data").mkdir()
    return lambda **flags: temporary_host(tmp_path / "data", EXTENSIONS, options={"flags": flags})


def test_both_places_in_natural_order_and_no_vae_among_the_checkpoints(make, models):
    vae, beside = models / "VAE", models / "Stable-diffusion"
    put(vae / "v10.safetensors", vae / "sub" / "v2.pt", vae / "V1.ckpt", vae / "notes.txt")
    put(
        beside / "model.safetensors",
        beside / "model.VAE.safetensors",
        beside / "deep" / "other.vae.pt",
        beside / "x.vae.ckpt",
        beside / "y.pt",
    )
    host = make()
    assert list(vae_files(host)) == ["model.VAE.safetensors", "other.vae.pt", "V1.ckpt", "v2.pt", "v10.safetensors", "x.vae.ckpt"]
    assert [record.name for record in host.models.records("checkpoint")] == ["model.safetensors"]


def test_of_equal_names_the_one_that_a1111_reads_last_counts(make, models, tmp_path):
    more_vae, more_checkpoints = tmp_path / "vae", tmp_path / "checkpoints"
    here = [models / "Stable-diffusion", models / "VAE" / "sub", more_checkpoints, more_vae]
    for last in range(1, len(here) + 1):
        put(here[last - 1] / "same.vae.pt")
        host = make(**{"vae-dir": [str(more_vae)], "ckpt-dir": [str(more_checkpoints)]})
        assert vae_files(host)["same.vae.pt"].path == str(here[last - 1] / "same.vae.pt")


def test_a_forced_file_lies_anywhere(make, tmp_path):
    put(tmp_path / "mine.pt")
    record = forced_file(make(**{"vae-path": str(tmp_path / "mine.pt")}))
    assert record is not None and (record.name, record.path) == ("mine.pt", str(tmp_path / "mine.pt"))
    assert forced_file(make()) is None
    with pytest.raises(UserError, match=r"gone\.pt: there is no such file"):
        forced_file(make(**{"vae-path": str(tmp_path / "gone.pt")}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"vae": "a.pt", "notes": "x"}', "a.pt"),
        ("\ufeff" + '{"vae": "b.pt"}', "b.pt"),
        ("{}", ""),
        ('{"vae": null}', ""),
        ("[1]", ""),
        ("{", ""),
        ('{"vae": 3}', ""),
    ],
)
def test_what_a_sidecar_says(text, expected, tmp_path):
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    assert preference_of(tmp_path / "model.safetensors") == expected
    assert preference_of(tmp_path / "other.safetensors") == ""


def test_the_setting_offers_what_lies_there_and_looks_anew(make, models):
    put(models / "VAE" / "one.pt")
    host = make()
    choices = host.settings.options["sd_vae"].choices
    assert choices is not None and choices.refresh is not None
    assert list(choices.listed()) == ["Automatic", "None", "one.pt"]
    put(models / "VAE" / "two.pt")
    choices.refresh()
    assert list(choices.listed()) == ["Automatic", "None", "one.pt", "two.pt"]


def test_the_routes_of_a1111(make, models):
    put(models / "VAE" / "one.pt")
    with running_client(make()) as client:
        assert client.get("/sdapi/v1/sd-vae").json() == [{"model_name": "one.pt", "filename": str(models / "VAE" / "one.pt")}]
        put(models / "Stable-diffusion" / "two.vae.pt")
        assert client.post("/sdapi/v1/refresh-vae").json() is None
        assert [item["model_name"] for item in client.get("/sdapi/v1/sd-vae").json()] == ["one.pt", "two.vae.pt"]


@pytest.mark.parametrize(
    ("name", "metadata", "family", "warns"),
    [
        ("sdxl_vae.safetensors", {}, "sd1", True),
        ("sdxl_vae.safetensors", {}, "sdxl", False),
        ("kl.safetensors", {"modelspec.architecture": "stable-diffusion-xl-v1/vae"}, "sd2", True),
        ("sdxl.safetensors", {"modelspec.architecture": "stable-diffusion-v1/vae"}, "sdxl-refiner", True),
        ("sdxl.safetensors", {"modelspec.architecture": "stable-diffusion-v1/vae"}, "sd2", False),
        ("kl.safetensors", {}, "sdxl", False),
        ("sdxl_vae.safetensors", {}, "another", False),
    ],
)
def test_a_vae_of_another_family_is_told(name, metadata, family, warns):
    record = ModelRecord(path=f"/x/{name}", folder_kind="vae", name=name, size_bytes=1, mtime_ns=1, metadata=metadata)
    assert ("colours will be wrong" in other_family(record, family)) is warns
