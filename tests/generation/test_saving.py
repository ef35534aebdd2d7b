"""Where and how the pictures of a job are saved, as the settings say."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from app.api import CopySaver, NotFoundError, RunImage, UserError, hookimpl, open_image
from app.generation.generate import generate
from app.generation.images.metadata import decode_user_comment
from app.generation.picture_files import fitting_suffix
from app.generation.saving_options import SavingOptions
from app.testing.runs import RecordingRun
from app.values.events import JobImage
from app.values.job import Job
from app.values.networks import NetworkUse
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
        ({"directories_filename_pattern": "../../[seed]/.."}, "outputs/txt2img-images/7/00000-7.png"),
        ({"save_to_dirs": False, "samples_filename_pattern": "by seed/[seed]"}, "outputs/txt2img-images/by seed/00000-7.png"),
        ({"save_to_dirs": False, "samples_filename_pattern": "../../x\\[seed]"}, "outputs/txt2img-images/x/00000-7.png"),
        ({"save_to_dirs": False, "samples_filename_pattern": "/x/[none]"}, "outputs/txt2img-images/x/00000.png"),
        ({"save_to_dirs": False, "samples_filename_pattern": "[none]"}, "outputs/txt2img-images/00000.png"),
        ({"save_to_dirs": False, "outdir_txt2img_samples": "mine"}, "mine/00000-7-a_ tree.png"),
        ({"save_to_dirs": False, "outdir_samples": "all", "samples_format": "jpg"}, "all/00000-7-a_ tree.jpg"),
        ({"save_to_dirs": False, "save_images_add_number": False, "samples_filename_pattern": "x[seed]"}, "outputs/txt2img-images/x7.png"),
        (
            {"save_to_dirs": False, "save_images_add_number": False, "samples_filename_pattern": "x/[seed]"},
            "outputs/txt2img-images/x/7.png",
        ),
    ],
)
def test_folder_and_name_follow_the_settings(host, configured, path):
    assert relative(host, draw(host, configured)[0].images[0]) == path


def test_numbers_count_in_the_folder_that_the_name_asks_for(host):
    configured = {"save_to_dirs": False, "samples_filename_pattern": "[seed]/x"}
    paths = [relative(host, draw(host, configured, seed=seed)[0].images[0]) for seed in (7, 7, 8)]
    assert paths == [f"outputs/txt2img-images/{name}.png" for name in ("7/00000-x", "7/00001-x", "8/00000-x")]


def test_existing_pictures_stay_where_the_settings_say_so(host):
    configured = {"save_to_dirs": False, "save_images_add_number": False, "samples_filename_pattern": "x"}
    first = draw(host, configured)[0].images[0]
    assert draw(host, configured)[0].images[0].path == first.path
    again = draw(host, {**configured, "save_images_replace_action": "Add number suffix"})[0].images[0]
    assert Path(again.path).name == "x-1.png"


@pytest.mark.parametrize(("suffix", "file_format"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF")])
def test_every_format_carries_the_infotext(host, suffix, file_format):
    saved = draw(host, {"samples_format": suffix}, prompt="夜空 tree")[0].images[0]
    image = Image.open(saved.path)
    assert image.format == file_format
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    text = image.info["parameters"] if suffix == "png" else decode_user_comment(comment)
    assert text == saved.infotext and "夜空" in text


NETWORK = NetworkUse(type="lora", name="夜", file="夜.pt", strength="1", applied=2, total=2, parts={"U-Net": 2})


class UsesNetwork:
    """What an extension does that draws with a file."""

    @hookimpl
    def edit_request(self, request, run):
        run.used_network(NETWORK)
        return request


@pytest.fixture
def networked(host):
    host.hooks.register("uses", UsesNetwork())
    return host


def test_png_says_which_networks_took_effect(networked):
    (saved,) = draw(networked)[0].images
    told = json.loads(Image.open(saved.path).info["networks"])
    assert told == [{"sentence": "lora 夜: 2/2 keys applied (U-Net 2)", **NETWORK.model_dump(mode="json")}]
    assert Image.open(saved.path).info["parameters"] == saved.infotext
    (silent,) = draw(networked, {"enable_pnginfo": False})[0].images
    assert "networks" not in Image.open(silent.path).info


def test_without_networks_png_has_the_infotext_alone(host):
    assert Image.open(draw(host)[0].images[0].path).info.keys() == {"parameters"}


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_other_formats_do_without_them(networked, suffix):
    (saved,) = draw(networked, {"samples_format": suffix})[0].images
    assert open_image(Path(saved.path)).chunks.keys() == {"exif_user_comment"}


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
    monkeypatch.setattr("app.generation.picture_files.expand", lambda *given: {}["no such pattern"])
    result, _ = draw(host)
    (saved,) = result.images
    assert saved.spooled and Image.open(saved.path).size == (64, 64)
    assert "no such pattern" in result.comments[0]


def test_a_picture_that_its_format_refuses_is_a_png(host, monkeypatch):
    from app.generation import picture_files

    def encode(picture, suffix, text, **options):
        if suffix == "webp":
            raise ValueError("no webp today")
        return real(picture, suffix, text, **options)

    real = picture_files.encode_image
    monkeypatch.setattr(picture_files, "encode_image", encode)
    result, _ = draw(host, {"samples_format": "webp"})
    assert Image.open(result.images[0].path).format == "PNG" and not result.images[0].spooled
    assert "no webp today" in result.comments[0]


def test_a_text_file_that_cannot_be_written_does_not_move_the_picture(host):
    folder = host.paths.outputs / "txt2img-images"
    (folder / "7-tree.txt").mkdir(parents=True)
    result, _ = draw(host, {"save_txt": True, "save_to_dirs": False, "save_images_add_number": False}, prompt="tree")
    assert not result.images[0].spooled and "7-tree.txt" in result.comments[0]


def test_pictures_are_not_kept_in_memory_for_a_grid_that_cannot_be(host):
    result, _ = draw(host, {"img_max_size_mp": 3 * 64 * 64 / 1e6}, batch_count=4)
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


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_large_picture_gets_a_smaller_jpeg_beside_it_that_hides_nobody_elses(host):
    configured = {"save_to_dirs": False, "target_side_length": 32}
    folder = host.paths.outputs / "txt2img-images"
    folder.mkdir(parents=True)
    (folder / "00000-7-a_ tree.jpg").write_text("mine")
    draw(host, configured)
    draw(host, configured)
    assert (folder / "00000-7-a_ tree.jpg").read_text() == "mine"
    stems = [f"0000{number}-7-a_ tree" for number in range(3)]
    assert names(folder) == [f"{stems[0]}.jpg", f"{stems[1]}.jpg", f"{stems[1]}.png", f"{stems[2]}.jpg", f"{stems[2]}.png"]
    small = Image.open(folder / "00002-7-a_ tree.jpg")
    assert small.size == (32, 32) and "a: tree" in open_image(folder / "00002-7-a_ tree.jpg").chunks["exif_user_comment"]


def test_a_large_file_gets_a_jpeg_of_the_same_size(host):
    configured = {"save_to_dirs": False, "img_downscale_threshold": 0.0001}
    draw(host, configured)
    draw(host, {**configured, "export_for_4chan": False}, seed=8)
    folder = host.paths.outputs / "txt2img-images"
    assert names(folder) == ["00000-7-a_ tree.jpg", "00000-7-a_ tree.png", "00001-8-a_ tree.png"]
    assert Image.open(folder / "00000-7-a_ tree.jpg").size == (64, 64)


def test_a_jpeg_needs_no_copy(host):
    draw(host, {"save_to_dirs": False, "target_side_length": 32, "samples_format": "jpg"})
    assert names(host.paths.outputs / "txt2img-images") == ["00000-7-a_ tree.jpg"]


class Masks:
    """What an extension may add to a picture: a mask that is shown, an early stage that is only kept."""

    @hookimpl
    def edit_images(self, images, plan, run):
        sheet = Image.new("RGB", (8, 8))
        shown = [RunImage(item.index, sheet, ending="-mask", keep=False) for item in images]
        kept = [RunImage(item.index, sheet, ending="-before-color-correction", shown=False) for item in images]
        neither = [RunImage(item.index, sheet, ending="-nowhere", shown=False, keep=False) for item in images]
        return [*images, *shown, *kept, *neither]


def test_masks_and_early_stages_go_beside_their_picture(host):
    host.hooks.register("masks", Masks())
    result, _ = draw(host, {"save_to_dirs": False}, batch_size=2)
    assert [(image.kind, image.spooled) for image in result.images] == [
        ("grid", False), ("sample", False), ("sample", False), ("extra", True), ("extra", True),
    ]  # fmt: skip
    assert result.info["index_of_first_image"] == 1 and len(result.info["all_seeds"]) == 2
    assert names(host.paths.outputs / "txt2img-images") == [
        "00000-7-a_ tree.png", "00001-8-a_ tree.png",
        "00002-7-a_ tree-before-color-correction.png", "00003-8-a_ tree-before-color-correction.png",
    ]  # fmt: skip


# --- saving once more ---


def ended(host, configured=None, **fields):
    result, _ = draw(host, configured, **fields)
    return Job(id="job-1", kind="generate", owner="", created=0.0, request={"prompt": "a: tree"}, result=result)


def test_a_picture_is_saved_once_more_as_it_is(host):
    job = ended(host)
    (image,) = job.result.images
    saver = CopySaver(host, job, "log/images", subfolders=False)
    first, second = saver.save(image), saver.save(image)
    assert [copy.path for copy in (first, second)] == [host.paths.data / "log/images" / name for name in ("00000-7.png", "00001-7.png")]
    assert first.path.read_bytes() == Path(image.path).read_bytes()


def test_it_takes_the_format_of_today(host, monkeypatch):
    job = ended(host, {"samples_format": "webp"})
    monkeypatch.setattr(host.settings, "read_only", False)
    host.settings.set({"samples_format": "jpg", "save_txt": True, "save_to_dirs": False})
    copy = CopySaver(host, job, "elsewhere", subfolders=True).save(job.result.images[0])
    assert copy.path.name == "00000-7-a_ tree.jpg" and copy.path.parent.parent == host.paths.data / "elsewhere"
    assert open_image(copy.path).chunks["exif_user_comment"] == job.result.images[0].infotext
    assert [path.name for path in copy.beside] == ["00000-7-a_ tree.txt"]


def test_what_cannot_be_saved_is_named(host):
    job = ended(host)
    (host.paths.data / "blocked").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="blocked"):
        CopySaver(host, job, "blocked/deep", subfolders=False).save(job.result.images[0])
    Path(job.result.images[0].path).unlink()
    with pytest.raises(NotFoundError, match="deleted"):
        CopySaver(host, job, "log/images", subfolders=False).save(job.result.images[0])


@pytest.mark.parametrize(
    ("configured", "setting", "folder"),
    [
        ({}, "outdir_txt2img_samples", "outputs/txt2img-images"),
        ({"outdir_samples": "all"}, "outdir_samples", "all"),
    ],
)
def test_pictures_that_cannot_be_saved_are_told_with_the_folder_and_the_setting(host, configured, setting, folder):
    place = host.paths.resolve(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file where the folder should be")
    result, _ = draw(host, {**configured, "save_to_dirs": False})
    (alert,) = result.alerts
    assert alert in result.comments and str(place) in alert
    assert f"Settings > Paths for saving > {setting}" in alert and "downloaded" in alert


def test_saved_pictures_alert_nobody(host):
    assert draw(host)[0].alerts == ()
