"""Rename, move and trash: what belongs to a model goes along, what is known of it is kept, and nothing is replaced."""

from __future__ import annotations

import hashlib
import mmap

from app.api import WorkerStatus
from app.testing.web import running_client
from extensions.model_files.trash import FOLDER

from .conftest import EXTENSIONS, Models, lora

SIDECARS = ("a.preview.png", "a.json", "a.civitai.info", "a.txt")


def with_sidecars(models, folder=""):
    for name in SIDECARS:
        models.write(f"{folder}{name}", name.encode())
    models.write(f"{folder}a2.safetensors", lora(3))
    models.write(f"{folder}a2.png", b"of another one")
    return models.write(f"{folder}a.safetensors")


def test_a_rename_takes_along_what_belongs_to_the_file_and_what_is_known_of_it(models):
    path = with_sidecars(models)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    models.host.models.put_hash(models.host.models.find("lora", "a"), sha256, None)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        moved = models.call("POST", "rename", json={"folder_kind": "lora", "model": "a.safetensors", "name": "b.c"}).json()
        assert mapped[:] == lora(), "who has it mapped goes on"
    assert moved["name"] == "b.c.safetensors" and len(moved["files"]) == 5
    left = ["a2.png", "a2.safetensors", "b.c.civitai.info", "b.c.json", "b.c.preview.png", "b.c.safetensors", "b.c.txt"]
    assert models.files() == left
    assert models.host.models.find("lora", "b.c").sha256 == sha256 and models.host.models.find("lora", "a") is None


def test_where_the_old_name_still_stands_is_told(models):
    models.write("ink.safetensors")
    models.host.settings.set({"sd_lora": "ink"})
    moved = models.call("POST", "rename", json={"folder_kind": "lora", "model": "ink", "name": "pen"}).json()
    assert models.host.settings.get("sd_lora") == "ink" and any("still says 'ink'" in note for note in moved["notes"])
    models.write("soft.pt", kind="VAE")
    models.write("photo.safetensors", kind="Stable-diffusion")
    models.write("photo.json", b"\xef\xbb\xbf" + b'{"vae": "soft.pt"}', kind="Stable-diffusion")
    moved = models.call("POST", "rename", json={"folder_kind": "vae", "model": "soft.pt", "name": "hard"}).json()
    assert any("photo.safetensors" in note for note in moved["notes"]), moved


def test_a_move_to_a_sub_folder_and_back(models):
    with_sidecars(models)
    moved = models.call("POST", "move", json={"folder_kind": "lora", "model": "a", "folder": "new/place"}).json()
    assert moved["name"] == "new/place/a.safetensors"
    gone_along = [name for name in models.files() if name.startswith("new/")]
    assert gone_along == sorted(f"new/place/{name}" for name in (*SIDECARS, "a.safetensors"))
    back = models.call("POST", "move", json={"folder_kind": "lora", "model": moved["name"], "folder": ""})
    assert back.status_code == 200 and models.files() == sorted([*SIDECARS, "a.safetensors", "a2.png", "a2.safetensors"])


def test_nothing_is_replaced_not_even_a_note(models):
    with_sidecars(models)
    models.write("b.json", b"mine")
    before = models.files()
    for name, taken in (("a2", "a2.safetensors"), ("A2.safetensors", "a2.safetensors"), ("b", "b.json")):
        refused = models.call("POST", "rename", json={"folder_kind": "lora", "model": "a", "name": name})
        assert refused.status_code == 409 and taken in refused.json()["detail"], refused.text
    assert models.files() == before
    for name in ("../b", "x/y", "NUL", "", "..", "a"):
        refused = models.call("POST", "rename", json={"folder_kind": "lora", "model": "a", "name": name})
        assert refused.status_code == 422 and refused.json()["field"] == "name", refused.text
    gone = models.call("POST", "rename", json={"folder_kind": "lora", "model": "nobody", "name": "b"})
    assert gone.status_code == 404 and gone.json()["field"] == "model"
    assert models.call("POST", "rename", json={"folder_kind": "lora", "model": "a", "name": "A"}).json()["name"] == "A.safetensors"


def test_a_name_that_may_mean_several_files_changes_none(models):
    for name in ("a.safetensors", "sub/a.safetensors", "b/c.safetensors"):
        models.write(name)
    for model in ("a", ""):
        refused = models.call("POST", "trash", json={"folder_kind": "lora", "model": model})
        assert refused.status_code in (404, 422) and refused.json()["field"] == "model"
    assert models.call("POST", "trash", json={"folder_kind": "lora", "model": "sub/a"}).json()["name"] == "sub/a.safetensors"
    assert models.call("POST", "trash", json={"folder_kind": "lora", "model": "c"}).json()["name"] == "b/c.safetensors"
    assert (models.folder / "Lora/a.safetensors").exists()


def test_a_link_is_moved_and_what_it_leads_to_stays(models, tmp_path):
    elsewhere = tmp_path / "disk" / "big.safetensors"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(lora())
    link = models.folder / "Lora" / "a.safetensors"
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    models.host.models.refresh()
    moved = models.call("POST", "move", json={"folder_kind": "lora", "model": "a", "folder": "sub"})
    assert moved.status_code == 200, moved.text
    item = models.call("POST", "trash", json={"folder_kind": "lora", "model": "a"}).json()
    assert models.call("DELETE", f"trash/{item['id']}").status_code == 200
    assert elsewhere.read_bytes() == lora() and models.files() == []


