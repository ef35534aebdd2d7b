"""ComfyUI's graphs become infotexts; hostile ones become nothing, quickly."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.api import parse_infotext
from extensions.comfyui_metadata.reading import read_comfyui


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


def default_graph(**changes: dict[str, Any]) -> dict[str, Any]:
    """ComfyUI's own first example, with a LoRA."""
    return {
        "3": node(
            "KSampler", seed=156680208700286, steps=25, cfg=6.5, sampler_name="dpmpp_2m", scheduler="karras", denoise=1,
            model=["10", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", ckpt_name="sd15\\dreamshaper_8.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "6": node("CLIPTextEncode", text="a bottle, galaxy", clip=["11", 0]),
        "7": node("CLIPTextEncode", text="text, watermark", clip=["11", 0]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
        "10": node("LoraLoader", lora_name="style.safetensors", strength_model=0.8, strength_clip=0.8, model=["4", 0], clip=["4", 1]),
        "11": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["10", 1]),
        **changes,
    }  # fmt: skip


def read(graph: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    reading = read_comfyui({"prompt": json.dumps(graph), "workflow": "{}"})
    assert reading is not None and reading.software == "ComfyUI"
    return parse_infotext(reading.infotext), reading.unread


def test_the_first_example() -> None:
    assert read(default_graph()) == (
        {
            "Prompt": "a bottle, galaxy <lora:style:0.8>", "Negative prompt": "text, watermark", "Steps": "25", "Sampler": "DPM++ 2M",
            "Schedule type": "Karras", "CFG scale": "6.5", "Seed": "156680208700286", "RNG": "CPU", "Clip skip": "2",
            "Model": "dreamshaper_8", "Size-1": "512", "Size-2": "768",
        },
        (),
    )  # fmt: skip


def test_weights_of_words_are_named() -> None:
    graph = default_graph(**{"6": node("CLIPTextEncode", text="a (bottle:1.2)", clip=["4", 1])})
    assert read(graph)[1] == ("weights of words as ComfyUI applies them",)


def test_a_webp_keeps_it_in_exif() -> None:
    reading = read_comfyui({"exif_make": "prompt:" + json.dumps(default_graph()), "exif_image_description": "workflow:{}"})
    assert reading is not None and "Steps: 25" in reading.infotext


def test_values_behind_links_are_found() -> None:
    changes = {
        "6": node("CLIPTextEncode", text=["20", 0], clip=["11", 0]),
        "20": node("Reroute", **{"": ["21", 0]}),
        "21": node("PrimitiveStringMultiline", value="from afar"),
        "30": node("Seed (rgthree)", seed=99),
    }
    graph = default_graph(**changes)
    graph["3"]["inputs"]["seed"] = ["30", 0]
    fields, unread = read(graph)
    assert (fields["Prompt"], fields["Seed"], unread) == ("from afar <lora:style:0.8>", "99", ())


def test_the_advanced_sampler_and_what_it_adds() -> None:
    advanced = node(
        "KSamplerAdvanced", add_noise="enable", noise_seed=5, steps=20, cfg=8, sampler_name="dpmpp_3m_sde_gpu", scheduler="normal",
        start_at_step=0, end_at_step=15, model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0],
    )  # fmt: skip
    fields, unread = read(default_graph(**{"3": advanced}))
    assert (fields["Seed"], fields["Sampler"], fields["Schedule type"]) == ("5", "DPM++ 3M SDE", "Normal")
    assert unread == ("the step at which sampling ended",)


def test_a_custom_sampler_in_parts() -> None:
    graph = default_graph(**{
        "3": node("SamplerCustomAdvanced", noise=["40", 0], guider=["41", 0], sampler=["42", 0], sigmas=["43", 0], latent_image=["5", 0]),
        "40": node("RandomNoise", noise_seed=7),
        "41": node("CFGGuider", cfg=4.5, model=["4", 0], positive=["6", 0], negative=["7", 0]),
        "42": node("KSamplerSelect", sampler_name="euler_ancestral"),
        "43": node("BasicScheduler", scheduler="beta", steps=12, denoise=1, model=["4", 0]),
    })  # fmt: skip
    fields, unread = read(graph)
    asked = ("Seed", "CFG scale", "Sampler", "Schedule type", "Steps", "Model", "Prompt", "Negative prompt")
    assert [fields[key] for key in asked] == ["7", "4.5", "Euler a", "Beta", "12", "dreamshaper_8", "a bottle, galaxy", "text, watermark"]
    assert unread == ()


def test_of_two_passes_the_first_one_counts_and_the_second_is_named() -> None:
    graph = default_graph(**{
        "8": node("VAEDecode", samples=["50", 0], vae=["52", 0]),
        "50": node("KSampler", seed=1, steps=9, cfg=3, sampler_name="euler", scheduler="simple", denoise=0.5, model=["4", 0],
                   positive=["6", 0], negative=["7", 0], latent_image=["51", 0]),
        "51": node("LatentUpscale", upscale_method="nearest-exact", width=1024, height=1536, samples=["3", 0]),
        "52": node("VAELoader", vae_name="vae-ft-mse.safetensors"),
    })  # fmt: skip
    fields, unread = read(graph)
    assert (fields["Steps"], fields["Size-1"], fields["VAE"]) == ("25", "512", "vae-ft-mse.safetensors")
    assert unread == ("a second pass (KSampler)",)


def test_a_start_from_a_picture_and_unknown_nodes_are_named() -> None:
    graph = default_graph(**{
        "5": node("VAEEncode", pixels=["60", 0], vae=["4", 2]),
        "60": node("LoadImage", image="x.png"),
        "10": node("FreeU_V2", b1=1.3, model=["4", 0]),
        "11": node("Anything", clip=["4", 1]),
    })  # fmt: skip
    graph["3"]["inputs"] |= {"denoise": 0.6, "sampler_name": "ddpm", "positive": ["61", 0]}
    graph["61"] = node("ControlNetApplyAdvanced", positive=["6", 0], negative=["7", 0], strength=1)
    fields, unread = read(graph)
    assert fields["Denoising strength"] == "0.6" and fields["Prompt"] == "a bottle, galaxy" and "Size-1" not in fields
    assert set(unread) == {
        "the sampler 'ddpm'", "the node FreeU_V2", "the node ControlNetApplyAdvanced", "the picture that it was started from",
    }  # fmt: skip


def test_an_infotext_in_the_same_picture_is_left_to_others() -> None:
    assert read_comfyui({"prompt": json.dumps(default_graph()), "parameters": "x\nSteps: 3, Size: 8x8, Seed: 1"}) is None


def test_loops_end() -> None:
    graph = default_graph(**{"6": node("CLIPTextEncode", text=["6", 0], clip=["11", 0]), "11": node("CLIPSetLastLayer", clip=["11", 0])})
    graph["3"]["inputs"] |= {"model": ["3", 0], "latent_image": ["3", 0], "seed": ["20", 0]}
    graph["20"] = node("Reroute", **{"": ["21", 0]})
    graph["21"] = node("Reroute", **{"": ["20", 0]})
    fields, _ = read(graph)
    assert "Seed" not in fields


def test_a_long_chain_and_a_bomb_of_brackets() -> None:
    chain = {str(n): node("Reroute", model=[str(n + 1), 0], conditioning=[str(n + 1), 0]) for n in range(100, 4900)}
    graph = default_graph(**chain)
    graph["3"]["inputs"] |= {"model": ["100", 0], "positive": ["100", 0]}
    assert read(graph)[0]["Steps"] == "25"
    assert read_comfyui({"prompt": '{"a":' * 100_000}) is None
    assert read_comfyui({"prompt": json.dumps({str(n): {} for n in range(6000)})}) is None


def test_others_are_left_alone() -> None:
    for text in ("", "a cat", "[]", '{"3": 5}', "{}", json.dumps({"1": node("SaveImage", images=["2", 0])})):
        assert read_comfyui({"prompt": text}) is None
    assert read_comfyui({}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats()
    | st.sampled_from(["", "a", "-2", "1e999", "x:<y>", "Negative prompt: x\ny", ["3", 0], ["6", 0], ["10", 0], ["5", 1]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "on", "lora", "strength"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
KINDS = st.sampled_from(
    "KSampler KSamplerAdvanced SamplerCustom SamplerCustomAdvanced CLIPTextEncode LoraLoader Reroute CheckpointLoaderSimple VAELoader"
    " CLIPSetLastLayer SaveImage".split()
    + ["Power Lora Loader (rgthree)"]
)
NAMES = st.sampled_from(
    "model positive negative latent_image seed steps cfg text clip guider sigmas sampler noise lora_name strength_model strength_clip"
    " samples width height stop_at_clip_layer".split()
    + [""]
)
NODES = st.fixed_dictionaries({"class_type": KINDS | JSON, "inputs": st.dictionaries(NAMES, JSON, max_size=8) | JSON})


@given(st.dictionaries(st.sampled_from(["3", "4", "5", "6", "7", "8", "9", "10"]), NODES | JSON, max_size=8))
def test_any_graph_is_read_or_left_alone(graph: dict[str, Any]) -> None:
    reading = read_comfyui({"prompt": json.dumps(graph)})
    assert reading is None or parse_infotext(reading.infotext) is not None
