"""Merged checkpoints hold what a plain computation gives, say how they were made, and appear whole or not at all."""

from __future__ import annotations

import functools
import json
import threading
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from app.api import WorkerStatus
from app.testing.web import running_client, with_tiny_worker
from extensions.checkpoint_merger.recipe import legacy_hash
from extensions.stable_diffusion.testing import vae_tensors

ROUTE = "/paintbox/v1/models/merge"
UNET = "model.diffusion_model."
FIRST = UNET + "input_blocks.0.0.weight"
SHAPES = {
    UNET + "time_embed.0.weight": (8, 4),
    FIRST: (8, 4, 3, 3),
    UNET + "input_blocks.1.0.weight": (8, 8),
    UNET + "middle_block.0.weight": (8, 8),
    UNET + "output_blocks.0.0.weight": (8, 8),
    UNET + "out.2.weight": (4, 8),
    "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight": (6, 5),
    "first_stage_model.decoder.conv_in.weight": (3, 4),
    "alphas_cumprod": (10,),
}
POSITIONS = "cond_stage_model.transformer.text_model.embeddings.position_ids"


def random_tensors(seed, dtype=torch.float16, shapes=SHAPES):
    generator = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape, generator=generator).to(dtype) for name, shape in shapes.items()}
    return {**tensors, POSITIONS: torch.arange(seed, seed + 7).unsqueeze(0)}


@pytest.fixture
def site(make_host):
    host = make_host("checkpoint_merger", "stable_diffusion", "vae")
    executor = with_tiny_worker(host)
    folder = Path(host.paths.models) / "Stable-diffusion"
    (folder / "sub").mkdir(parents=True)
    with running_client(host) as client:
        yield Site(client, host, folder, executor)


class Site:
    def __init__(self, client, host, folder, executor):
        self.client, self.host, self.folder, self.executor = client, host, folder, executor

    def write(self, name, tensors, metadata=None):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".safetensors":
            save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, str(path), metadata)
        else:
            torch.save({"state_dict": tensors, "epoch": 3}, path)
        self.host.models.refresh()

    def ask(self, **body):
        return self.client.post(ROUTE, json=body)

    def merge(self, **body):
        """(job, tensors, metadata) of a merge that is to succeed."""
        answer = self.ask(**body)
        assert answer.status_code == 202, answer.text
        job = self.host.jobs.wait(answer.json()["job"], 60)
        assert job.state == "done", job.error
        path = job.result.info["path"]
        with safe_open(path, "pt") as file:
            return job, load_file(path), file.metadata()

    def files(self):
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


def close(result, expected):
    torch.testing.assert_close(result.float(), expected.float(), rtol=1e-3, atol=1e-3)


def test_weighted_sum_with_name_recipe_and_place_in_the_list(site):
    first, second = random_tensors(1), random_tensors(2)
    site.write("a.safetensors", first, {"title": "A's", "author": "me", "sshs_model_hash": "old"})
    site.write("sub/b.safetensors", second, {"title": "B's", "sd_merge_models": json.dumps({"0f": {"name": "older"}})})
    job, merged, metadata = site.merge(primary="a", secondary="sub/b.safetensors")
    assert job.result.info["name"] == "0.7(a) + 0.3(sub_b).safetensors"
    for name in SHAPES:
        close(merged[name], first[name] if name == "alphas_cumprod" else 0.7 * first[name].float() + 0.3 * second[name].float())
        assert merged[name].dtype is torch.float16
    assert merged[POSITIONS].equal(first[POSITIONS])
    record = site.host.models.find("checkpoint", job.result.info["name"])
    assert record.sha256 == job.result.info["sha256"] and record.size_bytes == job.result.info["size_bytes"]
    a, b = (site.host.models.find("checkpoint", name) for name in ("a", "sub/b"))
    recipe = json.loads(metadata["sd_merge_recipe"])
    assert recipe == {
        "type": "webui",
        "primary_model_hash": a.sha256,
        "secondary_model_hash": b.sha256,
        "tertiary_model_hash": None,
        "interp_method": "Weighted sum",
        "multiplier": 0.3,
        "save_as_half": False,
        "custom_name": "",
        "config_source": 0,
        "bake_in_vae": "None",
        "discard_weights": "",
        "is_inpainting": False,
        "is_instruct_pix2pix": False,
    }
    models = json.loads(metadata["sd_merge_models"])
    assert models["0f"] == {"name": "older"}
    assert models[b.sha256] == {"name": "sub/b.safetensors", "legacy_hash": legacy_hash(Path(b.path)), "sd_merge_recipe": None}
    assert (metadata["title"], metadata["author"], metadata["format"]) == ("B's", "me", "pt")
    assert "sshs_model_hash" not in metadata
    assert record.metadata["sd_merge_recipe"] == metadata["sd_merge_recipe"]


