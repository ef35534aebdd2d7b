"""Names of saved pictures: every pattern, and text that a file system would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import pytest
from PIL import Image

from app.generation.filenames import FileNameRules, expand
from app.generation.name_facts import NamedJob, facts_of_job
from app.testing.plans import example_pass, example_plan
from app.values.job import Job, JobResult, SavedImage
from app.values.plan import ImagePlan
from app.values.request import GenerationRequest

NOW = datetime(2024, 5, 6, 7, 8, 9)
PICTURE = Image.new("RGB", (96, 64), "red")


def facts(batch_size=1, count=1, index=0, prompt="a (red) tree, by: the/sea", infotext="", **plan):
    images = tuple(ImagePlan(index=i, prompt=prompt, negative_prompt="rain", seed=40 + i, subseed=1) for i in range(count))
    first = example_pass(**{"width_px": 96, "height_px": 64, **plan})
    made = example_plan(first, images=images, batch_size=batch_size)
    asked = GenerationRequest(prompt="a tree", styles=("ink", "old"))
    named = NamedJob(asked, datetime(2024, 1, 2, 3, 4, 5), user="ann")
    return named.facts(made, images[index], PICTURE, infotext)


def named(pattern, given=None, rules=None):
    return expand(pattern, given or facts(), rules or FileNameRules(), NOW)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("[seed]", "40"),
        ("[seed]-[prompt_spaces]", "40-a (red) tree, by_ the_sea"),
        ("[prompt]", "a_(red)_tree,_by__the_sea"),
        ("[prompt_words]", "a red tree by the sea"),
        ("[prompt_no_styles]", "a tree"),
        ("[styles]", "ink, old"),
        ("[steps]_[cfg]_[width]x[height]_[clip_skip]", "20_7_96x64_1"),
        ("[sampler]|[scheduler]|[sampler_scheduler]", "DPM++ 2M|Karras|DPM++ 2M Karras"),
        ("[model_name]-[model_hash]", "x-0123456789"),
        ("[vae_filename]", "NoneType"),
        ("x-[denoising]y", "y"),
        ("[date]", "2024-05-06"),
        ("[datetime]", "20240506070809"),
        ("[datetime<%Y_%H>]", "2024_07"),
        ("[job_timestamp]", "20240102030405"),
        ("[user]", "ann"),
        ("[basename]", "img"),
        ("x[none]y", "xy"),
        ("[SEED]", "40"),
        ("[unknown]-[seed]", "[unknown]-40"),
        ("[[model_name]]", "[x]"),
        ("plain", "plain"),
        ("[hasprompt<TREE|no><boat|none>]", "TREEnone"),
        ("[prompt_hash]", sha256(b"a (red) tree, by: the/sea").hexdigest()[:8]),
        ("[prompt_hash<4>]", sha256(b"a (red) tree, by: the/sea").hexdigest()[:4]),
        ("[negative_prompt_hash]", sha256(b"rain").hexdigest()[:8]),
        ("[full_prompt_hash]", sha256(b"a (red) tree, by: the/sea rain").hexdigest()[:8]),
        ("[image_hash]", sha256(PICTURE.tobytes()).hexdigest()),
    ],
)
def test_patterns(pattern, name):
    assert named(pattern) == name


def test_a_pattern_without_a_value_takes_the_text_before_it_along():
    pattern = "[seed] last [seed_last] no [batch_number] of [generation_number]"
    assert named(pattern) == "40"
    batch = facts(batch_size=2, count=4, index=3)
    assert named(pattern, batch) == "43 last 43 no 2 of 4"
    assert named("[seed_first]", batch) == "40"


def test_the_zone_of_a_time_is_obeyed_and_a_wrong_one_is_the_local_one():
    moment = NOW.astimezone()
    assert named("[datetime<%H%M><UTC>]") == moment.astimezone(__import__("datetime").timezone.utc).strftime("%H%M")
    assert named("[datetime<%H%M><Mars/Base>]") == named("[datetime<%H%M><America>]") == "0708"


def test_a_time_format_that_the_system_refuses_is_the_usual_one():
    assert named("[datetime<%H\ud800>]") == "20240506070809"


def test_a_huge_number_of_digits_is_all_there_are():
    assert named(f"[prompt_hash<{'9' * 5000}>]") == sha256(b"a (red) tree, by: the/sea").hexdigest()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('a:b?c*d|e<f>g"h#i\\j/k\nl\tm', "a_b_c_d_e_f_g_h_i_j_k_l_m"),
        ("  dots and blanks . . ", "dots and blanks"),
        ("..", ""),
        ("../../etc", ".._.._etc"),
        ("con", "con_"),
        ("Nul.png", "Nul_.png"),
        ("a\x00b\x1bc\x7fd", "a_b_c_d"),
        ("a\ud800b", "a_b"),
        ("夜空", "夜空"),
        ("x" * 300, "x" * 128),
    ],
)
def test_text_is_made_fit_for_file_systems(text, clean):
    assert FileNameRules().clean(text) == clean


def test_unix_rules_forbid_the_slash_alone():
    assert FileNameRules(unix=True).clean('a:b"c/d\x00') == 'a:b"c_d_'


def test_automatic_and_other_schedules_are_capitalised():
    assert named("[sampler_scheduler]", facts(scheduler="Automatic", sampler="Euler")) == "Euler Automatic"
    assert named("[scheduler]", facts(scheduler="SGM Uniform")) == "Sgm uniform"


@pytest.mark.parametrize(("vae", "name"), [("kl-f8.v2.safetensors", "kl-f8"), (".hidden.pt", "hidden"), ("plain", "plain")])
def test_the_vae_is_named_up_to_its_first_dot(vae, name):
    assert named("[vae_filename]", facts(infotext=f"x\nSteps: 1, Size: 8x8, VAE: {vae}")) == name


def test_the_strength_of_a_start_from_a_picture():
    assert named("x-[denoising]", facts(denoising_strength=0.35)) == "x-0.35"
    assert named("x-[denoising]", facts(denoising_strength=0.0)) == ""


def test_an_archive_has_no_number_of_a_picture():
    batch = replace(facts(batch_size=2, count=4, index=3), in_zip=True)
    assert named("[seed] [seed_last] no [batch_number] of [generation_number]", batch) == "43 43"


def test_grids_have_their_own_base_name():
    assert named("[basename]", replace(facts(), base="grid")) == "grid"


def test_an_ended_job_gives_the_same_names():
    pattern = "".join(f"[{name}]" for name in (
        "seed", "seed_first", "seed_last", "steps", "cfg", "denoising", "clip_skip", "sampler_scheduler", "model_name", "model_hash",
        "vae_filename", "styles", "prompt", "prompt_no_styles", "batch_number", "batch_size", "generation_number", "job_timestamp", "user",
    ))  # fmt: skip
    drawn = facts(batch_size=2, count=4, index=3, denoising_strength=0.5, infotext="x\nSteps: 1, Size: 8x8, VAE: kl.pt")
    info = {
        "steps": 20, "cfg_scale": 7.0, "denoising_strength": 0.5, "clip_skip": 1, "sampler_name": "DPM++ 2M", "scheduler": "Karras",
        "sd_model_name": "x", "sd_model_hash": "0123456789", "batch_size": 2, "all_seeds": [40, 41, 42, 43],
        "job_timestamp": "20240102030405",
    }  # fmt: skip
    image = SavedImage(
        path="", width_px=96, height_px=64, infotext="x\nSteps: 1, Size: 8x8, VAE: kl.pt", index=3, seed=43, subseed=1,
        prompt=drawn.prompt, negative_prompt="rain",
    )  # fmt: skip
    asked = GenerationRequest(prompt="a tree", styles=("ink", "old"))
    job = Job(id="j", kind="generate", owner="ann", created=0.0, result=JobResult(info=info))
    assert named(pattern, facts_of_job(job, asked, image, PICTURE, 8)) == named(pattern, drawn) != ""


def test_a_job_that_tells_nothing_has_a_name_too():
    image = SavedImage(path="", width_px=1, height_px=1, infotext="", index=-1, seed=5, subseed=1, prompt="p", negative_prompt="")
    given = facts_of_job(Job(id="j", kind="other", owner="", created=0.0), GenerationRequest(), image, PICTURE, 8)
    assert named("[seed]-[model_name]-[sampler]-[batch_number]", given) == "5--"