def test_notes_that_belong_to_two_models_stay(models):
    with_sidecars(models)
    models.write("a.pt", lora())
    moved = models.call("POST", "rename", json={"folder_kind": "lora", "model": "a.safetensors", "name": "b"}).json()
    assert moved["files"] == ["b.safetensors"] and "a.pt" in moved["notes"][0]


def test_the_trash_and_the_way_back(models):
    with_sidecars(models, "sub/")
    before, sha256 = models.files(), "a" * 64
    models.host.models.put_hash(models.host.models.find("lora", "sub/a"), sha256, None)
    item = models.call("POST", "trash", json={"folder_kind": "lora", "model": "sub/a.safetensors"}).json()
    assert models.host.models.find("lora", "a") is None
    assert [record.name for record in models.host.models.records("lora")] == ["sub/a2.safetensors"]
    assert {name.rpartition(".")[2] for name in models.files() if FOLDER in name and "item.json" not in name} == {"trashed"}
    [listed] = models.call("GET", "trash").json()
    assert (listed["id"], listed["name"]) == (item["id"], "sub/a.safetensors") and listed["size_bytes"] > len(lora())
    models.write("sub/a.safetensors", b"another one")
    refused = models.call("POST", f"trash/{item['id']}/restore")
    assert refused.status_code == 409 and (models.folder / "Lora/sub/a.safetensors").read_bytes() == b"another one"
    (models.folder / "Lora/sub/a.safetensors").unlink()
    assert models.call("POST", f"trash/{item['id']}/restore").status_code == 200
    assert models.files() == before and models.call("GET", "trash").json() == []
    assert models.host.models.find("lora", "a").sha256 == sha256
    assert models.call("POST", f"trash/{item['id']}/restore").status_code == 404


def test_the_trash_is_emptied_one_by_one_or_at_once(models):
    for name in ("a", "b", "c"):
        models.write(f"{name}.safetensors")
    ids = [models.call("POST", "trash", json={"folder_kind": "lora", "model": name}).json()["id"] for name in ("a", "b", "c")]
    assert models.call("DELETE", f"trash/{ids[1]}").json() == {"count": 1, "size_bytes": len(lora())}
    assert [item["name"] for item in models.call("GET", "trash").json()] == ["c.safetensors", "a.safetensors"]
    assert models.call("DELETE", "trash").json()["count"] == 2
    assert models.files() == []


def test_a_trash_that_somebody_else_has_written_leads_nowhere(models):
    place = models.folder / "Lora" / FOLDER / ("b" * 32)
    place.mkdir(parents=True)
    (place / "item.json").write_text('{"folder_kind": "lora", "name": "x", "size_bytes": 1, "removed": 1, "files": ["../../evil"]}')
    (place / "0.trashed").write_bytes(b"x")
    assert models.call("POST", f"trash/{'b' * 32}/restore").status_code == 404


def test_the_chosen_checkpoint_stays_chosen_by_its_new_name_and_comes_back_from_the_trash(models):
    models.write("one.safetensors", kind="Stable-diffusion")
    settings = models.host.settings
    settings.set({"sd_model_checkpoint": "one.safetensors"})
    moved = models.call("POST", "rename", json={"folder_kind": "checkpoint", "model": "one", "name": "two"}).json()
    assert settings.get("sd_model_checkpoint") == "two.safetensors" and moved["notes"]
    item = models.call("POST", "trash", json={"folder_kind": "checkpoint", "model": "two"}).json()
    assert settings.get("sd_model_checkpoint") is None and "its default counts now" in item["notes"][0]
    models.call("POST", f"trash/{item['id']}/restore")
    assert settings.get("sd_model_checkpoint") == "two.safetensors"


def test_a_checkpoint_that_is_drawn_with_stays_until_the_picture_is_there(models, monkeypatch):
    models.write("one.safetensors", kind="Stable-diffusion")
    status = WorkerStatus(worker="local", state="busy", model="one.safetensors")
    monkeypatch.setattr(models.host.jobs, "worker_status", lambda: status)
    for path, body in (("rename", {"name": "two"}), ("move", {"folder": "x"}), ("trash", {})):
        refused = models.call("POST", path, json={"folder_kind": "checkpoint", "model": "one", **body})
        assert refused.status_code == 409 and "drawn" in refused.json()["detail"]
    assert models.files("Stable-diffusion") == ["one.safetensors"]


# --- who may ---

ROUTES = (("GET", "folders"), ("GET", "uploads"), ("GET", "trash"), ("DELETE", "trash"), ("DELETE", f"trash/{'0' * 32}"))


def test_from_another_machine_nobody_may_unless_the_flag_says_so(make_host):
    for flags, allowed in (({}, False), ({"open_model_files": True}, True)):
        with running_client(make_host(*EXTENSIONS, nowebui=True, listen=True, **flags)) as client:
            models = Models(client, None)
            far = {"X-Forwarded-For": "192.168.1.7"}
            assert models.call("GET", "access", headers=far).json()["allowed"] is allowed
            answers = [models.call(method, path, headers=far) for method, path in ROUTES]
            assert [answer.status_code == 403 for answer in answers] == [not allowed] * len(ROUTES)
