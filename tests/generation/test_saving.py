"""Where and how the pictures of a job are saved, as the settings say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from app.generation.generate import generate
from app.generation.images.metadata import decode_user_comment
from app.generation.save import SavingOptions, fitting_suffix
from app.testing.runs import RecordingRun
from app.values.events import JobImage
from app.values.plan import SamplingOptions
from app.values.request import GenerationRequest


def draw(host, configured=None, **fields):
    run = RecordingRun(host, configured)
    return generate(GenerationRequest(**{"prompt": "a: tree", "steps": 1, "seed": 7, **fields}), run), run


def relative(host, saved):
    return Path(saved.path).relative_to(host.paths.data).as_posix()


@pytest.mark.parametrize(
    ("configured", "path"),
    [
        ({"save_to_dirs": False}, "outputs/txt2img-images/00000-7-a_ tree.png"),
        ({"directories_filename_pattern": "[prompt_words]"}, "outputs/txt2img-images/a tree/00000-7.png"),
        ({"directories_filename_pattern": "[model_name]/[seed]"}, "outputs/txt2img-images/first/7/00000-7.png"),
        ({"save_to_dirs": False, "samples_filename_pattern": "[none]"}, "outputs/txt2img-images/00000.png"),
        ({"save_to_dirs": False, "outdir_txt2img_samples": "mine"}, "mine/00000-7-a_ tree.png"),
        ({"save_to_dirs": False, "outdir_samples": "all", "samples_format": "jpg"}, "all/00000-7-a_ tree.jpg"),
        ({"save_to_dirs": False, "save_images_add_number": False, "samples_filename_pattern": "x[seed]"}, "outputs/txt2img-images/x7.png"),
    ],
)
def test_folder_and_name_follow_the_settings(host, configured, path):
    assert relative(host, draw(host, configured)[0].images[0]) == path


def test_existing_pictures_stay_where_the_settings_say_so(host):
    configured = {"save_to_dirs": False, "save_images_add_number": False, "samples_filename_pattern": "x"}
    first = draw(host, configured)[0].images[0]
    assert draw(host, configured)[0].images[0].path == first.path
    again = draw(host, {**configured, "save_images_replace_action": "Add number suffix"})[0].images[0]
    assert Path(again.path).name == "x-1.png"


@pytest.mark.parametrize(("suffix", "file_format"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_every_format_carries_the_infotext(host, suffix, file_format):
    saved = draw(host, {"samples_format": suffix}, prompt="夜空 tree")[0].images[0]
    image = Image.open(saved.path)
    assert image.format == file_format
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    text = image.info["parameters"] if suffix == "png" else decode_user_comment(comment)
    assert text == saved.infotext and "夜空" in text


def test_metadata_and_text_files_can_be_chosen(host):
    saved = draw(host, {"enable_pnginfo": False, "save_txt": True})[0].images[0]
    assert "parameters" not in Image.open(saved.path).info
    assert Path(saved.path).with_suffix(".txt").read_text(encoding="utf-8") == saved.infotext + "\n"


def test_several_pictures_get_a_grid_that_comes_first(host):
    result, run = draw(host, batch_size=2, batch_count=2)
    grid, *pictures = result.images
    assert (grid.kind, len(pictures), result.info["index_of_first_image"]) == ("grid", 4, 1)
    assert Path(grid.path).name == "grid-0000.png" and "outputs/txt2img-grids" in relative(host, grid)
    assert Image.open(grid.path).size == (128, 128)
    assert Image.open(grid.path).info["parameters"] == pictures[0].infotext
    assert run.reported(JobImage)[-1].image == grid


@pytest.mark.parametrize(
    ("configured", "kinds", "spooled"),
    [
        ({"return_grid": False}, ["sample", "sample"], [False, False]),
        ({"grid_save": False}, ["grid", "sample", "sample"], [True, False, False]),
        ({"grid_save": False, "return_grid": False}, ["sample", "sample"], [False, False]),
        ({"samples_save": False}, ["grid", "sample", "sample"], [False, True, True]),
    ],
)
def test_pictures_and_grids_are_saved_or_only_shown(host, configured, kinds, spooled):
    result, _ = draw(host, configured, batch_size=2)
    assert [image.kind for image in result.images] == kinds
    assert [image.spooled for image in result.images] == spooled
    assert all(Path(image.path).is_file() for image in result.images)


def test_spooled_requests_leave_the_outputs_alone_and_have_no_grid(host):
    result, _ = draw(host, batch_size=2, save="spool")
    assert [image.kind for image in result.images] == ["sample", "sample"]
    assert all(image.spooled and Path(image.path).is_relative_to(host.paths.spool) for image in result.images)
    assert Image.open(result.images[0].path).info["parameters"] == result.images[0].infotext
    assert not host.paths.outputs.exists()


def test_pictures_survive_a_folder_that_cannot_be_written(host):
    (host.paths.data / "blocked").write_text("a file where the folder should be")
    result, _ = draw(host, {"outdir_txt2img_samples": "blocked/deep"}, batch_size=2)
    pictures = [image for image in result.images if image.kind == "sample"]
    assert all(image.spooled and Path(image.path).is_file() for image in pictures)
    (comment,) = result.comments
    assert str(host.paths.data / "blocked" / "deep") in comment


def test_a_prompt_with_control_characters_is_saved(host):
    (saved,) = draw(host, {"save_to_dirs": False}, prompt="a\x00b\nc")[0].images
    assert not saved.spooled and Path(saved.path).name == "00000-7-a_b_c.png"


def test_a_picture_survives_whatever_goes_wrong_with_its_name(host, monkeypatch):
    monkeypatch.setattr("app.generation.save.expand", lambda *given: {}["no such pattern"])
    result, _ = draw(host)
    (saved,) = result.images
    assert saved.spooled and Image.open(saved.path).size == (64, 64)
    assert "no such pattern" in result.comments[0]


def test_a_picture_that_its_format_refuses_is_a_png(host, monkeypatch):
    from app.generation import save

    def encode(picture, suffix, text, **options):
        if suffix == "webp":
            raise ValueError("no webp today")
        return real(picture, suffix, text, **options)

    real = save.encode_image
    monkeypatch.setattr(save, "encode_image", encode)
    result, _ = draw(host, {"samples_format": "webp"})
    assert Image.open(result.images[0].path).format == "PNG" and not result.images[0].spooled
    assert "no webp today" in result.comments[0]


def test_a_text_file_that_cannot_be_written_does_not_move_the_picture(host):
    folder = host.paths.outputs / "txt2img-images"
    (folder / "7-tree.txt").mkdir(parents=True)
    result, _ = draw(host, {"save_txt": True, "save_to_dirs": False, "save_images_add_number": False}, prompt="tree")
    assert not result.images[0].spooled and "7-tree.txt" in result.comments[0]


def test_pictures_are_not_kept_in_memory_for_a_grid_that_cannot_be(host, monkeypatch):
    monkeypatch.setattr("app.generation.grid.LARGEST_PX", 3 * 64 * 64)
    result, _ = draw(host, batch_count=4)
    assert [image.kind for image in result.images] == ["sample"] * 4
    assert "too many for one grid" in result.comments[0]


def test_pictures_too_large_for_a_format_become_png():
    assert fitting_suffix("jpg", Image.new("L", (65535, 1))) == "jpg"
    assert fitting_suffix("jpg", Image.new("L", (65536, 1))) == "png"
    assert fitting_suffix("webp", Image.new("L", (16384, 1))) == "png"


def test_every_option_is_a_setting_with_the_same_default(host):
    settings = host.settings.options
    for model in (SavingOptions, SamplingOptions):
        for name, value in model().model_dump(mode="json", exclude={"extra"}).items():
            assert settings[name].default == value, name


def test_the_result_tells_api_clients_what_was_drawn(host):
    started = time.monotonic()
    result, _ = draw(host, batch_size=2, batch_count=2, subseed=50, sampler="Euler")
    seconds = time.monotonic() - started
    info = result.info
    assert info["all_seeds"] == [7, 8, 9, 10] and info["all_subseeds"] == [50, 51, 52, 53]
    assert (info["width"], info["height"], info["sampler_name"], info["sd_model_name"]) == (64, 64, "Euler", "first")
    assert 0 < info["model_seconds"] <= seconds
    assert info["sd_model_hash"] and len(info["job_timestamp"]) == 14