def test_add_difference_where_b_and_c_lack_tensors(site):
    lacks = UNET + "middle_block.0.weight"
    gone = UNET + "output_blocks.0.0.weight"
    first, second, third = random_tensors(1), random_tensors(2), random_tensors(3)
    del second[gone], third[lacks]
    for name, tensors in (("a", first), ("b", second), ("c", third)):
        site.write(f"{name}.safetensors", tensors)
    job, merged, _ = site.merge(primary="a", secondary="b", tertiary="c", method="Add difference", multiplier=0.5, save_metadata=False)
    assert job.result.info["name"] == "a + 0.5(b - c).safetensors"
    for name in SHAPES:
        kept = name in (lacks, gone, "alphas_cumprod")
        close(merged[name], first[name] if kept else first[name].float() + (second[name].float() - third[name].float()) * 0.5)
    assert any("b.safetensors lacks 1" in comment for comment in job.result.comments)
    assert any("c.safetensors lacks 1" in comment for comment in job.result.comments)


def test_number_formats_are_mixed_as_torch_mixes_them(site):
    half, brain, full = (random_tensors(1, dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32))
    for name, tensors in (("half", half), ("brain", brain), ("full", full)):
        site.write(f"{name}.safetensors", tensors)
    site.write("old.ckpt", random_tensors(2, torch.float32))
    cases = {
        ("half", "brain", ""): torch.float32,
        ("half", "old.ckpt", "float16"): torch.float16,
        ("brain", "full", "bfloat16"): torch.bfloat16,
    }
    for number, ((first, second, save_as), dtype) in enumerate(cases.items()):
        _, merged, _ = site.merge(primary=first, secondary=second, save_as=save_as, custom_name=f"mixed {number}")
        assert merged[FIRST].dtype is dtype and merged[POSITIONS].dtype is torch.int64
        assert merged["alphas_cumprod"].dtype is (dtype if save_as else torch.float16)


def test_pickles_with_old_names_are_merged(site):
    old = "cond_stage_model.transformer.encoder.layers.0.mlp.fc1.weight"
    new = "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight"
    first, second = random_tensors(1, torch.float32), random_tensors(2, torch.float32)
    site.write("a.safetensors", first)
    site.write("b.ckpt", {old if name == new else name: tensor for name, tensor in second.items()})
    _, merged, _ = site.merge(primary="a", secondary="b.ckpt", multiplier=0.25)
    close(merged[new], 0.75 * first[new] + 0.25 * second[new])


@pytest.mark.parametrize(
    ("channels", "suffix", "field"), [(9, "inpainting", "is_inpainting"), (8, "instruct-pix2pix", "is_instruct_pix2pix")]
)
def test_the_channels_that_only_a_has_stay(site, channels, suffix, field):
    first, second = random_tensors(1, shapes={**SHAPES, FIRST: (8, channels, 3, 3)}), random_tensors(2)
    site.write("a.safetensors", first)
    site.write("b.safetensors", second)
    job, merged, metadata = site.merge(primary="a", secondary="b", multiplier=0.5, custom_name="mine")
    assert job.result.info["name"] == f"mine.{suffix}.safetensors"
    close(merged[FIRST][:, :4], (first[FIRST][:, :4].float() + second[FIRST].float()) / 2)
    assert merged[FIRST][:, 4:].equal(first[FIRST][:, 4:])
    assert json.loads(metadata["sd_merge_recipe"])[f"is_{suffix.replace('-', '_')}"] is True
    refused = site.ask(primary="b", secondary="a")
    assert refused.status_code == 422 and refused.json()["field"] == "primary" and suffix in refused.text


