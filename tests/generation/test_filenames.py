"""Names of saved pictures: every pattern, and text that a file system would refuse."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import pytest
from PIL import Image

from app.generation.filenames import FileNameRules, NameFacts, expand
from app.testing.plans import example_pass, example_plan
from app.values.plan import ImagePlan
from app.values.request import GenerationRequest

NOW = datetime(2024, 5, 6, 7, 8, 9)
PICTURE = Image.new("RGB", (96, 64), "red")


def facts(batch_size=1, count=1, index=0, prompt="a (red) tree, by: the/sea", **plan):
    images = tuple(ImagePlan(index=i, prompt=prompt, negative_prompt="rain", seed=40 + i, subseed=1) for i in range(count))
    first = example_pass(**{"width_px": 96, "height_px": 64, **plan})
    made = example_plan(first, images=images, batch_size=batch_size)
    request = GenerationRequest(prompt="a tree", styles=("ink", "old"))
    return NameFacts(request, made, images[index], PICTURE, datetime(2024, 1, 2, 3, 4, 5), user="ann")


def named(pattern, given=None, rules=None):
    return expand(pattern, given or facts(), rules or FileNameRules(), NOW)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("[seed]", "40"),
        ("[seed]-[prompt_spaces]", "40-a (red) tree, by_ the_sea"),
        ("[prompt]", "a_(red)_tree,_by__the_sea"),
        ("[prompt_words]", "a red tree by the_sea"),
        ("[prompt_no_styles]", "a tree"),
        ("[styles]", "ink, old"),
        ("[steps]_[cfg]_[width]x[height]_[clip_skip]", "20_7_96x64_1"),
        ("[sampler]|[scheduler]|[sampler_scheduler]", "DPM++ 2M|Karras|DPM++ 2M Karras"),
        ("[model_name]-[model_hash]", "x-0123456789"),
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


def test_automatic_is_left_out_of_the_combined_name():
    assert named("[sampler_scheduler]", facts(scheduler="Automatic", sampler="Euler")) == "Euler"
