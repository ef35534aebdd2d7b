"""Pictures that users bring over HTTP: named by content, fetched again, refused when they are none, nobody else's."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from PIL import Image

from app.errors import NotFoundError, UserError
from app.inputs import LONGEST_AGE_S, InputStore


def picture(colour="red", size=(40, 24), kind="PNG"):
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, kind)
    return stream.getvalue()


def test_a_picture_is_taken_in_and_given_back(make_site):
    client = make_site().client
    data = picture()
    taken = client.post("/paintbox/v1/inputs", content=data)
    assert taken.status_code == 201
    ref = taken.json()["ref"]
    assert taken.json() == {"ref": ref, "width": 40, "height": 24}
    assert client.post("/paintbox/v1/inputs", content=data).json()["ref"] == ref
    assert client.post("/paintbox/v1/inputs", content=picture("blue")).json()["ref"] != ref
    back = client.get(f"/paintbox/v1/inputs/{ref}")
    assert (back.content, back.headers["content-type"]) == (data, "image/png")


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("BMP", "application/octet-stream")])
def test_the_browser_is_told_what_it_can_show(make_site, kind, media_type):
    client = make_site().client
    ref = client.post("/paintbox/v1/inputs", content=picture(kind=kind)).json()["ref"]
    assert client.get(f"/paintbox/v1/inputs/{ref}").headers["content-type"] == media_type


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", picture()[:40]])
def test_what_is_no_picture_is_refused_by_its_name(make_site, data):
    answer = make_site().client.post("/paintbox/v1/inputs?name=cat.png", content=data)
    assert answer.status_code == 422 and answer.json()["detail"].startswith("cat.png cannot be opened as a picture")


@pytest.mark.parametrize("ref", ["0" * 32 + ".img", "..%2f..%2fconfig.json", "x"])
def test_what_was_not_brought_is_not_found(make_site, ref):
    assert make_site().client.get(f"/paintbox/v1/inputs/{ref}").status_code == 404


def test_each_user_has_pictures_of_his_own(tmp_path):
    store = InputStore(tmp_path)
    ref = store.put(picture(), "ann").ref
    assert store.find(ref, "ann").read_bytes() == picture()
    for other in ("bob", ""):
        with pytest.raises(NotFoundError, match="not there any more"):
            store.find(ref, other)


def test_pictures_that_nobody_asks_for_go_in_the_end(tmp_path):
    store = InputStore(tmp_path)
    old, used = store.put(picture(), ""), store.put(picture("blue"), "")
    for path in tmp_path.rglob("*.img"):
        os.utime(path, (1, 1))
    store.find(used.ref, "")
    store.sweep()
    assert len(list(tmp_path.rglob("*.img"))) == 1
    store.find(used.ref, "")
    with pytest.raises(NotFoundError):
        store.find(old.ref, "")
    assert LONGEST_AGE_S > 24 * 3600


def test_a_full_disk_is_told_and_leaves_no_half_picture(tmp_path, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"mine\.png cannot be kept in .*No space left on device") as error:
        InputStore(tmp_path).put(picture(), "", "mine.png")
    assert error.value.status == 507
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
