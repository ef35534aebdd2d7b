"""Deleting pictures and bringing them back, over the routes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from app.api import Host
from app.testing.web import running_client, with_tiny_worker
from extensions.picture_trash.trash import NOTE, sweep_now, trash_folder

ROUTE = "/paintbox/v1/trash"
DAY_S = 86_400


def drawn(host: Host, owner: str = "") -> tuple[str, Path]:
    request = {"prompt": "a tree", "steps": 1, "width": 64, "height": 64, "seed": 7}
    job = host.jobs.submit("generate", request, owner=owner, settings=host.settings.changed())
    return job.id, Path(host.jobs.wait(job.id, 60).result.images[0].path)


def test_a_deleted_picture_comes_back_with_its_text_for_its_owner_alone(make_host: Any) -> None:
    host = make_host("picture_trash", "txt2img", "samplers", "noise_schedules", "checkpoints", "stable_diffusion")
    host.settings.set({"save_txt": True})
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        job, picture = drawn(host)
        text, data = picture.with_suffix(".txt"), picture.read_bytes()
        assert text.is_file()
        deleted = client.post(ROUTE, json={"job": job, "number": 0}).json()
        assert deleted["name"] == picture.name and not picture.exists() and not text.exists()
        assert client.post(ROUTE, json={"job": job, "number": 0}).status_code == 404
        assert client.get(f"/paintbox/v1/jobs/{job}/images/0").status_code == 404
        picture.write_bytes(b"another")
        taken = client.post(f"{ROUTE}/{deleted['id']}/restore")
        assert taken.status_code == 409 and picture.name in taken.json()["detail"] and picture.read_bytes() == b"another"
        picture.unlink()
        assert client.post(f"{ROUTE}/{deleted['id']}/restore").json() == {"name": picture.name}
        assert picture.read_bytes() == data and text.is_file() and list(trash_folder(host).iterdir()) == []

        foreign, other = drawn(host, owner="somebody")
        assert client.post(ROUTE, json={"job": foreign, "number": 0}).status_code == 404 and other.is_file()
        for number, id in ((9, job), (-1, job), (0, "nobody")):
            assert client.post(ROUTE, json={"job": id, "number": number}).status_code == 404
        for id in ("0" * 24, "..", "x"):
            assert client.post(f"{ROUTE}/{id}/restore").status_code in (404, 405)

        again = client.post(ROUTE, json={"job": job, "number": 0}).json()["id"]
        note = trash_folder(host) / again / NOTE
        note.write_text(note.read_text().replace('"owner":""', '"owner":"somebody"'))
        assert client.post(f"{ROUTE}/{again}/restore").status_code == 404
        old = time.time() - 31 * DAY_S
        sweep_now(host)
        assert note.is_file()
        os.utime(note, (old, old))
        sweep_now(host)
        assert not note.parent.exists()
