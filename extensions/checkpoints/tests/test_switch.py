"""Switching checkpoints: loaded at once, taken back when the file cannot be loaded, and every file listed or named."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from safetensors.torch import load_file, save_file

from app.api import UserError
from app.testing.tiny import write_tiny_checkpoint
from app.testing.web import with_tiny_worker
from extensions.checkpoints.panel import listed, unusable_note
from extensions.checkpoints.switch import SETTING, current, switch_to, unusable, usable

WAIT_S = 60


@contextmanager
def running(make_host):
    host = make_host("checkpoints", "samplers", "noise_schedules", "stable_diffusion")
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with host.running():
        yield host


def test_the_first_usable_file_is_current_until_one_is_chosen(make_host):
    with running(make_host) as host:
        assert current(host).name == "first.safetensors"
        host.settings.set({SETTING: "second"})
        assert current(host).name == "second.safetensors"
        host.settings.set({SETTING: "gone.safetensors"})
        assert current(host).name == "first.safetensors"


def test_a_file_that_comes_later_never_displaces_the_one_in_use(make_host):
    with running(make_host) as host:
        write_tiny_checkpoint(host.models.folders["checkpoint"].roots[0] / "earlier.safetensors", 7)
        host.models.refresh("checkpoint")
        assert [record.name for record in usable(host)][0] == "earlier.safetensors"
        assert current(host).name == "first.safetensors"
        assert not host.paths.config_file.exists()


def test_choosing_sets_and_loads(make_host):
    with running(make_host) as host:
        job = host.jobs.wait(switch_to("second.safetensors", "", host).id, WAIT_S)
        assert (job.state, job.error) == ("done", "")
        assert str(job.result.info["checkpoint"]).startswith("second.safetensors")
        assert current(host).name == "second.safetensors"


def test_a_checkpoint_that_cannot_be_loaded_gives_way_to_the_one_before(make_host):
    with running(make_host) as host:
        host.jobs.wait(switch_to("first.safetensors", "", host).id, WAIT_S)
        before = host.settings.get(SETTING)
        back = threading.Event()
        host.settings.subscribe(lambda keys: back.set() if host.settings.get(SETTING) == before else None)
        broken = host.models.find("checkpoint", "second.safetensors")
        tensors = load_file(broken.path)
        del tensors["tiny.decoder.bias"]
        save_file(tensors, broken.path)
        host.models.refresh("checkpoint")
        job = host.jobs.wait(switch_to("second.safetensors", "", host).id, WAIT_S)
        assert job.state == "failed"
        assert "second.safetensors" in job.error
        assert back.wait(WAIT_S), "the setting did not go back"


def test_a_damaged_file_is_refused_at_once_and_nothing_changes(make_host):
    with running(make_host) as host:
        broken = host.models.find("checkpoint", "second.safetensors")
        with open(broken.path, "r+b") as file:
            file.truncate(file.seek(0, 2) - 400)
        host.models.refresh("checkpoint")
        with pytest.raises(UserError, match="second.safetensors: truncated"):
            switch_to("second.safetensors", "", host)
        assert host.settings.get(SETTING) == "first.safetensors"


def test_a_name_that_does_not_exist_is_refused(make_host):
    with running(make_host) as host:
        with pytest.raises(Exception, match="nowhere"):
            switch_to("nowhere.safetensors", "", host)
        assert host.settings.get(SETTING) == "first.safetensors"


def test_files_that_cannot_be_used_are_named_with_the_reason(make_host):
    with running(make_host) as host:
        folder = host.models.folders["checkpoint"].roots[0]
        (folder / "torn <b>.safetensors").write_bytes(b"\x10")
        host.models.refresh("checkpoint")
        assert [record.name for record in usable(host)] == ["first.safetensors", "second.safetensors"]
        [record] = unusable(host)
        note = unusable_note([record])
        assert "torn &lt;b&gt;.safetensors" in note and record.problem and "1 file cannot" in note
    assert unusable_note([]) == ""


def test_a_file_that_has_not_been_looked_into_yet_is_listed(make_host, monkeypatch):
    with running(make_host) as host:
        host.settings.set({SETTING: None})
        first, second = host.models.records("checkpoint")
        waiting = first.model_copy(update={"pending": True, "identity": None})
        monkeypatch.setattr(host.models, "records", lambda kind: [waiting, second])
        assert [record.name for record in usable(host)] == ["first.safetensors", "second.safetensors"]
        assert unusable(host) == []
        assert current(host).name == "second.safetensors"


def test_without_an_extension_that_knows_checkpoints_there_are_none(make_host):
    host = make_host("checkpoints")
    with host.running():
        assert (current(host), usable(host), unusable(host)) == (None, [], [])


def test_checkpoints_are_listed_without_their_folders_where_the_setting_says_so(make_host):
    host = make_host("checkpoints", "stable_diffusion")
    with_tiny_worker(host, "photo/sd15.safetensors")
    assert listed(host)["choices"] == [("photo/sd15.safetensors", "photo/sd15.safetensors")]
    host.settings.set({"sd_checkpoint_dropdown_use_short": True})
    assert listed(host)["choices"] == [("sd15", "photo/sd15.safetensors")]
