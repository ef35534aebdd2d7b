"""Comments leave the prompts before anything is drawn, counted or written."""

from __future__ import annotations

import pytest

from app.api import GenerationRequest, hookimpl
from app.testing.drawing import drawing_host
from app.testing.growth import MOST_GROWTH, growth
from app.testing.runs import RecordingRun
from extensions.comments.strip import strip_comments


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("a cat", "a cat"),
        ("a cat # not a dog", "a cat \n"),
        ("a cat, # first\nblue", "a cat, \nblue"),
        ("# all of it", "\n"),
        ("# a line\na cat", "\na cat"),
        ("a cat\n# a line\nblue", "a cat\nblue"),
        ("a\n# one\n# two\nb", "a\n\nb"),
        ("a#b#c", "a\n"),
        ("", ""),
        ("a\n#", "a\n"),
        ("a\r\n# x\r\nb", "a\r\nb"),
    ],
)
def test_what_is_left(prompt, left):
    assert strip_comments(prompt) == left


@pytest.mark.parametrize("unit", ["#", "\n#", "a#\n", "\n"])
def test_the_work_grows_with_the_length_alone(unit):
    assert growth(strip_comments, unit) < MOST_GROWTH


class Passes:
    """A feature with a second pass that has prompts of its own."""

    @hookimpl
    def edit_plan(self, plan, request, run):
        step = plan.first.model_copy(update={"prompts": ("second # x",), "negative_prompts": ("# y\nno",), "denoising_strength": 0.5})
        return plan.model_copy(update={"later": (step,)})


@pytest.fixture
def host(tmp_path):
    (tmp_path / "styles.csv").write_text("name,prompt,negative_prompt\nNoted,ink # in a style,dull # too\n", encoding="utf-8")
    with drawing_host(tmp_path, "comments", "styles") as made:
        yield made


def drawn(host, **fields):
    seen = []

    class Watching:
        @hookimpl
        def follow_denoising(self, context, run):
            seen.extend((image.prompt, image.negative_prompt) for image in context.images)
            return []

    host.hooks.register("watching", Watching())
    kind = next(kind for kind in host.job_kinds if kind.id == "generate")
    result = kind.run(RecordingRun(host), GenerationRequest(**{"steps": 1, "width": 64, "height": 64, **fields}))
    return seen, result.images[-1].infotext


def test_styles_come_first_and_the_infotext_is_clean(host):
    seen, infotext = drawn(host, prompt="a cat # no dog", negative_prompt="# nothing\nblur", styles=("Noted",))
    assert seen == [("a cat \n", "\nblur, dull \n")]
    assert infotext.startswith("a cat \n\nNegative prompt: \nblur, dull")
    assert "#" not in infotext


def test_prompts_of_later_passes_are_cleaned_too(host):
    host.hooks.register("passes", Passes())
    seen, _ = drawn(host, prompt="a # x")
    assert seen == [("a \n", ""), ("second \n", "\nno")]


def test_it_can_be_switched_off(host):
    seen, infotext = drawn(host, prompt="a #1 cat", settings={"enable_prompt_comments": False})
    assert seen == [("a #1 cat", "")] and infotext.startswith("a #1 cat")
