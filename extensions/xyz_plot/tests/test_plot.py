"""Plots drawn with tiny checkpoints: cells, order, seeds, failures, interruptions, grids, infotexts, the page beside the grid."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from pydantic import Field

from app.api import Axis, GenerationRequest, JobImage, JobProgress, Localization, Params, UserError, hookimpl, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import ScriptedControl
from extensions.xyz_plot import explore
from extensions.xyz_plot.axes import axes_of
from extensions.xyz_plot.tests.conftest import REQUEST


def steps_of(result):
    return [parse_infotext(image.infotext)["Steps"] for image in result.images if image.kind == "sample"]


def test_a_plot_shows_its_grid_alone_and_saves_every_picture(stage):
    result, run = stage.draw(x_type="Steps", x_values="1-3", y_type="CFG Scale", y_values="1, 7.5")
    (grid,) = result.images
    assert grid.kind == "grid" and Path(grid.path).name.startswith("xyz_grid-0000") and result.info["cells_drawn"] == 6
    assert (grid.width_px, grid.height_px) > (3 * 64, 2 * 64)
    drawn = [event.image for event in run.reported(JobImage) if event.image.kind == "sample"]
    assert len(drawn) == 6 and all(Path(image.path).is_file() and not image.spooled for image in drawn)
    said = parse_infotext(grid.infotext)
    assert (said["Script"], said["X Type"], said["X Values"], said["Y Type"], said["Y Values"]) == (
        "X/Y/Z plot", "Steps", "1-3", "CFG Scale", "1, 7.5",
    )  # fmt: skip
    assert "Z Type" not in said and said["Version"].startswith("Paintbox")
    texts = [event.text for event in run.reported(JobProgress)]
    assert any(text.startswith("Cell 4/6: ") for text in texts)


def test_pictures_and_grids_of_z_are_listed_where_they_are_wanted_the_grid_first(stage):
    wanted = {"x_type": "Seed", "x_values": "1,2", "z_type": "Steps", "z_values": "1,2", "include_lone_images": True}
    result, _ = stage.draw(**wanted)
    assert [image.kind for image in result.images] == ["grid"] + ["sample"] * 4
    result, _ = stage.draw(**wanted, include_sub_grids=True, margin_size=10)
    assert [image.kind for image in result.images] == ["grid"] * 3 + ["sample"] * 4
    whole, first, _ = (Image.open(image.path).size for image in result.images[:3])
    assert whole[0] == 2 * first[0] and first[0] == 2 * 64 + 10
    assert result.info["all_seeds"] == [image.seed for image in result.images]


def test_without_legend_there_are_only_pictures(stage):
    result, _ = stage.draw(x_type="Seed", x_values="1,2,3", y_type="Steps", y_values="1,2", draw_legend=False)
    assert Image.open(result.images[0].path).size == (3 * 64, 2 * 64)


def test_each_checkpoint_is_used_in_one_go_whatever_axis_it_is(stage, loads):
    result, _ = stage.draw(x_type="Checkpoint name", x_values_dropdown=["first", "second", "first"], y_type="Seed", y_values="1-2")
    assert loads.names == ["first"] * 2 + ["second"] * 2
    assert result.info["cells"] == 6
    said = parse_infotext(result.images[0].infotext)
    assert said["X Values"] == "first,second,first"


def test_random_seeds_are_drawn_once_for_all_cells_unless_they_are_kept(stage):
    random = REQUEST.model_copy(update={"seed": -1})
    result, _ = stage.draw(request=random, x_type="Steps", x_values="1-3", include_lone_images=True)
    assert len({image.seed for image in result.images}) == 1
    result, _ = stage.draw(request=random, x_type="Steps", x_values="1-3", include_lone_images=True, no_fixed_seeds=True)
    assert len({image.seed for image in result.images if image.kind == "sample"}) == 3
    result, _ = stage.draw(x_type="Seed", x_values="-1,-1,5")
    fixed = parse_infotext(result.images[0].infotext)["Fixed X Values"].split(", ")
    assert len(set(fixed)) == 3 and fixed[2] == "5" and "-1" not in fixed


def test_seeds_vary_along_the_axes_that_are_chosen(stage):
    result, _ = stage.draw(
        x_type="Steps", x_values="1,2", y_type="CFG Scale", y_values="1,2,3", include_lone_images=True, vary_seeds_x=True, vary_seeds_y=True
    )
    assert sorted(image.seed for image in result.images if image.kind == "sample") == [7, 8, 9, 10, 11, 12]
    result, _ = stage.draw(x_type="Steps", x_values="1,2", y_type="CFG Scale", y_values="1,2", include_lone_images=True, vary_seeds_y=True)
    assert sorted(image.seed for image in result.images if image.kind == "sample") == [7, 7, 8, 8]


def test_prompt_axes_search_replace_and_put_in_order(stage):
    words = REQUEST.model_copy(update={"prompt": "NUM trees, STRENGTH wind", "negative_prompt": "no NUM"})
    both = {"x_type": "Prompt S/R", "x_values": "NUM,two,three", "y_type": "Prompt S/R", "y_values": 'STRENGTH,"strong, cold"'}
    result, _ = stage.draw(request=words, include_lone_images=True, **both)
    prompts = {image.prompt for image in result.images if image.kind == "sample"}
    assert prompts == {f"{number} trees, {wind} wind" for number in ("NUM", "two", "three") for wind in ("STRENGTH", "strong, cold")}
    assert {image.negative_prompt for image in result.images} == {"no NUM", "no two", "no three"}
    order = REQUEST.model_copy(update={"prompt": "a cat and a dog and a bird"})
    result, _ = stage.draw(request=order, x_type="Prompt order", x_values="cat,dog,bird", include_lone_images=True)
    assert result.info["cells"] == 6
    assert {image.prompt for image in result.images} >= {"a cat and a dog and a bird", "a bird and a cat and a dog"}


def test_a_failed_cell_is_marked_and_the_others_are_drawn(stage):
    class Breaks:
        @hookimpl
        def edit_plan(self, plan, request, run):
            if request.steps == 2:
                raise UserError("Two steps are bad luck.")
            return plan

    with stage.having(Breaks()):
        result, first = stage.draw(x_type="Steps", x_values="1-3", include_lone_images=True)
    assert steps_of(result) == ["1", "3"] and result.info["failed"] == ["Steps: 2: Two steps are bad luck."]
    grid = Image.open(result.images[0].path).convert("RGB")
    assert grid.getpixel((64 + 1, grid.height - 2)) == (0x8A, 0x8A, 0x8A)
    again, run = stage.draw(x_type="Steps", x_values="1-3", include_lone_images=True, resumes=first.job.id)
    assert steps_of(again) == ["1", "2", "3"] and len([1 for event in run.reported(JobImage) if event.image.kind == "sample"]) == 1


def test_an_interrupted_plot_has_a_grid_with_gaps_and_is_resumed(stage):
    counted = ScriptedControl()
    stage.draw(counted, x_type="Seed", x_values="1")
    wanted = {"x_type": "Seed", "x_values": "1-4", "y_type": "Steps", "y_values": "1,2", "include_lone_images": True}
    part, first = stage.draw(ScriptedControl(counted.checks * 2), **wanted)
    assert part.stopped == "interrupt" and 0 < part.info["cells_drawn"] < 8 and part.images[0].kind == "grid"
    whole, _ = stage.draw(resumes=first.job.id, **wanted)
    straight, _ = stage.draw(**wanted)
    pixels = [[Image.open(image.path).tobytes() for image in result.images] for result in (whole, straight)]
    assert pixels[0] == pixels[1] and len(pixels[0]) == 9


def test_options_and_features_are_axes(stage):
    result, _ = stage.draw(x_type="Clip skip", x_values="1,2", y_type="FreeU", y_values="false,true", include_lone_images=True)
    texts = [image.infotext for image in result.images if image.kind == "sample"]
    assert sum("Clip skip: 2" in text for text in texts) == 2
    result, _ = stage.draw(x_type="Size", x_values="64x64, 128x64", include_lone_images=True, draw_legend=False)
    assert [(image.width_px, image.height_px) for image in result.images] == [(256, 64), (64, 64), (128, 64)]


def test_texts_of_features_are_axes_and_their_pictures_are_not(tmp_path):
    host = temporary_host(tmp_path, ["xyz_plot", "hires_fix", "img2img", "additional_networks"])
    axes = axes_of(host, "img2img") | axes_of(host, "txt2img")
    changed = axes["Hires. fix: Hires prompt"].apply(GenerationRequest(prompt="a"), "a, sharp")
    assert changed.params["hires_fix"]["prompt"] == "a, sharp" and changed.prompt == "a"
    assert not [title for title in axes if title.endswith((": Mask", ": Pictures to start from", ": Painted-over picture"))]
    row = axes["Additional networks for generating: Networks"].apply(GenerationRequest(), '[{"model": "a"}]')
    assert row.params["additional_networks"] == {"networks": '[{"model": "a"}]'}


def test_a_feature_says_which_forms_have_its_axes(stage):
    class Fog(Params):
        feature: ClassVar[str] = "fog"
        script: ClassVar[str] = "Fog"
        forms: ClassVar[tuple[str, ...]] = ("img2img",)
        density: float = Field(0.0, title="Density")

    class Adds:
        @hookimpl
        def register_params(self, host):
            return [Fog]

    with stage.having(Adds()):
        listed = {form: [title for title in axes_of(stage.host, form) if "Density" in title] for form in ("txt2img", "img2img")}
    assert [len(titles) for titles in listed.values()] == [0, 1]
    assert "Hires. fix: Upscale by" in axes_of(stage.host, "txt2img") and "Hires. fix: Upscale by" not in axes_of(stage.host, "img2img")


def test_extensions_add_axes_and_take_the_place_of_others(stage):
    class Adds:
        @hookimpl
        def register_axes(self, host):
            def apply(request, value):
                return request.model_copy(update={"prompt": f"{request.prompt}, {value} wind"})

            yield Axis("Wind", "text", apply, lambda: ["light", "strong"])
            yield Axis("Face restore", "text", apply, forms=("txt2img",))

    wanted = {"x_type": "Wind", "x_values": "light,strong", "y_type": "Face restore", "y_values": "no", "include_lone_images": True}
    with stage.having(Adds()):
        axes = list(axes_of(stage.host, "txt2img"))
        assert axes.index("Wind") > axes.index("Size") and axes.index("Face restore") == 32
        result, _ = stage.draw(**wanted)
        assert [image.prompt for image in result.images[1:]] == ["a red tree, light wind, no wind", "a red tree, strong wind, no wind"]
        with pytest.raises(UserError, match="Y axis, Face restore: Nothing here can vary this"):
            stage.draw(form="img2img", **wanted)
    assert "Wind" not in axes_of(stage.host, "txt2img")


@pytest.mark.parametrize(
    ("params", "sentence", "field"),
    [
        ({"x_type": "Steps", "x_values": "1,0"}, "X axis, Steps: 0: ", "x_values"),
        ({"x_type": "Steps", "x_values": "1,x"}, "X axis, Steps: 'x' is not a number", "x_values"),
        ({"y_type": "Steps", "y_values": "", "x_values": "1"}, "Y axis, Steps: there are no values", "y_values"),
        ({"x_type": "Sampler", "x_values": "Euler, Eule"}, "X axis, Sampler: Eule: .*no sampler 'Eule'", "x_values"),
        ({"x_type": "Checkpoint name", "x_values": "first,third"}, "Checkpoint name: Unknown checkpoint: third.", "x_values"),
        ({"x_type": "Prompt S/R", "x_values": "blue,green"}, "X axis, Prompt S/R: 'blue' is neither in the prompt nor", "x_values"),
        ({"x_type": "Size", "x_values": "64"}, "Size: 64: '64' is not a size", "x_values"),
        ({"x_type": "Size", "x_values": "64x65"}, "X axis, Size: 64x65: ", "x_values"),
        ({"x_type": "Clip skip", "x_values": "1,99"}, "X axis, Clip skip: 99: ", "x_values"),
        (
            {"x_type": "FP8 mode", "x_values": "Enable"},
            "FP8 mode: The setting 'fp8_storage' has no effect here: weights are kept",
            "x_values",
        ),
        ({"x_type": "Colour", "x_values": "1"}, "nothing called 'Colour'", "x_type"),
        ({"x_type": "Prompt order", "x_values": "red,blue"}, "X axis, Prompt order: 'blue' is not in the prompt", "x_values"),
        ({"x_type": "Seed", "x_values": "1-9000", "y_type": "Steps", "y_values": "1-20"}, "180000 cells", "x_values"),
        ({"margin_size": 501, "x_values": "1"}, "X/Y/Z plot, Grid margins", "margin_size"),
    ],
)
def test_each_value_is_looked_at_before_anything_is_drawn(stage, params, sentence, field):
    with pytest.raises(UserError, match=sentence) as error:
        stage.draw(**params)
    assert error.value.field == field


class Enlarging:
    """Doubles every picture when it is drawn."""

    @hookimpl
    def edit_images(self, images, plan, run):
        return [replace(item, image=item.image.resize((128, 128))) for item in images]


FREEU_ON = REQUEST.model_copy(update={"params": {"freeu": {"enabled": True}}})


def test_an_axis_of_a_feature_that_is_off_in_all_cells_is_refused(stage):
    dead = {"x_type": "Seed", "x_values": "1,2", "y_type": "FreeU: Backbone 1", "y_values": "1,1.4"}
    with pytest.raises(UserError, match="Y axis, FreeU: Backbone 1: FreeU is off: all cells would be alike") as error:
        stage.draw(**dead)
    assert error.value.field == "y_type"
    for asked in (
        {**dead, "request": FREEU_ON},
        {**dead, "x_type": "FreeU", "x_values": "false,true"},
        {**dead, "y_values": "1.4"},
        {"x_type": "FreeU", "x_values": "false,false"},
    ):
        assert stage.draw(**asked)[0].images


def test_a1111s_axes_of_a_feature_that_is_off_are_drawn_as_there_and_that_is_told(stage):
    result, run = stage.draw(x_type="Hires steps", x_values="1,2")
    assert result.images and "X axis, Hires steps: Hires. fix is off: all cells are alike." in run.comments


def test_a_grid_that_would_be_too_large_is_refused_with_its_size(stage):
    large = REQUEST.model_copy(update={"width": 1024, "height": 1024})
    with pytest.raises(UserError, match=r"too large \(210 MPixels\) \(max configured size is 200 MPixels\)"):
        stage.draw(request=large, x_type="Seed", x_values="1-200")
    with pytest.raises(UserError, match=r"2097 MPixels"):
        stage.draw(x_type="Size", x_values="64x64,1024x1024", y_type="Seed", y_values="1-1000")
    for request, params, megapixels in (
        (REQUEST, {"x_type": "Width", "x_values": "64,4096", "y_type": "Height", "y_values": "64,4096,64-512(+64)"}, 336),
        (REQUEST, {"x_type": "Size", "x_values": "64x8192,8192x64", "y_type": "Seed", "y_values": "1-4"}, 537),
        (large, {"x_type": "Seed", "x_values": "1-60", "y_type": "Batch size", "y_values": "1,8"}, 1132),
        (large, {"x_type": "Seed", "x_values": "1-60", "y_type": "Hires. fix", "y_values": "false,true"}, 503),
        (large.model_copy(update={"width": None}), {"x_type": "Seed", "x_values": "1-4000"}, 262),
    ):
        with pytest.raises(UserError, match=f"too large \\({megapixels} MPixels\\)"):
            stage.draw(request=request, **params)


def test_a_grid_whose_pictures_turn_out_larger_is_made_smaller_and_says_so(stage):
    with stage.having(Enlarging()):
        result, run = stage.draw(settings={"img_max_size_mp": 0.02}, x_type="Seed", x_values="1,2", draw_legend=False)
    grid = result.images[0]
    assert (grid.width_px, grid.height_px) == (200, 100)
    assert [
        comment for comment in run.comments if "in the grid they have 78 % of their sides (max configured size is 0.02 MPixels)" in comment
    ]


def test_the_page_beside_the_grid_names_pictures_by_relative_path_and_escapes_texts(stage):
    hostile = REQUEST.model_copy(update={"prompt": "<script>alert(1)</script> red"})
    result, _ = stage.draw(request=hostile, x_type="Prompt S/R", x_values="red,</script><b>", y_type="Steps", y_values="1,2")
    grid = Path(result.images[0].path)
    page = grid.with_suffix(".html").read_text()
    assert page.count("<script>") == 1 and "http" not in re.sub(r"http-equiv", "", page)
    data = json.loads(re.search(r"const data = (.*);\n", page).group(1))
    assert [len(axis["labels"]) for axis in data["axes"]] == [2, 2, 1] and len(data["cells"]) == 4
    for cell in data["cells"]:
        assert (grid.parent / cell["src"]).is_file() and not cell["src"].startswith("/")


def test_many_and_few_values_come_from_csv_mode_or_from_choices(stage):
    result, _ = stage.draw(x_type="Sampler", x_values="Euler,Euler a", csv_mode=True, x_values_dropdown=["Heun"])
    assert parse_infotext(result.images[0].infotext)["X Values"] == "Euler,Euler a"
    result, _ = stage.draw(x_type="Sampler", x_values_dropdown=["Euler", "Heun"])
    assert parse_infotext(result.images[0].infotext)["X Values"] == "Euler,Heun"


def test_the_page_speaks_the_language_of_the_page_and_knows_all_its_texts(stage):
    source = explore.TEMPLATE.read_text()
    said = {*re.findall(r'say\("([^"]+)"', source), *re.findall(r"data-text>([^<]+)<", source)}
    assert said == set(explore.TEXTS)
    german = Localization("de_DE", {"{} cells": "{} Zellen", "Close": "</script>", "other": "x"})

    class German:
        @hookimpl
        def choose_localization(self, host):
            return german

    with stage.having(German()):
        result, _ = stage.draw(x_type="Steps", x_values="1,2")
    page = Path(result.images[0].path).with_suffix(".html").read_text()
    data = json.loads(re.search(r"const data = (.*);\n", page).group(1))
    assert (data["language"], data["words"]) == ("de-DE", {"{} cells": "{} Zellen", "Close": "</script>"})
    assert page.count("<script>") == 1
