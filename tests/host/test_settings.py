"""Settings as a user meets them: the file, what wins, what is refused, what is never lost."""

from __future__ import annotations

import json
import os
import threading

import pytest
from pydantic import BaseModel, Field

from app.contracts import Choices, SettingsSection
from app.errors import UserError
from app.settings import Settings
from app.settings_core import core_sections
from app.settings_option import check_section
from app.values.options import StartOptions
from app.values.owned import Owned


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config.json"


@pytest.fixture
def make(path):
    def run(environment=None, *, read_only=False, **options):
        settings = Settings(path, StartOptions(**options), environment or {}, read_only=read_only)
        settings.fill(core_sections())
        return settings

    return run


def _write(path, values) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")


def test_command_line_wins_over_environment_over_file_over_default(make, path) -> None:
    keys = ("samples_format", "jpeg_quality", "n_rows", "return_grid")
    _write(path, {"samples_format": "jpg", "jpeg_quality": 70, "n_rows": 2})
    settings = make({"PAINTBOX_SAMPLES_FORMAT": "webp", "PAINTBOX_JPEG_QUALITY": "60"}, settings={"samples_format": "png"})
    assert [settings.get(key) for key in keys] == ["png", 60, 2, True]
    assert [settings.source(key) for key in keys] == ["command line", "environment", "file", "default"]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("CLIP_stop_at_last_layers", "2", 2),
        ("samples_save", "false", False),
        ("samples_save", "False", False),
        ("eta_ddim", "0.5", 0.5),
        ("quicksettings_list", "sd_vae, CLIP_stop_at_last_layers", ["sd_vae", "CLIP_stop_at_last_layers"]),
        ("quicksettings_list", '["a"]', ["a"]),
        ("samples_filename_pattern", "123", "123"),
        ("samples_filename_pattern", "[seed]", "[seed]"),
    ],
)
def test_texts_are_read_by_the_type_of_the_setting(make, key, text, value) -> None:
    assert make({f"PAINTBOX_{key.upper()}": text}).get(key) == value
    assert make(settings={key: text}).get(key) == value


def test_the_file_holds_only_what_was_set_and_keeps_what_we_do_not_know(make, path) -> None:
    _write(path, {"face_restoration": True, "sd_vae": "Bäume.safetensors"})
    make().set({"samples_format": "webp"})
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == {"face_restoration": True, "sd_vae": "Bäume.safetensors", "samples_format": "webp"}
    assert "Bäume" in text
    assert '\n    "samples_format"' in text


def test_reading_writes_nothing(make, path) -> None:
    make()
    assert not path.exists()


def test_a_set_value_is_there_after_a_restart(make) -> None:
    make().set({"eta_ancestral": 0, "samples_save": "False"})
    settings = make()
    assert (settings.get("eta_ancestral"), settings.get("samples_save")) == (0.0, False)
    assert settings.changed() == {"eta_ancestral": 0.0, "samples_save": False}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"samples_formt": "png"}, "'samples_formt'.*Did you mean 'samples_format'"),
        ({"jpeg_quality": 101}, r"\(jpeg_quality\) cannot be 101: it must be a whole number from 1 to 100\.$"),
        ({"jpeg_quality": "high"}, r"\(jpeg_quality\) cannot be 'high': it must be a whole number from 1 to 100\.$"),
        ({"jpeg_quality": None}, r"'Quality for saved jpeg.*' \(jpeg_quality\) is empty: it must be a whole number from 1 to 100\.$"),
        ({"eta_ancestral": None}, r"\(eta_ancestral\) is empty: it must be a number from 0.* to 1"),
        ({"samples_save": "perhaps"}, r"\(samples_save\) cannot be 'perhaps': it must be true or false\.$"),
        ({"samples_format": "tiff"}, r"\(samples_format\) cannot be 'tiff'.*'png'"),
        ({"jpeg_quality": 90, "n_rows": 99}, "n_rows"),
        ({"grid_background_color": "red"}, "grid_background_color"),
        ({"quicksettings_list": "sd_vae"}, "quicksettings_list"),
    ],
)
def test_nothing_is_kept_when_one_value_is_wrong(make, path, values, message) -> None:
    settings = make()
    with pytest.raises(UserError, match=message):
        settings.set(values)
    assert settings.changed() == {}
    assert not path.exists()


def test_invalid_values_in_the_file_are_reported_defaulted_and_not_lost(make, path) -> None:
    _write(path, {"jpeg_quality": 500, "samples_format": "png"})
    settings = make()
    assert settings.get("jpeg_quality") == 80
    assert "config.json: 'jpeg_quality' cannot be 500" in settings.problems[0]
    settings.set({"n_rows": 1})
    assert json.loads(path.read_text())["jpeg_quality"] == 500


