"""Saving by a click: which pictures, the log, the archive, and for whom the files are."""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.api import Host, Job, NotFoundError, UserError
from app.testing.web import running_client, with_tiny_worker
from extensions.save_buttons import panel
from extensions.save_buttons.folder import can_open, folder_of, open_folder
from extensions.save_buttons.offered import MOST_FILES, OFFERED, OfferedFiles
from extensions.save_buttons.saving import COLUMNS, append_row, save_pictures

FEATURES = ("save_buttons", "samplers", "noise_schedules", "checkpoints", "stable_diffusion")


@pytest.fixture
def host(make_host: Any) -> Iterator[Host]:
    host = make_host(*FEATURES)
    with_tiny_worker(host, "first.safetensors")
    with host.running():
        yield host


def drawn(host: Host, **fields: Any) -> Job:
    request = {"prompt": "a, tree", "negative_prompt": 'the "rain"', "steps": 1, "width": 64, "height": 64, "seed": 7, **fields}
    job = host.jobs.submit("generate", request, owner="", settings=host.settings.changed())
    return host.jobs.wait(job.id, 60)


def names(*files: Path) -> list[str]:
    return [file.name for file in files]


def rows(host: Host) -> list[list[str]]:
    with (host.paths.data / "log/images/log.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_selected_picture_is_saved_and_noted_down(host: Host) -> None:
    job = drawn(host, batch_size=2)
    assert names(*save_pictures(host, job, "2", archive=False).files) == ["00000-8.png"]
    assert names(*save_pictures(host, job, "1", archive=False).files) == ["00001-7.png"]
    head, first, second = rows(host)
    assert tuple(head) == COLUMNS
    assert first[:8] == ["a, tree", "8", "64", "64", "DPM++ 2M", "7.0", "1", "00000-8.png"]
    assert first[8:10] == ['the "rain"', "first"] and len(first[10]) == 10 and second[1] == "7"


@pytest.mark.parametrize(("selected", "settings"), [("0", {}), ("1", {"save_selected_only": False}), ("", {}), ("99", {})])
def test_all_pictures_are_saved_for_the_grid_or_where_the_settings_say_so(host: Host, selected: str, settings: dict[str, Any]) -> None:
    host.settings.set(settings)
    saved = save_pictures(host, drawn(host, batch_size=2), selected, archive=False)
    assert names(*saved.files) == ["grid-0000-7.png", "00000-7.png", "00001-8.png"]


def test_subfolders_and_no_log_as_the_settings_say(host: Host) -> None:
    host.settings.set(
        {"use_save_to_dirs_for_ui": True, "save_write_log_csv": False, "outdir_save": "best", "directories_filename_pattern": "[seed]"}
    )
    (file,) = save_pictures(host, drawn(host), "0", archive=False).files
    assert file == host.paths.data / "best" / "7" / "00000-7.png"
    assert not (host.paths.data / "best" / "log.csv").exists()


def test_an_archive_holds_what_was_saved_and_replaces_none(host: Host) -> None:
    host.settings.set({"grid_zip_filename_pattern": "[seed]", "save_txt": True})
    job = drawn(host)
    first, second = (save_pictures(host, job, "0", archive=True).files[0] for _ in range(2))
    assert names(first, second) == ["7.zip", "7-1.zip"]
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == ["00000-7.png", "00000-7.txt"] and archive.testzip() is None


@pytest.mark.parametrize(("count", "name"), [(2, r"\d{14}_\[first\]_7-8\.zip"), (1, r"\d{14}_\[first\]_7\.zip")])
def test_an_archive_has_a1111s_name(host: Host, count: int, name: str) -> None:
    archive = save_pictures(host, drawn(host, batch_size=count), str(count), archive=True).files[0]
    assert re.fullmatch(name, archive.name), archive.name


def test_what_cannot_be_is_named(host: Host) -> None:
    job = drawn(host)
    with pytest.raises(UserError, match="no picture"):
        save_pictures(host, job.model_copy(update={"result": job.result.model_copy(update={"images": ()})}), "0", archive=False)
    (host.paths.data / "log/images/log.csv").mkdir(parents=True)
    saved = save_pictures(host, job, "0", archive=False)
    assert names(*saved.files) == ["00000-7.png"] and "takes nothing more" in saved.remarks[0]


def test_a_file_is_for_those_to_whom_it_was_offered(tmp_path: Path) -> None:
    offered, file = OfferedFiles(), tmp_path / "x.png"
    file.write_bytes(b"x")
    name = offered.offer(file, "ann")
    assert offered.find(name, "ann") == file
    for wrong, owner in ((name, "bob"), ("guess", "ann")):
        with pytest.raises(NotFoundError):
            offered.find(wrong, owner)
    for _ in range(MOST_FILES):
        offered.offer(file, "ann")
    with pytest.raises(NotFoundError):
        offered.find(name, "ann")


def test_offered_files_are_fetched_as_downloads(make_host: Any, tmp_path: Path) -> None:
    host = make_host("save_buttons", nowebui=True)
    (tmp_path / "ä b.png").write_bytes(b"data")
    with running_client(host) as client:
        name = host.stash[OFFERED].offer(tmp_path / "ä b.png", "")
        answer = client.get(f"/paintbox/v1/saved-files/{name}/whatever.png")
        assert answer.content == b"data" and "attachment" in answer.headers["content-disposition"]
        assert client.get("/paintbox/v1/saved-files/other/x.png").status_code == 404


def test_the_folder_is_opened_only_on_this_machine(make_host: Any) -> None:
    assert can_open(make_host("save_buttons"))


@pytest.mark.parametrize("options", [{"listen": True}, {"lock_paths": True}])
def test_and_never_for_others(make_host: Any, options: dict[str, Any]) -> None:
    assert not can_open(make_host("save_buttons", **options))


@pytest.mark.parametrize(("options", "status"), [({}, 204), ({"lock_paths": True}, 403)])
def test_views_without_a_form_ask_for_the_folder_by_a_route(
    make_host: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], status: int
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("extensions.save_buttons.routes.open_folder", opened.append)
    host = make_host("save_buttons", "img2img", nowebui=True, **options)
    with running_client(host) as client:
        assert client.get("/paintbox/v1/open-folder").json() == {"allowed": status == 204}
        assert client.post("/paintbox/v1/open-folder", json={"form": "img2img"}).status_code == status
        assert client.post("/paintbox/v1/open-folder", json={"job": "nobody's"}).status_code in (404, 403)
    assert opened == ([host.paths.outputs / "img2img-images"] if status == 204 else [])


BEHIND_A_PROXY = (
    {"x-forwarded-for": "203.0.113.7"},
    {"host": "pictures.example"},
    {"origin": "https://pictures.example"},
    {"via": "1.1 x"},
)


@pytest.mark.parametrize("headers", BEHIND_A_PROXY)
def test_behind_a_proxy_nobody_opens_windows_here(make_host: Any, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    monkeypatch.setattr("extensions.save_buttons.routes.open_folder", lambda path: pytest.fail("a window"))
    host = make_host("save_buttons", nowebui=True, cors_allow_origins=("https://pictures.example",))
    with running_client(host) as client:
        assert client.get("/paintbox/v1/open-folder", headers=headers).json() == {"allowed": False}
        assert client.post("/paintbox/v1/open-folder", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize("is_here", [True, False])
def test_nor_by_the_button_of_the_page(make_host: Any, monkeypatch: pytest.MonkeyPatch, is_here: bool) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(panel, "open_folder", opened.append)
    loads: list[Any] = []
    with panel.gr.Blocks() as demo:
        parts = {name: panel.gr.Textbox() for name in ("job_id", "selected", "shown")}
        form = SimpleNamespace(id="txt2img", elem_id=lambda name: f"txt2img_{name}")
        page = SimpleNamespace(host=make_host("save_buttons"), form=form, results=SimpleNamespace(**parts), quiet={})
        page.sits_here, page.job, page.on_load = (
            lambda request: is_here,
            lambda job, request: None,
            lambda call, outputs: loads.append(call),
        )
        panel.draw_buttons(page)
    show = next(each.fn for each in demo.fns.values() if each.name == "show_folder")
    said = show("", "", None)
    assert (bool(opened), "sits at the machine" in said) == (is_here, not is_here)
    assert [update["visible"] for update in loads[0](None).values()] == [is_here]


def test_without_a_selected_picture_it_is_the_folder_of_the_form(make_host: Any) -> None:
    host = make_host("save_buttons", "img2img")
    assert folder_of(host, None, "", "img2img") == host.paths.outputs / "img2img-images"
    assert folder_of(host, None, "", "txt2img") == host.paths.outputs / "txt2img-images"
    host.settings.set({"outdir_samples": "all"})
    assert folder_of(host, None, "", "img2img") == host.paths.data / "all"


def test_the_folder_is_that_of_the_selected_picture(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    job = drawn(host)
    assert folder_of(host, job, "0", "txt2img") == Path(job.result.images[0].path).parent
    root = host.paths.outputs / "txt2img-images"
    assert folder_of(host, None, "", "txt2img") == folder_of(host, job, "9", "txt2img") == folder_of(host, None, "", "other") == root
    assert folder_of(host, drawn(host, save="spool"), "0", "txt2img") == root
    with pytest.raises(UserError, match="does not exist"):
        open_folder(root / "none")
    monkeypatch.setattr("extensions.save_buttons.folder.shutil.which", lambda program: None)
    with pytest.raises(UserError, match=str(root)):
        open_folder(root)


def test_the_setting_chooses_between_the_folder_of_the_picture_and_that_of_all(host: Host) -> None:
    saved, spooled, root = drawn(host), drawn(host, save="spool"), host.paths.outputs / "txt2img-images"
    own, beside = (Path(job.result.images[0].path).parent for job in (saved, spooled))
    assert own != root and beside != root
    for choice, folders in {
        "Subdirectory": [own, root],
        "Output Root": [root, root],
        "Subdirectory (even temp dir)": [own, beside],
    }.items():
        host.settings.set({"open_dir_button_choice": choice})
        assert [folder_of(host, job, "0", "txt2img") for job in (saved, spooled)] == folders


@pytest.mark.skipif(sys.platform != "linux", reason="about xdg-open")
@pytest.mark.parametrize(("display", "program"), [("", "true"), (":9", "false")])
def test_without_a_desktop_the_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: str, program: str) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr("extensions.save_buttons.folder.OTHERS", program)
    with pytest.raises(UserError, match=str(tmp_path)):
        open_folder(tmp_path)


def test_a_full_disk_leaves_no_half_line_in_the_log(tmp_path, monkeypatch):
    log = tmp_path / "log.csv"
    append_row(log, ["tree"])
    before = log.read_bytes()
    real = Path.open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, text):
            self.file.write(text[:3])
            self.file.flush()
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda self, *given, **more: Full(real(self, *given, **more)))
    with pytest.raises(OSError, match="No space"):
        append_row(log, ["sea"])
    monkeypatch.undo()
    assert log.read_bytes() == before