def test_no_interpolation_bakes_discards_and_halves(site):
    first = random_tensors(1, torch.float32)
    site.write("a.safetensors", first)
    vae = {"decoder.conv_in.weight": torch.ones(3, 4), "loss.x": torch.ones(1), "encoder.other.weight": torch.ones(1)}
    (site.folder.parent / "VAE").mkdir()
    save_file(vae, str(site.folder.parent / "VAE" / "v.safetensors"))
    (site.folder / "a.yaml").write_text("model: {}")
    options = {"method": "No interpolation", "save_as": "float16", "bake_in_vae": "v.safetensors", "discard_weights": "middle|^alphas"}
    job, merged, metadata = site.merge(primary="a", custom_name="sub/baked", **options)
    assert merged.keys() == first.keys() - {UNET + "middle_block.0.weight", "alphas_cumprod"}
    assert merged["first_stage_model.decoder.conv_in.weight"].equal(torch.ones(3, 4).half())
    close(merged[FIRST], first[FIRST])
    assert job.result.info["config"] == "baked.yaml" and (site.folder / "sub" / "baked.yaml").read_text() == "model: {}"
    assert any("encoder.other.weight" in comment for comment in job.result.comments)
    recipe = json.loads(metadata["sd_merge_recipe"])
    assert (recipe["bake_in_vae"], recipe["save_as_half"], recipe["secondary_model_hash"]) == ("v.safetensors", True, None)


def test_every_block_has_its_own_weight(site):
    first, second = random_tensors(1), random_tensors(2)
    site.write("a.safetensors", first)
    site.write("b.safetensors", second)
    outlook = site.client.post(f"{ROUTE}/outlook", json={"primary": "a", "secondary": "b"}).json()
    assert outlook["blocks"] == ["BASE", "IN00", "IN01", "M00", "OUT00"] and outlook["tensors"] == len(first)
    weights = {"time_embed": 0.1, "input_blocks.0": 0.1, "input_blocks.1": 0.2, "middle": 0.4, "output_blocks": 1.0, ".out.": 1.0}
    for number, text in enumerate(("0.5, 0.1, 0.2, 0.4, 1", "0.1 0.2\n0.4 1")):
        _, merged, metadata = site.merge(primary="a", secondary="b", multiplier=0.5, block_weights=text, custom_name=f"blocks {number}")
        for name in set(SHAPES) - {"alphas_cumprod"}:
            weight = next((value for part, value in weights.items() if part in name.replace(UNET, ".")), 0.5)
            close(merged[name], (1 - weight) * first[name].float() + weight * second[name].float())
        assert json.loads(metadata["sd_merge_recipe"])["block_weights"] == text
    for text in ("1, 2, 3", "a, b, c, d", "nan 1 1 1"):
        refused = site.ask(primary="a", secondary="b", block_weights=text)
        assert refused.status_code == 422 and refused.json()["field"] == "block_weights"


def test_what_cannot_be_merged_is_refused_before_it_is_queued(site):
    site.write("a.safetensors", random_tensors(1))
    site.write("b.safetensors", random_tensors(2))
    site.write("wide.safetensors", random_tensors(3, shapes={**SHAPES, UNET + "middle_block.0.weight": (8, 9)}))
    site.write("scaled.safetensors", {**random_tensors(3), "x.scale_weight": torch.ones(1)})
    both = {"primary": "a", "secondary": "b"}
    cases = [
        ({"primary": "nobody", "secondary": "b"}, 404, "primary", "nobody"),
        ({"primary": "a"}, 422, "secondary", "secondary"),
        ({**both, "method": "Add difference"}, 422, "tertiary", "tertiary"),
        ({**both, "discard_weights": "("}, 422, "discard_weights", "regular expression"),
        ({**both, "custom_name": "a"}, 422, "custom_name", "already"),
        ({**both, "custom_name": "../x"}, 422, "custom_name", "../x"),
        ({**both, "custom_name": "no/where"}, 422, "custom_name", "no"),
        ({**both, "bake_in_vae": "none.pt"}, 404, "bake_in_vae", "none.pt"),
        ({**both, "metadata_json": "[1]"}, 422, "metadata_json", "object"),
        ({**both, "checkpoint_format": "ckpt"}, 422, "checkpoint_format", "pickle"),
        ({**both, "multiplier": 1.5}, 422, None, "multiplier"),
        ({"primary": "a", "secondary": "wide"}, 422, "secondary", "middle_block"),
        ({"primary": "a", "secondary": "scaled"}, 422, "secondary", "scale_weight"),
    ]
    before = site.files()
    for body, status, field, words in cases:
        answer = site.ask(**body)
        assert (answer.status_code, answer.json().get("field")) == (status, field), (body, answer.text)
        assert words in answer.text
    assert site.files() == before


