"""The plot that people make after a training: one axis for the saved states of a LoRA, one for its strength."""

from __future__ import annotations

import uuid
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, Job, JobImage, LoadOptions, ScriptRequest, UserError, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.lora.testing import write_lora
from extensions.stable_diffusion.testing import write_checkpoint

STATES = ("000001", "000002", "000003")
EXAMPLE = {
    "x_type": "Prompt S/R",
    "x_values": "NUM,000001,000002,000003",
    "y_type": "Prompt S/R",
    "y_values": "STRENGTH,0.3,0.5,0.6,0.7,0.8,0.9,1",
}
"""As guides to training have it: in the first column and the first row stand the words themselves, which name no file and no number."""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("plot")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "tiny.safetensors")
    extensions = ("xyz_plot", "lora", "additional_networks", "stable_diffusion", "samplers", "noise_schedules", "checkpoints")
    built = temporary_host(data, extensions, role="worker", options={"hash_models": False})
    with built.running():
        run = RecordingRun(built)
        with run.weights.pin(str(folder / "tiny.safetensors"), LoadOptions(device="cpu")) as model:
            for size, state in enumerate(STATES, start=1):
                write_lora(data / "models" / "Lora" / f"test-{state}.safetensors", model.modules(), ["unet.conv_in"], size=size)
        yield built


def draw(host, prompt, **params):
    request = GenerationRequest(prompt=prompt, seed=3, steps=1, sampler="Euler", width=64, height=64)
    asked = ScriptRequest(script="xyz_plot", form="txt2img", request=request, params={"include_lone_images": True, **params}, salt="s")
    kind = host.job_kinds.get("script")
    kind.check(asked)
    run = RecordingRun(host, {"live_previews_enable": False})
    run.job = Job(id=uuid.uuid4().hex, kind="script", owner="", created=0.0)
    return kind.run(run, asked), run


def drawn(result):
    return [image for image in result.images if image.kind == "sample"]


def test_the_example_works_as_typed(host):
    result, run = draw(host, "a house <lora:test-NUM:STRENGTH>", **EXAMPLE)
    assert result.info["cells"] == 4 * 8 == result.info["cells_drawn"] == len(drawn(result)) and result.info["failed"] == []
    named = Counter(parse_infotext(image.infotext)["Prompt"] for image in drawn(result))
    assert named["a house"] == 8 + 4 - 1 and named["a house <lora:test-000002:0.7>"] == 1 and len(named) == 1 + 3 * 7
    pictures = {image.prompt: np.asarray(Image.open(image.path)).tobytes() for image in drawn(result)}
    kinds = ["a house ", *(f"a house <lora:test-{state}:{strength}>" for state in STATES for strength in ("0.3", "1"))]
    assert len({pictures[prompt] for prompt in kinds}) == 1 + 3 * 2
    assert len([event for event in run.reported(JobImage) if event.image.kind == "sample"]) == 1 + 3 * 7
    assert {network.name for network in result.networks} == {f"test-{state}" for state in STATES}
    assert any("test-NUM" in comment and "without the tag" in comment for comment in run.comments)
    grid = Image.open(result.images[0].path)
    assert result.images[0].kind == "grid" and grid.width > 4 * 64 and grid.height > 8 * 64


def test_files_and_strengths_are_axes_too(host):
    files = ["None", "test-000001", "test-000003"]
    result, _ = draw(host, "a house", x_type="LoRA weight", x_values="0,1", y_type="LoRA", y_values_dropdown=files)
    prompts = [image.prompt for image in drawn(result)]
    tagged = [f"a house<lora:{file}:{strength}>" for file in files[1:] for strength in (0, 1)]
    assert sorted(set(prompts)) == ["a house", *tagged]
    pictures = {image.prompt: np.asarray(Image.open(image.path)).tobytes() for image in drawn(result)}
    assert pictures["a house"] == pictures["a house<lora:test-000001:0>"] != pictures["a house<lora:test-000001:1>"]
    with pytest.raises(UserError, match="X axis, LoRA: There is no LoRA 'gone'"):
        draw(host, "a house", x_type="LoRA", x_values="gone")
    with pytest.raises(UserError, match="X axis, LoRA weight: The prompt names no LoRA"):
        draw(host, "a house", x_type="LoRA weight", x_values="1")


def test_rows_of_additional_networks_are_axes(host):
    axes = {
        "x_type": "AddNet Model 2", "x_values": "test-000001,None", "y_type": "AddNet Weight 2", "y_values": "0.5,1",
        "z_type": "AddNet TEnc Weight 2", "z_values": "0,0.25",
    }  # fmt: skip
    result, _ = draw(host, "a house", **axes)
    assert result.info["failed"] == []
    said = [parse_infotext(image.infotext) for image in drawn(result)]
    found = Counter(tuple(items.get(f"AddNet {name} 1") for name in ("Weight A", "Weight B")) for items in said)
    assert found == {(None, None): 4, ("0.5", "0"): 1, ("1", "0"): 1, ("0.5", "0.25"): 1, ("1", "0.25"): 1}
    assert {items["AddNet Model 1"].partition("(")[0] for items in said if "AddNet Model 1" in items} == {"test-000001"}
    pixels = [np.asarray(Image.open(image.path)) for image in drawn(result)]
    assert len({each.tobytes() for each in pixels}) >= 3


@pytest.mark.parametrize(
    ("axis", "values", "words"), [("AddNet Model 1", "nobody", "nobody"), ("AddNet Weight 5", "0.5,11", "11.0 is no weight of a network")]
)
def test_what_a_row_cannot_be_is_told_before_anything_is_drawn(host, axis, values, words):
    with pytest.raises(UserError, match=words):
        draw(host, "a house", x_type=axis, x_values=values)
