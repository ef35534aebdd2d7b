"""Every picture of a job gets the prompts of its own seed, in all passes, and the infotext says which."""

from __future__ import annotations

import pytest

from app.api import GenerationRequest, UserError, hookimpl
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun, draw
from extensions.dynamic_prompts.params import DynamicPromptsParams

FEATURE = DynamicPromptsParams.feature
TEMPLATE = "a {red|green|blue|grey|black|pink|teal} cat, __animal__"


@pytest.fixture
def host(tmp_path):
    (tmp_path / "styles.csv").write_text('name,prompt,negative_prompt\nInky,"{prompt}, {ink|wash}",\n', encoding="utf-8")
    (tmp_path / "wildcards").mkdir()
    (tmp_path / "wildcards" / "animal.txt").write_text("dog\nowl # a comment\nfox\n")
    with drawing_host(tmp_path, "dynamic_prompts", "hires_fix", "comments", "styles", "a1111_infotext") as made:
        yield made


@pytest.fixture
def drawn(host):
    """Draw a request; the result has what each pass was told to draw."""
    seen = []

    class Watching:
        @hookimpl
        def follow_denoising(self, context, run):
            seen.append([(image.prompt, image.negative_prompt, image.seed) for image in context.images])
            return []

    host.hooks.register("watching", Watching())

    def make(settings=None, params=None, others=None, **fields):
        seen.clear()
        own = {} if params is None else {FEATURE: params}
        request = {"steps": 1, "width": 64, "height": 64, "sampler": "Euler", **fields, "params": {**own, **(others or {})}}
        run = RecordingRun(host, settings)
        result = draw(run, GenerationRequest.model_validate(request))
        result = result.model_copy(update={"images": tuple(image for image in result.images if image.kind == "sample")})
        return result, [list(batch) for batch in seen], run.comments

    return make


def test_each_picture_of_a_batch_is_that_of_its_seed(drawn):
    result, batches, comments = drawn(prompt=TEMPLATE, negative_prompt="{ugly|dull}", seed=40, batch_count=2, batch_size=3)
    prompts = [image.prompt for image in result.images]
    assert len(set(prompts)) > 3 and not any("{" in text or "__" in text for text in prompts) and comments == []
    for image in result.images:
        (alone,) = drawn(prompt=TEMPLATE, negative_prompt="{ugly|dull}", seed=image.seed)[0].images
        assert (alone.prompt, alone.negative_prompt) == (image.prompt, image.negative_prompt)
        assert image.infotext.startswith(f"{image.prompt}\nNegative prompt: {image.negative_prompt}\n")
    assert [[row[0] for row in batch] for batch in batches] == [prompts[:3], prompts[3:]]


def test_styles_and_comments_come_first(drawn):
    result, _, _ = drawn(prompt="cat # {a|b} {\n", styles=("Inky",), params={"combinatorial": True, "enabled": True})
    assert [image.prompt for image in result.images] == ["cat \n, ink", "cat \n, wash"]


def test_the_second_pass_has_its_own_and_the_same_where_it_is_the_same(drawn):
    hires = {"hires_fix": {"enabled": True, "upscaler": "Latent", "prompt": TEMPLATE, "negative_prompt": "{x|y|z}"}}
    result, batches, _ = drawn(prompt=TEMPLATE, seed=3, batch_count=3, others=hires)
    for number, image in enumerate(result.images):
        first, second = batches[2 * number][0], batches[2 * number + 1][0]
        assert first[0] == second[0] == image.prompt and second[1] in ("x", "y", "z")
        assert f"Hires negative prompt: {second[1]}" in image.infotext and "Hires prompt" not in image.infotext


def test_without_the_switch_it_is_text(drawn):
    for settings, params in (({"dynamic_prompts_enabled": False}, None), ({}, {"enabled": False})):
        result, _, comments = drawn(settings, params, prompt=TEMPLATE)
        assert result.images[0].prompt == TEMPLATE and comments == []


