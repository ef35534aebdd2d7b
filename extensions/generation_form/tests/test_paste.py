"""A pasted infotext fills the form."""

from __future__ import annotations

import pytest

from app.api import UserError
from app.testing.web import with_tiny_worker
from extensions.a1111_infotext.api import STYLE_EXTRACTOR
from extensions.generation_form.paste import Pasted, last_infotext, read_pasted

HOST = ("generation_form", "samplers", "noise_schedules", "tiling")
A1111 = """red house, (snow:1.2),
pine tree
Negative prompt: rain
Steps: 31, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 123456789, Size: 640x384, Model hash: 0123456789, Model: x"""


@pytest.fixture
def host(make_host):
    return make_host(*HOST)


def test_every_field_of_the_form(host):
    assert read_pasted(A1111, host).values == {
        "prompt": "red house, (snow:1.2),\npine tree", "negative_prompt": "rain", "steps": 31, "sampler": "DPM++ 2M",
        "scheduler": "Automatic",        "cfg_scale": 6.5, "seed": 123456789, "width": 640, "height": 384, "params.tiling.tiling": False,
        "override_settings": [], "subseed_show": False,
    }  # fmt: skip


def test_a_plain_prompt_changes_nothing_else(host):
    assert read_pasted("a boat, sunset", host) == Pasted({"prompt": "a boat, sunset"})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("DPM++ 2M Karras", ("DPM++ 2M", "Automatic")),
        ("Euler a Karras", ("Euler a", "Karras")),
        ("DPM++ 2M SGMUniform", ("DPM++ 2M", "SGM Uniform")),
        ("DPM++ 2M sgm_uniform", ("DPM++ 2M", "SGM Uniform")),
        ("Euler SGM Uniform", ("Euler", "SGM Uniform")),
        ("k_euler exponential", ("Euler", "Exponential")),
    ],
)
def test_an_older_version_names_sampler_and_schedule_together(host, name, wanted):
    pasted = read_pasted(f"x\nSteps: 5, Sampler: {name}, Seed: 1, Size: 64x64", host)
    assert (pasted.values["sampler"], pasted.values["scheduler"], pasted.problems) == (*wanted, ())


def test_features_are_read_back(host):
    assert read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, Tiling: True", host).values["params.tiling.tiling"] is True


def test_a_variation_opens_the_extra_block(host):
    values = read_pasted("x\nSteps: 5, Seed: 1, Variation seed: 9, Variation seed strength: 0.3, Seed resize from: 512x640", host).values
    extra = ("subseed_show", "subseed", "subseed_strength", "seed_resize_from_width", "seed_resize_from_height")
    assert [values[key] for key in extra] == [True, 9, 0.3, 512, 640]


def test_a_sampler_that_is_not_here_is_named_and_the_rest_is_filled_in(host):
    pasted = read_pasted("x\nSteps: 5, Sampler: Sorcery, Schedule type: Karras, Seed: 1, Tiling: True", host)
    assert pasted.values == {
        "prompt": "x",
        "negative_prompt": "",
        "steps": 5,
        "seed": 1,
        "scheduler": "Karras",
        "params.tiling.tiling": True,
        "override_settings": [],
        "subseed_show": False,
    }
    [problem] = pasted.problems
    assert "Sorcery" in problem and "Euler" in problem