@pytest.mark.parametrize("content", [b'{"samples_format": "jp', b"[1, 2]", b"\xff\xfe\x00", b""])
def test_a_file_that_cannot_be_read_is_set_aside_and_named(make, path, content) -> None:
    path.write_bytes(content)
    settings = make()
    aside = list(path.parent.glob("config.corrupt-*.json"))
    assert [file.read_bytes() for file in aside] == [content]
    assert not path.exists()
    assert aside[0].name in settings.problems[0]
    settings.set({"n_rows": 1})
    assert json.loads(path.read_text()) == {"n_rows": 1}


def test_a_worker_touches_nothing(make, path) -> None:
    path.write_text("{broken")
    settings = make(read_only=True)
    assert path.read_text() == "{broken"
    with pytest.raises(UserError, match="cannot be changed here"):
        settings.set({"n_rows": 1})


def test_a_worker_sees_what_was_set_meanwhile(make) -> None:
    worker = make(read_only=True)
    make().set({"sd_checkpoints_limit": 3})
    worker.reread()
    assert worker.get("sd_checkpoints_limit") == 3


def test_a_file_of_a1111_with_a_byte_order_mark_and_old_names_is_read(make, path) -> None:
    path.write_text(json.dumps({"quicksettings": "sd_model_checkpoint, sd_vae"}), encoding="utf-8-sig")
    assert make().get("quicksettings_list") == ["sd_model_checkpoint", "sd_vae"]


def test_a_crash_while_writing_leaves_the_old_file(make, path, monkeypatch) -> None:
    make().set({"n_rows": 1})
    before = path.read_bytes()

    def fail(handle) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match="No space left on device"):
        make().set({"n_rows": 2})
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {"config.json", "config.json.lock"}


def test_a_linked_file_stays_a_link(make, path, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("{}")
    path.symlink_to(elsewhere)
    make().set({"n_rows": 1})
    assert path.is_symlink()
    assert json.loads(elsewhere.read_text()) == {"n_rows": 1}


def test_an_edit_by_hand_while_running_is_not_overwritten(make, path) -> None:
    settings = make()
    _write(path, {"samples_format": "jpg"})
    settings.set({"n_rows": 1})
    assert json.loads(path.read_text()) == {"samples_format": "jpg", "n_rows": 1}
    assert settings.get("samples_format") == "jpg"


def test_subscribers_hear_what_changed_and_one_that_fails_stops_nobody(make_host, write_extension) -> None:
    write_extension("watcher", "")
    host = make_host("watcher")
    heard: list[frozenset[str]] = []
    host.settings.subscribe(lambda changed: 1 / 0, owner="watcher")
    end = host.settings.subscribe(heard.append)
    with host.running():
        host.settings.set({"n_rows": 3, "samples_save": True})
        end()
        host.settings.set({"n_rows": 4})
    assert heard == [frozenset({"n_rows"})]
    assert "ZeroDivisionError" in host.extensions.get("watcher").failures[0].error


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        ({"settings": {"n_rows": "2"}}, "n_rows", "the command line sets it"),
        ({"lock_all_settings": True}, "n_rows", "--freeze-settings"),
        ({"locked_sections": ("saving-images",)}, "n_rows", "frozen"),
        ({"locked_settings": ("n_rows",)}, "n_rows", "frozen"),
        ({"lock_paths": True}, "outdir_samples", "--hide-ui-dir-config"),
    ],
)
def test_locked_settings_cannot_be_changed_but_may_be_sent_back_as_they_are(make, options, key, reason) -> None:
    settings = make(**options)
    settings.set({key: settings.get(key)})
    with pytest.raises(UserError, match=reason) as caught:
        settings.set({key: 5 if key == "n_rows" else "elsewhere"})
    assert caught.value.status == 403


def test_what_the_environment_sets_cannot_be_changed(make) -> None:
    with pytest.raises(UserError, match="PAINTBOX_N_ROWS"):
        make({"PAINTBOX_N_ROWS": "2"}).set({"n_rows": 3})


@pytest.mark.parametrize("given", [{"no_such_key": "1"}, {"n_rows": "many"}])
def test_a_start_with_a_wrong_setting_on_the_command_line_is_refused(make_host, given) -> None:
    with pytest.raises(UserError, match=next(iter(given))):
        make_host(settings=given)


class _Mine(BaseModel):
    my_number: int = Field(3, ge=0)
    n_rows: int = 7