def test_a_cancelled_merge_leaves_nothing(site):
    site.write("a.safetensors", random_tensors(1))
    site.write("b.safetensors", random_tensors(2))
    site.executor.hold.clear()
    site.executor.free_checks = 5
    job = site.ask(primary="a", secondary="b", custom_name="half done").json()["job"]
    while not any(name.endswith(".part") for name in site.files()):
        assert site.host.jobs.get(job).state in ("queued", "running")
    site.client.delete(f"/paintbox/v1/jobs/{job}")
    assert site.host.jobs.wait(job, 30).state == "cancelled"
    assert site.files() == ["a.safetensors", "b.safetensors"]


EARLY = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}


def early_name(name):
    return functools.reduce(lambda text, pair: text.replace(*pair), EARLY.items(), name)


@pytest.mark.parametrize("early", [False, True])
def test_a_vae_in_the_layout_of_diffusers_is_baked_in(site, early):
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    vae = {f"first_stage_model.{name}": torch.from_numpy(array) for name, array in vae_tensors().items()}
    kinds = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    converted = convert_ldm_vae_checkpoint(dict(vae), kinds)
    if early:
        converted = {early_name(name): value for name, value in converted.items()}
    site.write("a.safetensors", {**random_tensors(1), **{name: torch.zeros_like(value) for name, value in vae.items()}})
    (site.folder.parent / "VAE").mkdir()
    save_file({name: value.contiguous() for name, value in converted.items()}, str(site.folder.parent / "VAE" / "v.safetensors"))
    job, merged, _ = site.merge(primary="a", method="No interpolation", bake_in_vae="v.safetensors", custom_name="baked")
    assert job.result.comments == ()
    for name, value in vae.items():
        assert merged[name].shape == value.shape and merged[name].equal(value), name


def test_an_expression_that_leaves_nothing_is_told(site):
    site.write("a.safetensors", random_tensors(1))
    job = site.ask(primary="a", method="No interpolation", discard_weights=".", custom_name="x").json()["job"]
    failed = site.host.jobs.wait(job, 30)
    assert failed.state == "failed" and "No tensor is left" in failed.error and failed.result.error_field == "discard_weights"


def test_numbers_that_float16_cannot_hold_are_told(site):
    first = random_tensors(1, torch.float32)
    first[FIRST][0, 0, 0, 0] = 1e6
    site.write("a.safetensors", first)
    job, _, _ = site.merge(primary="a", method="No interpolation", save_as="float16", custom_name="narrow")
    assert any(FIRST in comment and "float16" in comment for comment in job.result.comments)


def test_the_notes_of_several_files_are_read_together(site):
    site.write("a.safetensors", random_tensors(1), {"one": "1", "both": "a"})
    site.write("b.safetensors", random_tensors(2), {"both": "b"})
    answer = site.client.get(f"{ROUTE}/metadata", params={"model": ["a", "b", ""]})
    assert answer.json()["metadata"] == {"one": "1", "both": "b"}
    assert site.client.get(f"{ROUTE}/metadata", params={"model": "gone"}).status_code == 404


@pytest.mark.e2e
def test_an_expression_that_never_ends_holds_up_nobody_but_the_worker(make_host):
    host = make_host("checkpoint_merger", "stable_diffusion", "vae", "local_executor", nowebui=True, preload_model=False)
    folder = Path(host.paths.models) / "Stable-diffusion"
    folder.mkdir(parents=True)
    save_file({**random_tensors(1), "model." + "a" * 60: torch.ones(1)}, str(folder / "a.safetensors"))
    endless = {"primary": "a", "method": "No interpolation", "discard_weights": "(a+)+$b", "custom_name": "x", "save_metadata": False}
    with running_client(host) as client:
        reached = {"busy": threading.Event(), "stopped": threading.Event()}

        def watch(event):
            if isinstance(event, WorkerStatus) and event.state in reached:
                reached[event.state].set()

        host.jobs.subscribe(watch)
        host.settings.set({"worker_kill_after_s": 1.0})
        assert client.post(f"{ROUTE}/outlook", json=endless).json()["name"] == "x.safetensors", "which never tries the expression"
        job = client.post(ROUTE, json=endless).json()["job"]
        assert reached["busy"].wait(120)
        client.delete(f"/paintbox/v1/jobs/{job}")
        assert host.jobs.wait(job, 120).state == "cancelled" and reached["stopped"].wait(60)
        again = client.post(ROUTE, json={**endless, "discard_weights": "^alphas"}).json()["job"]
        assert host.jobs.wait(again, 120).state == "done"
        assert [path.name for path in sorted(folder.iterdir())] == ["a.safetensors", "x.safetensors"]