@pytest.mark.parametrize(
    ("wrong", "key"),
    [("Steps: many", "steps"), ("Schedule type: Whimsical", "scheduler"), ("Tiling: perhaps", "params.tiling.tiling")],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_filled_in(host, wrong, key):
    lines = {"Steps": "Steps: 5", "Schedule type": "Schedule type: Karras", "Tiling": "Tiling: True"}
    lines[wrong.split(":")[0]] = wrong
    pasted = read_pasted(f"x\n{', '.join(lines.values())}, Sampler: Euler, Seed: 7", host)
    assert key not in pasted.values
    assert (pasted.values["seed"], pasted.values["sampler"]) == (7, "Euler")
    [problem] = pasted.problems
    assert wrong.split(": ")[1] in problem


def test_what_nothing_here_can_take_in_is_listed(host):
    text = 'x\nSteps: 5, Sampler: Euler, Seed: 1, Size: 64x64, RNG: GPU, VAE: kl.pt, Clip skip: 1, Wonder: 512x768, ControlNet 0: "a, b"'
    pasted = read_pasted(text, host)
    assert pasted.problems == ("There is nothing here for: VAE (kl.pt), Wonder (512x768), ControlNet 0 (a, b).",)
    assert pasted.values["override_settings"] == []


def test_how_a_picture_was_computed_asks_for_nothing(host):
    text = "x\nSteps: 5, Sampler: Euler, Seed: 1, Precision: bf16, VAE precision: fp32, Text encoder precision: bf16 and fp32"
    plain = read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1", host)
    assert read_pasted(text, host) == plain and plain.problems == ()


def test_settings_that_differ_become_chips(host):
    host.settings.set({"eta_noise_seed_delta": 5, "CLIP_stop_at_last_layers": 2})
    pasted = read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, RNG: NV, ENSD: 5, NGMS: 1.5, Sigma noise: much, s: 1", host)
    assert pasted.values["override_settings"] == ["Clip skip: 1", "RNG: NV", "NGMS: 1.5"]
    [problem] = pasted.problems
    assert "Sigma noise: much" in problem


def test_what_the_settings_skip_is_left_out_silently(host):
    host.settings.set({"infotext_skip_pasting": ["Seed", "RNG", "Wonder"]})
    pasted = read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, RNG: NV, Wonder: 5", host)
    assert "seed" not in pasted.values and pasted.values["override_settings"] == [] and pasted.problems == ()


# --- an empty box ---


@pytest.fixture
def with_pictures(make_host):
    host = make_host(*HOST, "checkpoints", "prompt_history", "stable_diffusion")
    with_tiny_worker(host, "first.safetensors")
    with host.running():
        for owner in ("ann", "bob"):
            request = {"prompt": f"{owner}'s house", "steps": 1, "width": 64, "height": 64}
            job = host.jobs.submit("generate", request, owner=owner, settings={})
            assert host.jobs.wait(job.id, 60).error == ""
        yield host


def test_an_empty_box_brings_back_ones_own_last_picture(with_pictures):
    assert last_infotext(with_pictures, "ann").startswith("ann's house")
    assert last_infotext(with_pictures, "bob").startswith("bob's house")
    with pytest.raises(UserError, match="nothing has been generated"):
        last_infotext(with_pictures, "eve")


def test_without_accounts_it_is_the_file(host):
    with pytest.raises(UserError, match="nothing has been generated"):
        last_infotext(host, "")
    (host.paths.data / "params.txt").write_text("a lake\nSteps: 3", encoding="utf-8")
    assert last_infotext(host, "") == "a lake\nSteps: 3"


HIRES = """x
Steps: 5, Sampler: Euler, Seed: 1, Denoising strength: 0.4, Hires upscale: 2, Hires upscaler: {}, Refiner: {}, Refiner switch at: 0.7"""


@pytest.fixture
def with_features(make_host):
    host = make_host(*HOST, "hires_fix", "refiner")
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with host.running():
        yield host


def test_what_cannot_be_chosen_here_is_named_and_the_control_keeps_its_value(with_features):
    pasted = read_pasted(HIRES.format("4x-UltraSharp", "sd_xl_refiner [abcdef0123]"), with_features)
    missing = {"params.hires_fix.upscaler", "params.refiner.checkpoint"}
    assert not missing & pasted.values.keys() and pasted.values["params.hires_fix.denoising_strength"] == 0.4
    told = " ".join(pasted.problems)
    assert "Hires upscaler: '4x-UltraSharp' is not here" in told and "Refiner: 'sd_xl_refiner [abcdef0123]' is not here" in told


def test_what_can_be_chosen_has_the_name_that_the_control_knows(with_features):
    pasted = read_pasted(HIRES.format("Lanczos", "second") + ", Hires checkpoint: first", with_features)
    keys = ("params.hires_fix.upscaler", "params.refiner.checkpoint", "params.hires_fix.checkpoint")
    upscaler, *checkpoints = [pasted.values[key] for key in keys]
    assert upscaler == "Lanczos"
    # the hasher may put a hash behind a name at any moment; both titles mean the file
    found = [with_features.models.find("checkpoint", title) for title in checkpoints]
    assert [record.stem for record in found if record] == ["second", "first"]
    assert pasted.problems == ()


def test_values_are_listed_whole(host):
    long = "x" * 300
    assert long in read_pasted(f"x\nSteps: 5, Sampler: Euler, Seed: 1, Unheard of: {long}", host).problems[-1]


def test_the_number_format_of_the_machine_that_drew_it_is_no_problem(host):
    assert read_pasted("x\nSteps: 5, Sampler: Euler, Seed: 1, Precision: bf16, VAE precision: fp32", host).problems == ()


@pytest.mark.parametrize(("is_final", "wanted"), [(False, (512, 384)), (True, (1024, 768))])
def test_the_size_of_the_second_pass_where_the_setting_takes_it_for_the_size(make_host, is_final, wanted):
    host = make_host(*HOST, "hires_fix")
    host.settings.set({"use_old_hires_fix_width_height": is_final})
    text = "x\nSteps: 5, Seed: 1, Size: 512x384, Denoising strength: 0.5, Hires resize: 1024x768, Hires upscaler: Latent"
    values = read_pasted(text, host).values
    assert (values["width"], values["height"]) == wanted


def _cut_ink(prompt, negative):
    """Stands in for an extension that keeps styles: finds one."""
    has_ink = prompt.endswith(", in ink")
    return (["Ink"] if has_ink else []), prompt.removesuffix(", in ink"), negative


@pytest.mark.parametrize(
    ("mode", "with_ink", "without"),
    [
        ("Apply if any", ("a hill", ["Ink"]), ("a hill", None)),
        ("Apply", ("a hill", ["Ink"]), ("a hill", [])),
        ("Discard", ("a hill", None), ("a hill", None)),
        ("Ignore", ("a hill, in ink", None), ("a hill", None)),
    ],
)
def test_styles_in_the_prompts_are_chosen_as_the_setting_says(host, mode, with_ink, without):
    host.stash[STYLE_EXTRACTOR] = _cut_ink
    host.settings.set({"infotext_styles": mode})
    for ending, wanted in ((", in ink", with_ink), ("", without)):
        for parameters in ("\nSteps: 5, Sampler: Euler, Seed: 1", ""):
            values = read_pasted(f"a hill{ending}{parameters}", host).values
            assert (values["prompt"], values.get("styles")) == wanted


def test_styles_that_cannot_be_read_leave_the_prompts_alone_and_are_told(host):
    def broken(prompt, negative):
        raise UserError("styles.csv is broken.")

    host.stash[STYLE_EXTRACTOR] = broken
    pasted = read_pasted(A1111, host)
    assert pasted.values["prompt"].startswith("red house") and "styles" not in pasted.values
    assert pasted.problems[0] == "styles.csv is broken."