def test_sections_of_extensions_join_and_the_first_owner_of_a_key_keeps_it(make, path) -> None:
    _write(path, {"my_number": 5})
    settings = make()
    refused = settings.fill([*core_sections(), Owned("mine", SettingsSection("mine", "Mine", _Mine))])
    assert settings.get("my_number") == 5
    assert settings.option("my_number").owner == "mine"
    assert settings.get("n_rows") == -1
    assert [(item.owner, "'n_rows'" in item.value) for item in refused] == [("mine", True)]


def test_values_given_out_cannot_change_the_settings(make) -> None:
    settings = make()
    settings.get("quicksettings_list").append("x")
    settings.snapshot()["quicksettings_list"].append("y")
    assert settings.get("quicksettings_list") == ["sd_model_checkpoint"]


def test_layers_of_a_job_are_resolved_over_the_defaults(make) -> None:
    settings = make(settings={"n_rows": "9"})
    resolved = settings.resolved({"jpeg_quality": 70, "eta_ddim": 1}, {"jpeg_quality": 60})
    assert (resolved["jpeg_quality"], resolved["eta_ddim"], resolved["n_rows"]) == (60, 1.0, -1)
    with pytest.raises(UserError, match="jpeg_quality"):
        settings.resolved({"jpeg_quality": 0})


