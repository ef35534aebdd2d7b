"""Pictures drawn with aesthetic gradients: as the method is published, mixed as asked, and the encoder is what it was."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from app.api import GenerationRequest, JobStopped, LoadOptions, ModelFileError, UserError, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl, draw
from extensions.aesthetic_gradients.files import read_embedding
from extensions.aesthetic_gradients.mixing import mixed, slerped
from extensions.aesthetic_gradients.params import AestheticParams
from extensions.aesthetic_gradients.tuning import Goal, TunedEncoding, features_of, read_features, tuned_weights
from extensions.lora.testing import write_lora
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

EXTENSIONS = ("aesthetic_gradients", "lora", "stable_diffusion", "samplers", "noise_schedules", "checkpoints", "hires_fix", "refiner")
WIDTH = 32
RATE, STEPS = 0.01, 3
TOKENS = torch.tensor([[49406, 320, 1929, 49407, 49407, 49407], [49406, 1929, 49407, 49407, 49407, 49407]])
FAMILIES = {"tiny": "sd1", "tiny2": "sd2", "tinyxl": "sdxl"}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("aesthetic")
    checkpoints, embeddings = data / "models" / "Stable-diffusion", data / "models" / "aesthetic_embeddings"
    for folder in (checkpoints, embeddings / "sub", data / "models" / "CLIP"):
        folder.mkdir(parents=True)
    for name, family in FAMILIES.items():
        write_checkpoint(checkpoints / f"{name}.safetensors", TinyCheckpoint(family=family, text_layers=2))
    generator = torch.Generator().manual_seed(5)
    torch.save(torch.randn((1, WIDTH), generator=generator), embeddings / "soft.pt")
    save_file({"emb": torch.randn((3, WIDTH), generator=generator)}, str(embeddings / "sub" / "three.safetensors"))
    torch.save(torch.randn((1, 768), generator=generator), embeddings / "large.pt")
    torch.save({"a": torch.ones(WIDTH), "b": torch.ones(WIDTH)}, embeddings / "two.pt")
    torch.save(torch.zeros(1, WIDTH), embeddings / "nowhere.pt")
    save_file({"text_projection.weight": projection()}, str(data / "models" / "CLIP" / "clip_l.safetensors"))
    built = temporary_host(data, EXTENSIONS, role="worker", options={"hash_models": False})
    with built.running():
        yield built


def projection():
    return torch.randn((WIDTH, WIDTH), generator=torch.Generator().manual_seed(6)) / WIDTH**0.5


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


@pytest.fixture
def encoder(run, host):
    with run.weights.pin(checkpoint(host, "tiny"), LoadOptions(device="cpu")) as model:
        yield model.modules()["text_encoder"]


def checkpoint(host, name):
    return str(host.paths.models / "Stable-diffusion" / f"{name}.safetensors")


def pixels(run, prompt="a house", aesthetic=None, **fields):
    params = {"aesthetic_gradients": {"steps": STEPS, "learning_rate": RATE, "embedding": "soft", **(aesthetic or {})}}
    given = {"checkpoint": "tiny", "params": params, **fields}
    result = draw(run, GenerationRequest(prompt=prompt, seed=3, steps=2, width=64, height=64, save="spool", **given))
    return np.asarray(Image.open(result.images[0].path)), result


def differ(*pictures):
    return len({picture.tobytes() for picture in pictures}) == len(pictures)


def goal(steps=STEPS):
    return Goal(torch.nn.functional.normalize(torch.ones(1, WIDTH), dim=-1), projection(), steps, RATE)


def state_of(module):
    return {name: (tensor.data_ptr(), tensor.dtype, tensor.clone()) for name, tensor in module.named_parameters()}


def is_as_before(module, before):
    now = state_of(module)
    return now.keys() == before.keys() and all(
        now[name][:2] == before[name][:2] and torch.equal(now[name][2], before[name][2]) for name in now
    )


# --- the method ---


def published(encoder, tokens):
    """The method as the paper has it, on a copy of the whole encoder."""
    model = copy.deepcopy(encoder).float().requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(STEPS):
        last = model(input_ids=tokens).last_hidden_state
        features = last[torch.arange(len(tokens)), (tokens == 49407).int().argmax(-1)] @ projection().T
        similarity = (features / features.norm(dim=-1, keepdim=True)) @ goal().direction.T
        optimizer.zero_grad()
        (-similarity).mean().backward()
        optimizer.step()
    return dict(model.named_parameters())


def unlike(tuned, expected):
    """The names of weights that differ; the keys' biases have no gradient but rounding, which Adam makes steps of."""
    assert tuned.keys() == expected.keys()
    return [name for name in expected if "k_proj.bias" not in name and not torch.allclose(tuned[name], expected[name], atol=2e-5)]


def test_the_weights_are_those_of_the_published_method(encoder):
    before = state_of(encoder)
    tuned = tuned_weights(encoder, TOKENS, goal(), lambda: None)
    assert unlike(tuned, published(encoder, TOKENS)) == []
    assert any(not torch.allclose(tuned[name], before[name][2], atol=1e-3) for name in tuned)
    assert is_as_before(encoder, before)


