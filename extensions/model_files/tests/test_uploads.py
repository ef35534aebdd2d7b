"""Uploads: in pieces, resumed, recognised before they get a name, and refused without a trace."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import time
from operator import itemgetter
from pathlib import Path

import pytest

from app.testing.hosts import temporary_host
from app.testing.vectors import vector_cases, vectors_folder
from app.testing.web import running_client
from extensions.model_files import uploads as uploads_module
from extensions.model_files.keeping import WORK

from .conftest import EXTENSIONS, Models, lora, made

RECORDED = [*vector_cases("files.json", "pickle"), *vector_cases("files.json", "safetensors")]
"""Files as A1111 and others write them, damaged and hostile ones."""


def test_a_lora_is_recognised_by_its_first_bytes_and_gets_its_place(models):
    data = lora(layers=3)
    answer = models.call("POST", "uploads", json={"name": "C:\\Users\\me\\my: style.safetensors", "size_bytes": len(data)})
    upload = answer.json()
    assert upload["name"] == "my_ style.safetensors" and upload["recognised"] is None
    part = models.call("PUT", f"uploads/{upload['id']}", params={"offset": 0}, content=data[:2000]).json()
    assert part["received_bytes"] == 2000
    assert part["recognised"]["title"] == "LoRA" and part["recognised"]["folder_kinds"] == ["lora"]
    whole = models.call("PUT", f"uploads/{upload['id']}", params={"offset": 2000}, content=data[2000:]).json()
    sha256 = hashlib.sha256(data).hexdigest()
    assert whole["sha256"] == sha256
    assert models.files() == [], "nothing is in the folder before it has its name"
    done = models.call("POST", f"uploads/{upload['id']}/finish", json={"folder": "people/old", "name": "Anna"}).json()
    assert (done["folder_kind"], done["name"], done["sha256"]) == ("lora", "people/old/Anna.safetensors", sha256)
    assert (models.folder / "Lora/people/old/Anna.safetensors").read_bytes() == data
    record = models.host.models.find("lora", "Anna")
    assert record.sha256 == sha256 and record.autov3 == hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()
    assert models.waiting() == [] and models.call("GET", "uploads").json() == []


def test_it_goes_on_after_a_restart(models, make_host):
    data = lora(layers=2)
    answer = models.call("POST", "uploads", json={"name": "a.safetensors", "size_bytes": len(data), "mark": "a|1|2"}).json()
    models.call("PUT", f"uploads/{answer['id']}", params={"offset": 0}, content=data[:3000])
    work = models.host.stash[WORK]
    models.host.stash[WORK] = type(work)(uploads_module.UploadStore(work.uploads._folder, models.host), work.shelf, work.network)
    [waiting] = models.call("GET", "uploads").json()
    assert (waiting["received_bytes"], waiting["mark"]) == (3000, "a|1|2")
    whole = models.call("PUT", f"uploads/{answer['id']}", params={"offset": 3000}, content=data[3000:]).json()
    assert whole["sha256"] == hashlib.sha256(data).hexdigest()
    models.host.stash[WORK] = type(work)(uploads_module.UploadStore(work.uploads._folder, models.host), work.shelf, work.network)
    again = models.call("GET", f"uploads/{answer['id']}").json()
    assert again["recognised"]["title"] == "LoRA" and again["sha256"] == whole["sha256"]
    assert models.call("POST", f"uploads/{answer['id']}/finish", json={}).json()["name"] == "a.safetensors"


def test_a_part_that_does_not_follow_is_refused_and_says_where_to_go_on(models):
    upload = models.call("POST", "uploads", json={"name": "a.ckpt", "size_bytes": 20}).json()["id"]
    models.call("PUT", f"uploads/{upload}", params={"offset": 0}, content=b"x" * 10)
    for offset, status, field in ((0, 409, "offset"), (99, 409, "offset"), (10, 422, "body")):
        answer = models.call("PUT", f"uploads/{upload}", params={"offset": offset}, content=b"x" * 11)
        assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
        assert "10" in answer.json()["detail"]
    assert models.call("GET", f"uploads/{upload}").json()["received_bytes"] == 10


class Hostile:
    def __reduce__(self):
        return os.system, ("touch /tmp/paintbox-was-run",)


BAD = {
    "hostile.ckpt": (pickle.dumps({"state_dict": Hostile()}), "system"),
    "page.safetensors": (b"<!DOCTYPE html>" + b" " * 100, "page.safetensors"),
    "short.safetensors": (lora()[:-5], "truncated"),
    "unknown.safetensors": (made({"x": (3,)}), "no installed extension"),
    "empty.pt": (b"\x80", "empty.pt"),
}


def test_bad_files_are_refused_with_the_readers_sentence_and_leave_nothing(models):
    for name, (data, words) in BAD.items():
        answer = models.upload(data, name)
        assert answer.status_code == 422 and words in answer.json()["detail"], answer.text
        assert models.waiting() == [] and models.call("GET", "uploads").json() == []
        assert models.files() == []
    assert not Path("/tmp/paintbox-was-run").exists()


@pytest.fixture(scope="module")
def receiving(tmp_path_factory):
    """One site for all recorded files, and the folder in which a payload would leave its mark."""
    host = temporary_host(tmp_path_factory.mktemp("site"), EXTENSIONS, options={"nowebui": True, "hash_models": False})
    current = tmp_path_factory.mktemp("current")
    with contextlib.chdir(current), running_client(host) as client:
        yield Models(client, host), current


@pytest.mark.vectors
@pytest.mark.parametrize("case", RECORDED, ids=itemgetter("file"))
def test_recorded_files_through_the_upload(receiving, case):
    """Hostile and damaged ones are refused with a sentence and leave nothing; good ones too where nobody knows what they are."""
    site, current = receiving
    path = vectors_folder() / case["file"]
    data = path.read_bytes()
    answer = site.upload(data, path.name)
    if case["expect"] == "refuse":
        assert answer.status_code == 422 and answer.json()["detail"], answer.text
        assert path.name in str(answer.json()["detail"]) or not data, answer.text
    elif case["expect"] == "load":
        assert answer.status_code == 200 or "no installed extension" in answer.json()["detail"], answer.text
    if answer.status_code == 200:
        site.call("DELETE", f"uploads/{answer.json()['id']}")
    assert site.waiting() == [] and site.files() == [] and not list(current.iterdir())


def test_what_is_called_like_no_model_is_refused_before_it_is_sent(models):
    for name in ("notes.zip", "upload.json", "x", "..", ".safetensors"):
        answer = models.call("POST", "uploads", json={"name": name, "size_bytes": 20})
        assert answer.status_code == 422 and answer.json()["field"] == "name", name
    assert models.waiting() == []


def test_a_promised_hash_is_kept_to(models):
    answer = models.upload(lora(), sha256="0" * 64)
    assert answer.status_code == 422 and "sha256" in answer.json()["detail"]
    assert models.waiting() == []
    assert models.upload(lora(), sha256=hashlib.sha256(lora()).hexdigest().upper()).status_code == 200


def test_nothing_is_replaced_whatever_the_case(models):
    models.write("Style.safetensors", b"mine")
    upload = models.upload(lora()).json()["id"]
    refused = models.call("POST", f"uploads/{upload}/finish", json={})
    assert refused.status_code == 409 and "Style.safetensors" in refused.json()["detail"] and refused.json()["field"] == "name"
    assert (models.folder / "Lora/Style.safetensors").read_bytes() == b"mine"
    assert models.call("POST", f"uploads/{upload}/finish", json={"name": "style 2"}).json()["name"] == "style 2.safetensors"


def test_two_tabs_that_want_one_name(models):
    first, second = (models.upload(lora(rank)).json()["id"] for rank in (1, 2))
    assert models.call("POST", f"uploads/{first}/finish", json={}).status_code == 200
    assert models.call("POST", f"uploads/{second}/finish", json={}).status_code == 409
    assert models.files() == ["style.safetensors"] and (models.folder / "Lora/style.safetensors").read_bytes() == lora(1)


WISHES = (
    ({"name": "../x"}, "name"),
    ({"name": ".hidden"}, "name"),
    ({"name": "CON"}, "name"),
    ({"folder": "../../etc"}, "folder"),
    ({"folder": "/etc"}, "folder"),
    ({"folder": ".git"}, "folder"),
    ({"folder_kind": "nowhere"}, "folder_kind"),
    ({"folder_kind": "checkpoint", "name": "x.vae.safetensors"}, "name"),
)


def test_places_that_cannot_be_are_refused_by_field(models):
    upload = models.upload(lora()).json()["id"]
    for wish, field in WISHES:
        answer = models.call("POST", f"uploads/{upload}/finish", json=wish)
        assert answer.status_code in (404, 422) and answer.json()["field"] == field, answer.text
        assert models.call("GET", f"uploads/{upload}").status_code == 200, "what has arrived is kept"


def test_a_folder_of_another_kind_may_be_chosen_and_is_remarked(models):
    done = models.put(lora(), "x.safetensors", folder_kind="checkpoint")
    assert done.status_code == 200 and "LoRA" in done.json()["notes"][-1]
    assert models.files("Stable-diffusion") == ["x.safetensors"]


def test_an_unfinished_upload_gets_no_name(models):
    upload = models.call("POST", "uploads", json={"name": "a.ckpt", "size_bytes": 20}).json()["id"]
    assert models.call("POST", f"uploads/{upload}/finish", json={}).status_code == 409


def test_a_full_disk_is_told_before_anything_is_sent(models, monkeypatch):
    monkeypatch.setattr("extensions.model_files.places.RESERVE_BYTES", 1 << 60)
    answer = models.call("POST", "uploads", json={"name": "a.ckpt", "size_bytes": 20})
    assert answer.status_code == 507 and "room" in answer.json()["detail"]
    assert models.waiting() == []


def test_what_waits_for_days_is_deleted_and_a_discarded_upload_at_once(models, monkeypatch):
    old, given_up = (models.call("POST", "uploads", json={"name": "a.ckpt", "size_bytes": 20}).json()["id"] for _ in range(2))
    assert models.call("DELETE", f"uploads/{given_up}").status_code == 204
    assert [upload["id"] for upload in models.call("GET", "uploads").json()] == [old]
    place = Path(models.host.paths.data) / "tmp/model_files/uploads" / old
    os.utime(place, (0, time.time() - 8 * 24 * 3600))
    fresh = models.call("POST", "uploads", json={"name": "b.ckpt", "size_bytes": 20}).json()["id"]
    assert [upload["id"] for upload in models.call("GET", "uploads").json()] == [fresh]


def test_an_upload_that_there_is_not(models):
    for upload in ("0" * 32, "..", "../../models", "%2e%2e"):
        assert models.call("GET", f"uploads/{upload}").status_code == 404


def test_a_file_that_goes_to_another_disk_is_copied_completely(models, monkeypatch):
    def elsewhere(*given, **more):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("extensions.model_files.moving.os.link", elsewhere)
    data = lora(layers=2)
    done = models.put(data, "small.safetensors")
    assert done.status_code == 200, done.text
    assert (models.folder / "Lora/small.safetensors").read_bytes() == data
    assert models.files() == ["small.safetensors"] and models.waiting() == []


def test_who_may(make_host):
    host = make_host(*EXTENSIONS, nowebui=True, listen=True)
    with running_client(host) as client:
        here = Models(client, host)
        assert here.call("GET", "access").json() == {"allowed": True, "reason": ""}
        behind = here.call("GET", "uploads", headers={"X-Forwarded-For": "10.0.0.9"})
        assert behind.status_code == 403 and "--enable-model-file-access" in behind.json()["detail"]