def test_many_threads_may_set_at_once(make, path) -> None:
    settings = make()
    threads = [threading.Thread(target=settings.set, args=({"jpeg_quality": quality},)) for quality in range(50, 66)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(path.read_text())["jpeg_quality"] == settings.get("jpeg_quality")
    assert {file.name for file in path.parent.iterdir()} == {"config.json", "config.json.lock"}


def test_what_was_taken_out_of_the_file_or_edited_in_it_meanwhile_stays_so(make, path) -> None:
    _write(path, {"samples_format": "jpg", "jpeg_quality": 70})
    settings = make()
    _write(path, {"jpeg_quality": 60, "of_another_program": 1})
    settings.set({"n_rows": 2})
    assert json.loads(path.read_text()) == {"jpeg_quality": 60, "of_another_program": 1, "n_rows": 2}
    assert (settings.get("samples_format"), settings.get("jpeg_quality")) == ("png", 60)


def test_a_file_that_was_broken_meanwhile_costs_no_setting(make, path) -> None:
    _write(path, {"jpeg_quality": 70})
    settings = make()
    path.write_text("{broken")
    settings.set({"n_rows": 2})
    assert json.loads(path.read_text()) == {"jpeg_quality": 70, "n_rows": 2}


def test_a_value_for_this_run_is_not_written_and_gives_way_to_the_next(make, path) -> None:
    _write(path, {"jpeg_quality": 70})
    settings = make(lock_all_settings=True)
    settings.set_for_this_run({"jpeg_quality": 60})
    assert (settings.get("jpeg_quality"), settings.changed()["jpeg_quality"]) == (60, 60)
    assert json.loads(path.read_text()) == {"jpeg_quality": 70}
    free = make()
    free.set_for_this_run({"jpeg_quality": 60})
    free.set({"n_rows": 1})
    assert free.get("jpeg_quality") == 60
    free.set({"jpeg_quality": 50})
    assert (free.get("jpeg_quality"), json.loads(path.read_text())["jpeg_quality"]) == (50, 50)


@pytest.mark.parametrize(
    ("options", "values", "reason"),
    [
        ({"lock_all_settings": True}, {"n_rows": 3}, "'n_rows' cannot be changed: --freeze-settings"),
        ({"locked_sections": ("saving-images",)}, {"n_rows": 3}, "'n_rows'.*frozen"),
        ({"locked_settings": ("n_rows",)}, {"n_rows": 3}, "'n_rows'.*frozen"),
        ({"lock_paths": True}, {"outdir_samples": "outputs/elsewhere"}, "'outdir_samples'.*--hide-ui-dir-config"),
    ],
)
def test_a_request_cannot_bring_what_is_frozen(make, options, values, reason) -> None:
    with pytest.raises(UserError, match=reason) as caught:
        make(**options).for_request(values)
    assert caught.value.status == 403
    assert make().for_request(values) == values
    settings = make(**options)
    assert settings.for_request({key: settings.get(key) for key in values})


def test_a_request_saves_where_pictures_belong_only(make) -> None:
    with pytest.raises(UserError, match="'requirements' for 'outdir_txt2img_samples'"):
        make().for_request({"outdir_txt2img_samples": "requirements"})


def test_a_request_may_differ_from_what_the_command_line_or_the_environment_set(make) -> None:
    settings = make({"PAINTBOX_JPEG_QUALITY": "60"}, settings={"n_rows": "2"})
    assert settings.for_request({"n_rows": 3, "jpeg_quality": 50}) == {"n_rows": 3, "jpeg_quality": 50}


def test_what_a1111_has_without_effect_here_is_kept_and_told_once_with_the_reason(make, path, caplog) -> None:
    _write(path, {"temp_dir": "/tmp/x", "made_up": 1, "samples_format": "png"})
    settings = make()
    settings.tell_unused()
    settings.tell_unused()
    assert [record.message for record in caplog.records] == [
        "The setting 'temp_dir' has no effect here: pictures are shown from where they are saved, so there are no temporary copies."
    ]
    caplog.clear()
    settings.tell_unused(["hypertile_enable_unet", "ldsr_steps", "hypertile_enable_vae"])
    assert [record.message for record in caplog.records] == [
        "The settings hypertile_enable_unet, hypertile_enable_vae have no effect here: Hypertile is not there.",
        "The setting 'ldsr_steps' has no effect here: LDSR is not there.",
    ]
    with pytest.raises(UserError, match="'fp8_storage' has no effect here: weights"):
        settings.set({"fp8_storage": "Enable"})
    settings.set({"n_rows": 3})
    assert json.loads(path.read_text(encoding="utf-8"))["temp_dir"] == "/tmp/x"


def test_whether_a_setting_has_an_effect_is_answered_without_reading_a_table(make, monkeypatch) -> None:
    settings = make()
    assert settings.is_unused("temp_dir") and not settings.is_unused("made_up")
    monkeypatch.setattr("app.settings_unused.read_unused", lambda: pytest.fail("the table was read"))
    assert not any(settings.is_unused(key) for key in settings.options)


def test_a_setting_that_an_extension_declares_has_an_effect(make) -> None:
    class Sounds(BaseModel):
        notification_audio: bool = True

    settings = make()
    settings.fill([*core_sections(), Owned("sounds", SettingsSection("sounds", "Sounds", Sounds))])
    settings.set({"notification_audio": False})
    assert settings.get("notification_audio") is False


class _Chosen(BaseModel):
    my_file: str = Field("None", title="My file")
    my_token: str = Field("", json_schema_extra={"secret": True})


def test_a_reset_key_leaves_the_file_and_has_its_default_again(make, path) -> None:
    settings = make()
    settings.set({"n_rows": 3, "jpeg_quality": 70})
    assert settings.set({"samples_save": False}, reset=["n_rows", "samples_format"]) == {"n_rows", "samples_save"}
    assert json.loads(path.read_text()) == {"jpeg_quality": 70, "samples_save": False}
    assert (settings.get("n_rows"), settings.source("n_rows")) == (-1, "default")
    settings.set_for_this_run({"n_rows": 5})
    settings.set({}, reset=["n_rows"])
    assert settings.source("n_rows") == "default"


@pytest.mark.parametrize(("values", "reset"), [({"n_rows": 400}, ["jpeg_quality"]), ({}, ["jpeg_quality", "no_such"]), ({}, ["n_rows"])])
def test_a_refused_reset_leaves_everything_as_it_was(make, path, values, reset) -> None:
    _write(path, {"jpeg_quality": 70})
    settings = make(settings={"n_rows": 2})
    with pytest.raises(UserError):
        settings.set(values, reset=reset)
    assert json.loads(path.read_text()) == {"jpeg_quality": 70} and settings.get("jpeg_quality") == 70


def test_a_secret_does_not_travel_with_jobs(path) -> None:
    settings = Settings(path, StartOptions(), {})
    settings.fill([Owned("mine", SettingsSection("mine", "Mine", _Chosen))])
    settings.set({"my_file": "a", "my_token": "abc"})
    assert settings.changed() == {"my_file": "a"} and settings.get("my_token") == "abc"


def test_choices_are_asked_for_each_time_and_belong_to_a_setting_of_the_section(path) -> None:
    found = ["a"]
    section = SettingsSection("mine", "Mine", _Chosen, choices={"my_file": Choices(lambda: found)})
    check_section(section)
    settings = Settings(path, StartOptions(), {})
    settings.fill([Owned("mine", section)])
    found.append("b")
    assert settings.option("my_file").control.choices == (("a", "a"), ("b", "b"))
    settings.set({"my_file": "not there now"})
    with pytest.raises(TypeError, match="my_fil, which"):
        check_section(SettingsSection("mine", "Mine", _Chosen, choices={"my_fil": Choices(lambda: found)}))
