"""Prompt matrix: which prompts are drawn in which order, seeds, delimiter, and the grid."""

from __future__ import annotations

import uuid

import pytest
from PIL import Image

from app.api import GenerationRequest, Job, ScriptRequest, UserError, parse_infotext
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun

REQUEST = GenerationRequest(prompt="a street | night| rain ,", seed=7, steps=1, sampler="Euler", width=64, height=64, batch_count=3)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("matrix")
    with drawing_host(data, "prompt_matrix") as made:
        yield made


def draw(host, request=REQUEST, **params):
    asked = ScriptRequest(script="Prompt matrix", form="txt2img", request=request, params=params, salt="s")
    kind = host.job_kinds.get("script")
    kind.check(asked)
    run = RecordingRun(host)
    run.job = Job(id=uuid.uuid4().hex, kind="script", owner="", created=0.0)
    return kind.run(run, asked)


def test_all_combinations_are_drawn_and_the_grid_comes_first(host):
    result = draw(host)
    grid, *pictures = result.images
    assert [image.prompt for image in pictures] == ["a street", "a street, night", "a street, rain", "a street, night, rain"]
    assert {image.seed for image in pictures} == {7}
    assert grid.kind == "grid" and "/prompt_matrix-0000" in grid.path
    sheet = Image.open(grid.path)
    assert sheet.width == 2 * 64 + 48 and sheet.height > 2 * 64
    said = parse_infotext(grid.infotext)
    assert (said["Script"], said["Prompt"]) == ("Prompt matrix", "a street | night| rain ,")


def test_the_options(host):
    result = draw(host, put_at_start=True, different_seeds=True, variations_delimiter="space", margin_size=10)
    assert [(image.prompt, image.seed) for image in result.images[1:]] == [
        ("a street", 7), ("night a street", 8), ("rain a street", 9), ("night rain a street", 10),
    ]  # fmt: skip
    assert told(host, result) == {"put_at_start": True, "different_seeds": True, "variations_delimiter": "space", "margin_size": 10}
    negative = REQUEST.model_copy(update={"prompt": "a | b", "negative_prompt": "blue|red"})
    result = draw(host, negative, prompt_type="negative")
    assert [(image.prompt, image.negative_prompt) for image in result.images[1:]] == [("a | b", "blue"), ("a | b", "blue, red")]
    assert told(host, result) == {"prompt_type": "negative"}


def told(host, result):
    """What the grid tells of the fields that are not as usual."""
    model = host.scripts.get("prompt_matrix").params
    return model.model_validate(model.read_infotext(parse_infotext(result.images[0].infotext), host)).changed()


def test_random_seeds_are_drawn_once(host):
    result = draw(host, REQUEST.model_copy(update={"seed": -1}))
    assert len({image.seed for image in result.images}) == 1


def test_what_would_be_too_much_is_refused(host):
    with pytest.raises(UserError, match="17 parts to combine") as error:
        draw(host, REQUEST.model_copy(update={"prompt": "|".join("abcdefghijklmnopqr")}))
    assert error.value.field == "prompt"
    large = REQUEST.model_copy(update={"prompt": "|".join("abcdefghij"), "width": 1024, "height": 1024})
    with pytest.raises(UserError, match=r"537 MPixels"):
        draw(host, large)
