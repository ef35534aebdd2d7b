"""Each line becomes a request of its own, with its options; what cannot be is named with its line; the pictures are drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api import GenerationRequest, ScriptRequest, ScriptTask, UserError
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun
from extensions.prompts_from_file.lines import begin
from extensions.prompts_from_file.options import OPTIONS, read_line
from extensions.prompts_from_file.params import PromptsFromFileParams

REQUEST = GenerationRequest(prompt="oil", negative_prompt="blur", seed=5, steps=2, sampler="Euler", width=64, height=64, batch_count=2)


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "prompts_from_file", "tiling", "a1111_infotext") as made:
        yield made


def requests(host, text, request=REQUEST, **params):
    given = PromptsFromFileParams.model_validate({"prompt_txt": text, **params})
    task = ScriptTask(request, given, host, "txt2img", host.settings.snapshot(), "", "salt")
    return [cell.request for cell in begin(task).listed]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("a cat -- funny --steps", {"prompt": "a cat -- funny --steps"}),
        ("--prompt a cat's hat, big --steps 7", {"prompt": "a cat's hat, big", "steps": 7}),
        ('--prompt "a --steps cat" --steps 7', {"prompt": "a --steps cat", "steps": 7}),
        ("--prompt 'it \\'s' --cfg_scale=4.5", {"prompt": "it 's", "cfg_scale": 4.5}),
        ("--negative_prompt (low:1.2), x --tiling TRUE --restore_faces false", {
            "negative_prompt": "(low:1.2), x", "tiling": True, "restore_faces": False,
        }),
        ("--sd_model some model --sampler_name DPM++ 2M Karras", {"sd_model": "some model", "sampler_name": "DPM++ 2M Karras"}),
        ("--seed -1 --n_iter 3", {"seed": -1, "n_iter": 3}),
        ("--prompt", {"prompt": ""}),
    ],
)  # fmt: skip
def test_options_of_a_line(line, options):
    assert read_line(line, 1) == options


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--stpes 7", "no option --stpes. Did you mean --steps?"),
        ("--hr_scale 2", "no option --hr_scale. Options are, for example, --prompt,"),
        ("--bogus 1", "no option --bogus. Options are, for example, --prompt,"),
        ("--steps many", "--steps cannot be 'many'"),
        ("--steps 7.5", "whole number"),
        ("--tiling maybe", "true or false"),
        ('--prompt "a" b --steps 3', "'b --steps 3' is no option"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line, told):
    with pytest.raises(UserError, match="Line 4") as error:
        read_line(line, 4)
    assert told in str(error.value) and error.value.field == "prompt_txt"


@given(
    st.lists(st.sampled_from(["--", "--prompt", "--steps", "7", '"', "'", "\\", "=", " ", "a", "--x", "-", "é"]), max_size=20).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_any_line_is_read_or_named(line):
    try:
        assert set(read_line(line, 3)) <= set(OPTIONS)
    except UserError as error:
        assert "Line 3" in str(error)


def test_prompts_join_those_of_the_form(host):
    first, second = requests(host, "\n a cat \n\n--negative_prompt dark\n")
    assert (first.prompt, first.negative_prompt) == ("a cat oil", "blur")
    assert (second.prompt, second.negative_prompt) == ("oil", "dark blur")
    (last,) = requests(host, "a cat", prompt_position="end")
    assert last.prompt == "oil a cat"


def test_seeds(host):
    lines = "a\n--prompt b --seed 70\nc"
    assert [each.seed for each in requests(host, lines)] == [5, 70, 5]
    assert [each.seed for each in requests(host, lines, checkbox_iterate=True)] == [5, 70, 9]
    random = REQUEST.model_copy(update={"seed": -1})
    assert [each.seed for each in requests(host, lines, random)] == [-1, 70, -1]
    once = [each.seed for each in requests(host, "a\nb", random, checkbox_iterate_batch=True)]
    assert once[0] == once[1] >= 0 and once == [each.seed for each in requests(host, "a\nb", random, checkbox_iterate_batch=True)]


def test_every_option_has_its_place(host):
    (made,) = requests(
        host,
        "--prompt x --styles A, B --sd_model first --sampler_index 0 --seed 3 --subseed 4 --subseed_strength 0.5 --seed_resize_from_w 64"
        " --seed_resize_from_h 72 --steps 9"
        " --cfg_scale 3 --width 128 --height 136 --batch_size 2 --n_iter 3 --tiling true --restore_faces no"
        " --do_not_save_samples true --do_not_save_grid false --outpath_samples outputs/mine --prompt_for_display shown",
    )
    assert made.model_dump(exclude={"params", "settings", "sampler", "prompt"}) == {
        **GenerationRequest().model_dump(exclude={"params", "settings", "sampler", "prompt"}),
        "negative_prompt": "blur", "styles": ("A", "B"), "checkpoint": "first", "seed": 3, "subseed": 4, "subseed_strength": 0.5,
        "seed_resize_from_width": 64, "seed_resize_from_height": 72, "steps": 9, "cfg_scale": 3.0, "width": 128, "height": 136,
        "batch_size": 2, "batch_count": 3,
    }  # fmt: skip
    assert made.params == {"tiling": {"tiling": True}}
    assert made.settings == {"samples_save": False, "grid_save": True, "outdir_samples": "outputs/mine"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no prompts"),
        ("a\n--steps 0", "Line 2: --steps"),
        ("--sampler_index 999", "no sampler 999"),
        ("--restore_faces true", "no installed extension"),
        ("--n_iter 0", "Line 1: --n_iter"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_drawn(host, text, told):
    with pytest.raises(UserError, match=told):
        requests(host, text)


def run(host, text, **more):
    kind = host.job_kinds.get("script")
    request = ScriptRequest(script="prompts_from_file", form="txt2img", request=REQUEST, params={"prompt_txt": text, **more})
    kind.check(request)
    return kind.run(RecordingRun(host), request)


def test_the_lines_are_drawn(host):
    result = run(host, "a tree\n--prompt a hill --n_iter 1 --width 72", checkbox_iterate=True)
    samples = [image for image in result.images if image.kind == "sample"]
    assert [(image.prompt, image.seed, image.width_px) for image in samples] == [
        ("a tree oil", 5, 64), ("a tree oil", 6, 64), ("a hill oil", 7, 72)
    ]  # fmt: skip
    with pytest.raises(UserError, match="there is no sampler|no sampler"):
        run(host, "a\n--sampler_name Eulerian")
    with pytest.raises(UserError, match="outdir_samples"):
        run(host, "--prompt a --outpath_samples /etc/paintbox")