def test_all_combinations(drawn):
    params = {"enabled": True, "combinatorial": True, "fixed_seed": True}
    result, batches, _ = drawn(None, params, prompt="{a|b} {c|d}", negative_prompt="{x|y}", seed=9, batch_count=7, batch_size=3)
    assert [(image.prompt, image.negative_prompt) for image in result.images] == [
        ("a c", "x"), ("a c", "y"), ("a d", "x"), ("a d", "y"), ("b c", "x"), ("b c", "y"), ("b d", "x"), ("b d", "y")
    ]  # fmt: skip
    assert {image.seed for image in result.images} == {9} and [len(batch) for batch in batches] == [3, 3, 2]
    more = {**params, "fixed_seed": False, "max_generations": 3, "combinatorial_batches": 2, "ignore_negative": True}
    result, _, _ = drawn(None, more, prompt="{a|b|c|d}", negative_prompt="{x|y}", seed=9)
    assert [image.prompt for image in result.images] == ["a", "b", "c", "a", "b", "c"]
    assert [image.seed for image in result.images] == [9, 10, 11, 12, 13, 14]
    assert {image.negative_prompt for image in result.images} == {"{x|y}"}


def test_a_fixed_seed_draws_different_prompts(drawn):
    result, _, _ = drawn(None, {"enabled": True, "fixed_seed": True}, prompt=TEMPLATE, seed=5, batch_count=6)
    assert {image.seed for image in result.images} == {5} and len({image.prompt for image in result.images}) > 2


def test_the_template_is_written_where_it_is_wanted(drawn):
    (image,) = drawn({"dp_write_raw_template": True}, prompt="{cat|cat}", negative_prompt="plain")[0].images
    assert "Template: {cat|cat}" in image.infotext and "Negative Template" not in image.infotext
    assert "Template" not in drawn(prompt="{cat|cat}")[0].images[0].infotext


def test_an_unknown_wildcard_is_named(drawn):
    result, _, comments = drawn(prompt="a __nothing__ {cat|cat}")
    assert result.images[0].prompt == "a __nothing__ cat"
    assert comments == ["There is no wildcard 'nothing', so __nothing__ was left as it is."]


def test_what_is_not_closed_is_named(drawn):
    result, _, comments = drawn(prompt="{a|b, sun __time", negative_prompt="{x|y", seed=3)
    assert result.images[0].prompt == "{a|b, sun __time"
    end = "so it was left as it is. Alternatives end with }, wildcards with __."
    assert comments == [f"Nothing closes {start!r}, {end}" for start in ("{a|b, sun __time", "__time", "{x|y")]
    _, _, comments = drawn(prompt="{cat|cat} {2$$a", negative_prompt="{x|y", params={"enabled": True, "ignore_negative": True})
    assert comments == [f"Nothing closes '{{2$$a', {end}"]


@pytest.mark.parametrize("prompt", ["{prompt", ":{ [a|b]", "\\{a|b", ">__<", "a__b", "__animal__ cat__", "{a|b}}", "x { y"])
def test_text_with_single_signs_is_no_slip(drawn, prompt):
    assert drawn(prompt=prompt)[2] == []


def test_pictures_that_ask_for_other_networks_are_drawn_alone(drawn):
    _, batches, comments = drawn(prompt="<unknown:{a|b|c|d}:1> x", seed=1, batch_size=4)
    assert [len(batch) for batch in batches] == [1, 1, 1, 1] and any("one at a time" in comment for comment in comments)


def test_the_arguments_of_the_known_extension():
    arguments = [True, True, 2, False, False, False, 1.1, 1.5, 100, 0.7, True, False, True, False, False, 12, "model", ""]
    assert DynamicPromptsParams.from_script(arguments) == {
        "enabled": True,
        "combinatorial": True,
        "combinatorial_batches": 2,
        "fixed_seed": True,
        "unlink_seed": False,
        "ignore_negative": True,
        "max_generations": 12,
    }
    assert DynamicPromptsParams.from_script([True, False, 3]) == {"enabled": True, "combinatorial": False, "combinatorial_batches": 3}
    assert DynamicPromptsParams.from_script([True, True, 1, 9, True])["fixed_seed"] is True
    with pytest.raises(UserError, match="Jinja2"):
        DynamicPromptsParams.from_script([*arguments[:13], True])