def similarity(encoder):
    with torch.no_grad():
        return (features_of(encoder(input_ids=TOKENS), TOKENS, projection()) @ goal().direction.T).mean().item()


def test_the_encoding_comes_closer_and_only_inside(encoder):
    before, first = state_of(encoder), similarity(encoder)
    with torch.no_grad(), TunedEncoding(encoder, goal(), lambda: None).entered():
        closer = similarity(encoder)
        again = similarity(encoder)  # each reading begins with the encoder's own weights
    assert closer == again > first + 0.05
    assert similarity(encoder) == first
    assert is_as_before(encoder, before)
    assert not any(parameter.requires_grad for parameter in encoder.parameters())


def test_half_weights_are_tuned_in_float32_and_stay_as_they_are(encoder):
    half = copy.deepcopy(encoder).to(torch.bfloat16)
    before = state_of(half)
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad(), TunedEncoding(half, goal(), lambda: None).entered():
        half(input_ids=TOKENS)
        assert {parameter.dtype for parameter in half.parameters()} == {torch.float32}
    assert is_as_before(half, before)
    assert unlike(tuned_weights(half, TOKENS, goal(), lambda: None), published(half, TOKENS)) == []


def test_an_error_in_the_middle_leaves_the_encoder_alone(encoder):
    before, calls = state_of(encoder), []

    def stop_late():
        calls.append(None)
        if len(calls) == STEPS + 2:
            raise JobStopped("cancel")

    with pytest.raises(JobStopped), torch.no_grad(), TunedEncoding(encoder, goal(), stop_late).entered():
        encoder(input_ids=TOKENS)
        assert not is_as_before(encoder, before)
        encoder(input_ids=TOKENS[:1])
    assert is_as_before(encoder, before)
    assert read_features(encoder, projection(), lambda: encoder(input_ids=TOKENS)).shape == (1, WIDTH)


def test_arcs_keep_lengths_and_lines_do_not():
    low, high = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 3.0]])
    assert torch.allclose(slerped(low, high, 0.5, -1).norm(), torch.tensor(3.0))
    assert torch.allclose(slerped(low, low, 0.3, -1), low)
    own, tuned = torch.randn(154, 8), torch.randn(154, 8)
    assert torch.equal(mixed(own, tuned, 0.25, slerp=False), own * 0.75 + tuned * 0.25)
    arc = mixed(own, tuned, 0.25, slerp=True)
    assert torch.allclose(arc[77:], slerped(own[77:], tuned[77:], 0.25, 0))


# --- in pictures ---


def test_it_changes_the_picture_and_nothing_else(run, host, encoder):
    before = state_of(encoder)
    base, plain = pixels(run, aesthetic={"embedding": "None"})
    changed, result = pixels(run)
    again, _ = pixels(run, aesthetic={"embedding": "None"})
    assert differ(base, changed)
    assert np.array_equal(again, base)
    assert is_as_before(encoder, before)
    assert np.array_equal(pixels(run)[0], changed)
    (use,) = result.networks
    assert (use.name, use.file, use.is_whole) == ("soft", "soft.pt", True)
    assert "clip_l.safetensors" in use.note
    assert "Aesthetic" not in plain.images[0].infotext


@pytest.mark.parametrize("nothing", [{"weight": 0}, {"steps": 0}, {"learning_rate": 0}])
def test_without_weight_steps_or_rate_it_is_the_base_picture(run, nothing):
    base, _ = pixels(run, aesthetic={"embedding": "None"})
    assert np.array_equal(pixels(run, aesthetic=nothing)[0], base)


def test_every_control_counts(run):
    ways = [{}, {"weight": 0.4}, {"steps": 5}, {"learning_rate": 0.02}, {"slerp": True}, {"embedding": "three"}]
    ways += [{"text": "soft light"}, {"text": "soft light", "slerp_angle": 0.5}, {"text": "soft light", "text_negative": True}]
    assert differ(*(pixels(run, aesthetic=way)[0] for way in ways))


def test_what_was_used_stands_in_the_infotext_and_comes_back(run, host):
    asked = {"text": "soft, light", "text_negative": True, "slerp": True, "slerp_angle": 0.25, "weight": 0.5}
    drawn, result = pixels(run, aesthetic=asked)
    fields = parse_infotext(result.images[0].infotext)
    assert {key: value for key, value in fields.items() if key.startswith("Aesthetic")} == {
        "Aesthetic weight": "0.5", "Aesthetic steps": "3", "Aesthetic LR": "0.01", "Aesthetic slerp": "True", "Aesthetic embedding": "soft",
        "Aesthetic text": "soft, light", "Aesthetic slerp angle": "0.25", "Aesthetic text negative": "True",
    }  # fmt: skip
    told = AestheticParams.read_infotext(fields, host)
    assert np.array_equal(pixels(run, aesthetic=told)[0], drawn)
    assert AestheticParams.from_script([0.5, 3, 0.01, True, "soft", "soft, light", 0.25, True]) == AestheticParams(**told).model_dump()


