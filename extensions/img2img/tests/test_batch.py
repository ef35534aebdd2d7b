"""Whole folders: names, masks, PNG info, failures, progress, and who may name a folder."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from pydantic import ValidationError

from app.api import CopySaver, GenerationRequest, Job, JobImage, JobProgress, Upload, UserError
from app.testing.runs import RecordingRun, ScriptedControl
from extensions.img2img.batch_kind import FOLDERS, KIND, Img2ImgBatch, check_folders
from extensions.img2img.tests.conftest import box_mask, noisy

REQUEST = GenerationRequest(prompt="tree", seed=7, steps=2, sampler="Euler")


@pytest.fixture
def folder(tmp_path):
    """Three pictures, one of them in a subfolder, and a file that is none."""
    place = tmp_path / "inputs"
    (place / "deep").mkdir(parents=True)
    noisy(seed=1).save(place / "a10.png")
    noisy(seed=2).save(place / "a9.png")
    noisy(seed=3).save(place / "deep" / "z.jpg")
    (place / "notes.txt").write_text("no picture")
    return place


def draw(studio, control=None, settings=None, **fields):
    run = RecordingRun(studio.host, settings, control)
    values = {"request": REQUEST, **{name: str(value) if name.endswith("_dir") else value for name, value in fields.items()}}
    kind = studio.host.job_kinds.get("img2img_batch")
    batch = Img2ImgBatch(**values)
    kind.check(batch)
    return kind.run(run, batch), run


def names(result):
    return [image.path.rsplit("/", 1)[1] for image in result.images if image.kind == "sample"]


def test_each_picture_of_a_folder_becomes_one_under_its_name(studio, folder, tmp_path):
    out = tmp_path / "out"
    result, run = draw(studio, input_dir=folder, output_dir=out)
    assert names(result) == ["a9.png", "a10.png", "z.png"] and sorted(path.name for path in out.iterdir()) == sorted(names(result))
    for image, source in zip(result.images, ("a9.png", "a10.png"), strict=False):
        alone = studio.pixels(Image.open(folder / source), steps=2)
        assert np.array_equal(np.asarray(Image.open(image.path)), alone) and image.seed == 7
    fractions = [event.fraction for event in run.reported(JobProgress)]
    assert fractions == sorted(fractions) and fractions[-1] > 2 / 3
    assert [event.image.index for event in run.reported(JobImage)] == [0, 1, 2] == [image.index for image in result.images]
    again, _ = draw(studio, input_dir=folder, output_dir=out)
    assert len(list(out.iterdir())) == 6 and not set(names(again)) & set(names(result))


@pytest.mark.parametrize(("limit", "listed"), [(0, 0), (2, 2), (-1, 3), (32, 3)])
def test_only_the_first_results_are_shown_and_all_are_saved(studio, folder, tmp_path, limit, listed):
    settings = {"img2img_batch_show_results_limit": limit}
    result, run = draw(studio, settings=settings, input_dir=folder, output_dir=tmp_path / "out")
    assert len(result.images) == len(run.reported(JobImage)) == listed and len(list((tmp_path / "out").iterdir())) == 3
    assert any("more pictures were saved" in comment for comment in result.comments) == (listed < 3)


def test_several_results_of_a_picture_are_numbered(studio, folder, tmp_path):
    settings = {"grid_save": False, "return_grid": False}
    request = REQUEST.model_copy(update={"batch_count": 2, "settings": settings})
    result, _ = draw(studio, request=request, input_dir=folder / "deep", output_dir=tmp_path / "out")
    assert names(result) == ["z-1.png", "z-2.png"]


def test_the_result_tells_the_facts_of_all_its_pictures(studio, folder):
    (folder / "a1.png").write_bytes(b"not a picture")
    result, run = draw(studio, request=REQUEST.model_copy(update={"batch_count": 2}), input_dir=folder)
    info = result.info
    assert (info["steps"], info["sampler_name"], info["width"], info["sd_model_name"]) == (2, "Euler", 64, "first")
    assert info["all_seeds"] == [7, 8] * 3 and info["all_prompts"] == ["tree"] * 6 and len(info["failed"]) == 1
    assert result.images[info["index_of_first_image"]].kind == "sample" and result.images[0].kind == "grid"
    assert [image.index for image in result.images] == [-1, 0, 1, -1, 2, 3, -1, 4, 5]
    told = {event.image.path: event.image.index for event in run.reported(JobImage)}
    assert told == {image.path: image.index for image in result.images}


def test_without_an_output_folder_they_are_saved_as_usual(studio, folder):
    result, _ = draw(studio, input_dir=folder)
    assert all("img2img-images" in image.path for image in result.images)


def test_a_random_seed_is_the_same_for_all(studio, folder):
    result, _ = draw(studio, request=REQUEST.model_copy(update={"seed": -1}), input_dir=folder)
    assert len({image.seed for image in result.images}) == 1 and result.images[0].seed >= 0


def test_masks_belong_to_pictures_by_their_names(studio, folder, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    box_mask((0, 0, 32, 64)).save(masks / "a9.png")
    box_mask((32, 0, 64, 64)).save(masks / "z.png")
    params = {"img2img": {"mask_blur_x": 0, "mask_blur_y": 0}}
    result, _ = draw(studio, request=REQUEST.model_copy(update={"params": params}), input_dir=folder, mask_dir=masks)
    assert len(result.images) == 2 and any(comment.startswith("a10.png: There is no mask") for comment in result.comments)
    left, right = (np.asarray(Image.open(image.path)).astype(int) for image in result.images)
    nine = np.asarray(noisy(seed=2))
    assert np.array_equal(left[:, 32:], nine[:, 32:]) and (left[:, :32] != nine[:, :32]).any()
    assert (right[:, 34:] != np.asarray(Image.open(folder / "deep" / "z.jpg"))[:, 34:]).any()
    (masks / "z.png").unlink()
    one_for_all, _ = draw(studio, request=REQUEST.model_copy(update={"params": params}), input_dir=folder, mask_dir=masks)
    assert len(one_for_all.images) == 3


def test_a_broken_file_does_not_stop_the_others(studio, folder):
    (folder / "a1.png").write_bytes(b"not a picture")
    result, _ = draw(studio, input_dir=folder)
    assert len(result.images) == 3
    assert result.info["failed"] and any("a1.png" in comment and "cannot be opened" in comment for comment in result.comments)
    only_broken = folder / "only"
    only_broken.mkdir()
    (only_broken / "b.png").write_bytes(b"broken")
    with pytest.raises(UserError, match=r"b\.png"):
        draw(studio, input_dir=only_broken)


def test_an_interrupt_ends_the_whole(studio, folder):
    result, _ = draw(studio, ScriptedControl(stop_at=2), input_dir=folder)
    assert result.stopped == "interrupt" and len(result.images) <= 1


def test_each_batch_of_each_picture_is_a_part_after_which_it_can_end(studio, folder):
    kind = studio.host.job_kinds.get("img2img_batch")
    uploads = (Upload(ref=studio.put(noisy()), name="holiday.png"),)
    assert kind.parts(Img2ImgBatch(request=REQUEST, uploads=uploads)) == 1
    twice = REQUEST.model_copy(update={"batch_count": 2})
    assert kind.parts(Img2ImgBatch(request=twice, uploads=uploads, input_dir=str(folder))) == 8
    control = ScriptedControl()
    control.stop_after_batch = True
    result, _ = draw(studio, control, input_dir=folder)
    assert names(result) and len(result.images) == 1 and result.stopped == ""


def test_png_info_fills_the_requests(make_studio, tmp_path):
    studio = make_studio("a1111_infotext")
    place = tmp_path / "inputs"
    place.mkdir()
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a red barn\nNegative prompt: fog\nSteps: 3, Sampler: Euler a, CFG scale: 5.5, Seed: 99, Size: 64x64")
    noisy().save(place / "x.png", pnginfo=info)
    noisy(seed=1).save(place / "y.png")
    result, _ = draw(studio, input_dir=place, use_png_info=True)
    text = result.images[0].infotext
    assert text.startswith("tree a red barn\nNegative prompt: fog\nSteps: 3, Sampler: Euler a, ")
    assert "CFG scale: 5.5, Seed: 99" in text and result.images[1].infotext.startswith("tree\nSteps: 2")
    assert any(comment.startswith("y.png") for comment in result.comments)
    few, _ = draw(studio, input_dir=place, use_png_info=True, png_info_fields=("Seed",))
    assert few.images[0].infotext.startswith("tree\nSteps: 2, Sampler: Euler,") and few.images[0].seed == 99


def test_uploads_take_the_place_of_a_folder(studio):
    uploads = (Upload(ref=studio.put(noisy()), name="holiday.png"),)
    result, _ = draw(studio, uploads=uploads)
    assert len(result.images) == 1
    with pytest.raises(UserError, match="no picture to start from"):
        draw(studio)


@pytest.mark.parametrize(
    ("uploads", "params", "field"),
    [([], {}, ""), (["picture"], {}, "uploads"), ([], {"init_images": ["picture"]}, "params.img2img.init_images")],
)
def test_pictures_of_somebody_else_are_refused_before_the_job_waits(studio, uploads, params, field):
    kind, known = studio.host.job_kinds.get(KIND), {"picture": studio.put(noisy())}
    params = {name: [known[each] for each in refs] for name, refs in params.items()}
    request = REQUEST.model_copy(update={"params": {"img2img": params}})
    batch = Img2ImgBatch(request=request, uploads=tuple(Upload(ref=known[each], name="cat.png") for each in uploads))
    kind.check_owner(batch, "")
    if field:
        with pytest.raises(UserError, match=r"no picture '(cat\.png|[0-9a-f]{32}\.img)'") as error:
            kind.check_owner(batch, "bob")
        assert (error.value.status, error.value.field) == (422, field)


@pytest.mark.parametrize("field", ["input_dir", "mask_dir"])
def test_folders_that_are_not_there_are_named(studio, folder, field):
    with pytest.raises(UserError, match="There is no folder") as error:
        draw(studio, **{"input_dir": folder, field: folder / "nowhere"})
    assert error.value.field == field


@pytest.mark.parametrize("field", FOLDERS)
def test_who_may_name_no_folder_is_not_told_whether_it_is_there(studio, tmp_path, field):
    kind = studio.host.job_kinds.get(KIND)
    for place in (tmp_path, tmp_path / "nowhere"):
        batch = Img2ImgBatch.model_validate({"request": REQUEST, "uploads": [{"ref": "r", "name": "a.png"}], field: str(place)})
        kind.check(batch)
        with pytest.raises(UserError, match="shared with others") as error:
            kind.check_owner(batch, "bob")
        assert (error.value.status, error.value.field) == (403, field)


def test_on_a_shared_server_only_allowed_folders_may_be_named(make_studio, folder, tmp_path):
    batch = Img2ImgBatch(request=REQUEST, input_dir=str(folder))
    studio = make_studio(listen=True)
    with pytest.raises(UserError, match="shared with others") as error:
        check_folders(batch, "", studio.host)
    assert (error.value.status, error.value.field) == (403, "input_dir")
    local = make_studio()
    check_folders(batch, "", local.host)
    with pytest.raises(UserError, match="shared with others"):
        check_folders(batch, "somebody", local.host)
    allowing = make_studio(listen=True, allowed_paths=[str(folder)])
    check_folders(batch, "somebody", allowing.host)
    around = batch.model_copy(update={"input_dir": f"{folder}/../.."})
    with pytest.raises(UserError, match="shared with others"):
        check_folders(around, "", allowing.host)


@pytest.mark.parametrize(
    "name", ["../x.png", "a/../../x.png", "/etc/x.png", "..", ".", "", "..\\x.png", "C:x.png", "c:\\x.png", "x.png\0", "a\n/x.png"]
)
def test_an_upload_names_a_file_and_no_way_to_one(name):
    with pytest.raises(ValidationError, match="name of a file alone"):
        Img2ImgBatch.model_validate({"request": {}, "uploads": [{"ref": "r", "name": name}], "png_info_dir": "allowed"})


@pytest.mark.parametrize("name", ["holiday.png", "..x.png", "a..b.png", "Größe 12:30 [seed].png", "x"])
def test_any_bare_name_is_taken(name):
    assert Upload(ref="r", name=name).name == name


def test_a_batchs_pictures_are_saved_again_under_their_own_names(make_studio, folder, tmp_path):
    pattern = "[styles] [steps] [cfg] [sampler] [model_name] [generation_number]"
    (tmp_path / "config.json").write_text(json.dumps({"samples_filename_pattern": pattern}))
    studio = make_studio()
    request = REQUEST.model_copy(update={"styles": ("ink", "old"), "cfg_scale": 5.5})
    batch = Img2ImgBatch(request=request, input_dir=str(folder))
    result, _ = draw(studio, request=request, input_dir=folder)
    job = Job(id="j", kind="img2img_batch", owner="", created=0.0, request=batch.model_dump(mode="json"), result=result)
    saved = CopySaver(studio.host, job, "kept", subfolders=False).save(result.images[1])
    assert saved.path.name == "00000-ink, old 2 5.5 Euler first 2.png"
    gone = job.model_copy(update={"kind": "gone"})
    assert CopySaver(studio.host, gone, "kept", subfolders=False).save(result.images[1]).path.name.startswith("00001-None 2 5.5")
