"""Jobs of the Extras tab: files, names, infotexts, captions, folders, interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.api import UserError
from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker

from .conftest import INFOTEXT, Extras, opened, png

UPSCALE = {"extras_upscale": {"upscaler_1": "Lanczos", "resize": 2}}


def test_one_picture_is_enlarged_and_keeps_its_parameters(extras: Extras) -> None:
    job = extras.job(uploads=[extras.bring(png(workflow="{}"))], operations=UPSCALE)
    (image,) = job["result"]["images"]
    assert (image["width_px"], image["height_px"], image["seed"]) == (32, 32, 5)
    assert image["infotext"] == f"{INFOTEXT}, Postprocess upscale by: 2, Postprocess upscaler: Lanczos"
    assert image["file"] == "00000.png"
    picture = extras.picture(image)
    assert picture.size == (32, 32)
    assert picture.text["parameters"] == INFOTEXT
    assert picture.text["postprocessing"] == picture.text["extras"] == "Postprocess upscale by: 2, Postprocess upscaler: Lanczos"
    assert picture.text["workflow"] == "{}"
    assert [path.name for path in (extras.folder / "outputs/extras-images").iterdir()] == ["00000.png"]


def test_a_wrong_number_is_told_by_its_label_and_limits(extras: Extras) -> None:
    wrong = {"extras_upscale": {"width": None}}
    refused = extras.submit(uploads=[extras.bring(png())], operations=wrong)
    assert refused.json()["detail"] == "Upscale, Width: it must be a whole number from 1 to 16384."
    (listed,) = [each for each in extras.client.get("/paintbox/v1/extras/operations").json() if each["id"] == "extras_upscale"]
    width = next(each for each in listed["fields"] if each["name"] == "width")
    assert (width["least"], width["most"], width["lowest"], width["highest"]) == (64, 8192, 1, 16384)


def test_other_formats_have_what_was_done_behind_the_parameters(extras: Extras) -> None:
    extras.host.settings.set({"samples_format": "jpg"})
    job = extras.job(uploads=[extras.bring(png())], operations=UPSCALE)
    path = next((extras.folder / "outputs/extras-images").iterdir())
    assert path.suffix == ".jpg"
    assert "Seed: 5" in job["result"]["images"][0]["infotext"]
    assert "Postprocess upscaler: Lanczos" in opened(path.read_bytes()).getexif().get_ifd(0x8769)[0x9286].decode("utf-16-be", "ignore")


def test_jpeg_files_lose_transparency_and_say_so(extras: Extras) -> None:
    extras.host.settings.set({"samples_format": "jpg"})
    job = extras.job(uploads=[extras.bring(png(mode="RGBA"))], operations={})
    assert "no transparency" in job["result"]["comments"][0]


def test_operations_are_done_in_their_order_or_in_that_of_the_settings(extras: Extras) -> None:
    upload = extras.bring(png())
    both = {**UPSCALE, "invert": {}}
    (first,) = extras.job(uploads=[upload], operations=both)["result"]["images"]
    assert first["infotext"].endswith("Inverted: True, Postprocess upscale by: 2, Postprocess upscaler: Lanczos")
    extras.host.settings.set({"postprocessing_operation_order": ["Upscale"]})
    (second,) = extras.job(uploads=[upload], operations=both)["result"]["images"]
    assert second["infotext"].endswith("Postprocess upscaler: Lanczos, Inverted: True")
    assert [each["id"] for each in extras.client.get("/paintbox/v1/extras/operations").json()] == ["extras_upscale", "invert"]
    extras.host.settings.set({"postprocessing_disable_in_extras": ["Invert"]})
    refused = extras.submit(uploads=[upload], operations=both)
    assert (refused.status_code, refused.json()["field"]) == (404, "operations.invert")


def test_a_folder_keeps_names_and_never_overwrites(extras: Extras, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a10.png", "a2.png"):
        (folder / name).write_bytes(png())
    (folder / "a2.txt").write_text("old words")
    (folder / "notes.md").write_text("no picture")
    before = (folder / "a2.png").read_bytes()
    extras.host.settings.set({"use_upscaler_name_as_suffix": False, "postprocessing_existing_caption_action": "Prepend"})
    operations = {"invert": {"caption": "new words"}}
    job = extras.job(input_dir=str(folder), output_dir=str(folder), is_batch=True, operations=operations)
    assert [image["file"] for image in job["result"]["images"]] == ["a2-1.png", "a10-1.png"]
    assert (folder / "a2.png").read_bytes() == before
    assert (folder / "a2-1.txt").read_text() == "old words new words"
    assert (folder / "a10-1.txt").read_text() == "new words"
    assert opened((folder / "a2-1.png").read_bytes()).text["parameters"] == INFOTEXT
    hidden = extras.job(input_dir=str(folder), is_batch=True, show_results=False, operations={})
    assert hidden["result"]["images"] == []
    assert "4 pictures were saved in" in hidden["result"]["comments"][0]


def test_where_nothing_can_be_written_the_folder_of_the_form_or_the_setting_is_named(extras: Extras, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    closed = str(tmp_path / "file" / "inside")
    (told,) = extras.job(uploads=[extras.bring(png())], operations=UPSCALE, output_dir=closed)["result"]["alerts"]
    assert closed in told and told.endswith("choose another output directory.")
    extras.host.settings.set({"outdir_extras_samples": closed})
    (told,) = extras.job(uploads=[extras.bring(png())], operations=UPSCALE)["result"]["alerts"]
    assert told.endswith("Settings > Paths for saving > outdir_extras_samples.")


def test_a_picture_that_fails_is_named_and_the_others_go_on(extras: Extras) -> None:
    uploads = [extras.bring(png((1, 1)), "dot.png"), extras.bring(png(), "cat.png")]
    job = extras.job(uploads=uploads, is_batch=True, operations={"invert": {}})
    assert job["state"] == "done"
    assert [image["file"] for image in job["result"]["images"]] == ["cat.png"]
    assert job["result"]["comments"] == ["dot.png: Invert: One pixel is too little."]
    failed = extras.job(uploads=uploads[:1], operations={"invert": {}})
    assert (failed["state"], "dot.png" in failed["error"]) == ("failed", True)


@pytest.mark.parametrize(
    ("request_", "status", "field"),
    [
        ({}, 422, "uploads"),
        ({"uploads": [{"ref": f"{'0' * 32}.img", "name": "cat.png"}]}, 422, "uploads"),
        ({"input_dir": "/nowhere/at/all"}, 422, "input_dir"),
        ({"operations": {"extras_upscale": {"upscaler_1": "R-ESRGAN 9x"}}, "input_dir": "."}, 422, "operations.extras_upscale.upscaler_1"),
        ({"operations": {"extras_upscale": {"resize": -1}}, "input_dir": "."}, 422, "operations.extras_upscale.resize"),
        ({"operations": {"extras_upscale": {"upscaler_1": "Latent"}}, "input_dir": "."}, 422, "operations.extras_upscale.upscaler_1"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(extras: Extras, request_: dict[str, Any], status: int, field: str) -> None:
    answer = extras.submit(**request_)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_a_file_that_is_no_picture_is_named_once(extras: Extras, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("no picture")
    (tmp_path / "cat.png").write_bytes(png())
    job = extras.job(input_dir=str(tmp_path), is_batch=True, operations={"invert": {}})
    (comment,) = job["result"]["comments"]
    assert comment.startswith("bad.png cannot be opened as a picture: ") and comment.count("bad.png") == 1


def test_names_with_folders_are_refused(extras: Extras) -> None:
    upload = extras.bring(png())
    assert extras.submit(uploads=[{**upload, "name": "../../evil.png"}]).status_code == 422


def test_an_interrupt_keeps_what_is_done(extras: Extras) -> None:
    uploads = [extras.bring(png((16 + number, 16)), f"{number}.png") for number in range(3)]
    extras.worker.hold.clear()
    extras.worker.free_checks = 3
    answer = extras.submit(uploads=uploads, is_batch=True, operations={"invert": {}})
    job = answer.json()["id"]
    extras.client.post(f"/paintbox/v1/jobs/{job}/control", json={"action": "interrupt", "force": True})
    ended = extras.ended(job)
    assert ended["state"] == "done"
    assert ended["result"]["stopped"] == "interrupt"
    assert len(ended["result"]["images"]) < 3


def test_who_may_name_no_folder_is_not_told_whether_it_is_there(extras: Extras, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match="shared with others") as error:
            extras.host.jobs.submit("extras", {"input_dir": str(folder)}, owner="bob", source="", settings={})
        assert (error.value.status, error.value.field) == (403, "input_dir")


def test_folders_of_others_are_closed_on_a_shared_server(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    host = temporary_host(tmp_path / "data", ("extras",), options={"listen": True, "allowed_paths": (str(tmp_path / "open"),)})
    (tmp_path / "open").mkdir()
    with_tiny_worker(host)
    with running_client(host) as client:

        def ask(folder: Path) -> int:
            request = {"kind": "extras", "request": {"input_dir": str(folder)}}
            return int(client.post("/paintbox/v1/jobs", json=request).status_code)

        assert ask(tmp_path) == 403
        assert ask(tmp_path / "open" / "..") == 403
        assert ask(tmp_path / "open") == 202