def test_long_scheduled_and_combined_prompts(run):
    long = " ".join(["tree"] * 90)
    for prompt in (long, "a [house:boat:0.5] AND (red:1.3) sky :0.5"):
        base, _ = pixels(run, prompt, aesthetic={"embedding": "None"})
        assert differ(base, pixels(run, prompt)[0])


def test_a_prompt_is_tuned_for_once_in_a_job(run, monkeypatch):
    tuned = []
    monkeypatch.setattr("extensions.aesthetic_gradients.tuning.tuned_weights", lambda *given: tuned.append(given) or tuned_weights(*given))
    pixels(run, batch_count=2)
    assert len(tuned) == 1
    pixels(run, aesthetic={"steps": 1})
    assert len(tuned) == 2


def test_loras_of_the_encoder_stay_in_it(run, host, encoder):
    layer = next(name for name, _ in encoder.named_modules() if name.endswith("layers.0.mlp.fc1"))
    write_lora(host.paths.models / "Lora" / "words.safetensors", {"text_encoder": encoder}, [f"text_encoder.{layer}"])
    host.models.refresh("lora")
    lora, _ = pixels(run, "a house<lora:words:1>", aesthetic={"embedding": "None"})
    both, _ = pixels(run, "a house<lora:words:1>")
    assert differ(lora, both, pixels(run)[0])
    assert np.array_equal(pixels(run, "a house<lora:words:1>", aesthetic={"embedding": "None"})[0], lora)


def test_both_passes_of_hires_fix_are_tuned_for(run):
    hires = {"hires_fix": {"enabled": True, "scale": 1.5, "upscaler": "Latent", "denoising_strength": 0.7}}
    aesthetic = {"steps": STEPS, "learning_rate": RATE, "embedding": "soft"}
    base, _ = pixels(run, params=hires)
    changed, result = pixels(run, params={**hires, "aesthetic_gradients": aesthetic})
    assert differ(base, changed)
    assert changed.shape == (96, 96, 3)
    assert result.comments == ()


def test_sdxl_is_tuned_by_its_own_projection(run):
    base, _ = pixels(run, checkpoint="tinyxl", aesthetic={"embedding": "None"})
    changed, result = pixels(run, checkpoint="tinyxl")
    assert differ(base, changed)
    assert result.networks[0].note == ""
    assert np.array_equal(pixels(run, checkpoint="tinyxl", aesthetic={"embedding": "None"})[0], base)


# --- what cannot be ---


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"aesthetic": {"embedding": "nobody"}}, "no aesthetic embedding 'nobody'"),
        ({"aesthetic": {"embedding": "large"}}, "768 numbers, and this checkpoint needs 32"),
        ({"checkpoint": "tiny2"}, "Stable Diffusion 2"),
    ],
)
def test_what_does_not_fit_is_an_error(run, fields, reason):
    with pytest.raises(UserError, match=reason) as error:
        pixels(run, **fields)
    assert error.value.field == "params.aesthetic_gradients.embedding"


def test_files_that_are_no_embeddings_are_refused(host):
    records = {record.stem: record for record in host.models.records("aesthetic")}
    for name in ("two", "nowhere"):
        with pytest.raises(ModelFileError, match=f"{name}.pt"):
            read_embedding(records[name])
    assert torch.allclose(read_embedding(records["three"]).norm(), torch.tensor(1.0))


def test_without_the_projection_it_says_which_file_is_needed(run, host, tmp_path):
    path = host.paths.models / "CLIP" / "clip_l.safetensors"
    path.rename(tmp_path / "kept")
    host.models.refresh("text-encoder")
    try:
        with pytest.raises(UserError, match="text projection") as error:
            pixels(run)
    finally:
        (tmp_path / "kept").rename(path)
        host.models.refresh("text-encoder")
    assert "models/CLIP" in error.value.hint and "clip-vit-large-patch14" in error.value.hint


def test_another_checkpoint_that_takes_over_and_cannot_be_tuned_is_told(run):
    params = {"aesthetic_gradients": {"steps": STEPS, "learning_rate": RATE, "embedding": "soft"}}
    _, result = pixels(run, params={**params, "refiner": {"checkpoint": "tiny2", "switch_at": 0.5}})
    assert any("left out with tiny2" in comment for comment in result.comments)


def test_a_cancel_while_it_tunes_ends_the_job(host, encoder):
    before = state_of(encoder)
    counted = RecordingRun(host, {"live_previews_enable": False})
    pixels(counted)
    total = counted.control.checks
    for at in range(2, total):
        run = RecordingRun(host, {"live_previews_enable": False}, ScriptedControl(at, "cancel"))
        with pytest.raises(JobStopped):
            pixels(run)
        assert is_as_before(encoder, before)
