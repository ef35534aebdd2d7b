"""What there is to complete: files of tags of the user and of extensions, networks, and what other extensions offer."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import Completion, NotFoundError, hookimpl
from app.testing.hosts import temporary_host
from extensions.tag_autocomplete.files import chosen_files, tag_files
from extensions.tag_autocomplete.offers import offers
from extensions.tag_autocomplete.routes import make_router


def client_of(host):
    app = FastAPI()
    app.include_router(make_router(host))
    return TestClient(app)


@pytest.fixture
def host(tmp_path):
    for name, text in {
        "tags/small.csv": "cat,0,5,\n",
        "tags/danbooru.csv": "1girl,0,10,girl\n",
        "tags/notes.txt": "no",
        "wildcards/animals/cats.txt": "tabby",
        "styles.csv": 'name,prompt,negative_prompt\nInky,"ink, {prompt}, lines",color\nEmpty,,\n',
        "models/Lora/sub/night.safetensors": "",
        "models/hypernetworks/old.pt": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return temporary_host(tmp_path, ["tag_autocomplete", "wildcards", "styles", "lora", "hypernetworks"])


def test_the_user_s_files_and_those_of_extensions(host, tmp_path, make_host, write_extension):
    mine = write_extension("mine", "")
    (mine / "tags").mkdir()
    (mine / "tags" / "foreign.csv").write_text("a,0,1,")
    (mine / "tags" / "linked.csv").symlink_to(tmp_path / "styles.csv")
    other = make_host("tag_autocomplete", "mine")
    assert [file.name for file in tag_files(other)] == ["foreign.csv"]
    files = tag_files(host)
    assert [file.name for file in files] == ["danbooru.csv", "small.csv"]
    named = {chosen: [file.name for file in chosen_files(files, chosen)] for chosen in ("Automatic", "All", "None", "small", "gone.csv")}
    assert named == {
        "Automatic": ["danbooru.csv"],
        "All": ["danbooru.csv", "small.csv"],
        "None": [],
        "small": ["small.csv"],
        "gone.csv": [],
    }
    assert chosen_files(files[1:], "Automatic") == files[1:]


def test_networks_styles_and_wildcards(host):
    found = {offer.text: offer for offer in offers(host)}
    assert found["night"] == Completion("night", "<lora:night:1>", "Lora", opening="<lora:")
    assert found["old"].insert.startswith("<hypernet:old:") and found["old"].opening == "<hypernet:"
    assert found["animals/cats"] == Completion("animals/cats", "__animals/cats__", "Wildcard", opening="__")
    assert found["Inky"] == Completion("Inky", "ink, lines", "Style", negative="color")
    assert "Empty" not in found
    host.settings.set({"tac_useLoras": False, "tac_useWildcards": False, "tac_useStyles": False})
    assert [offer.text for offer in offers(host)] == ["old"]


def test_an_extension_that_fails_takes_no_other_along(host):
    class Broken:
        @hookimpl
        def list_completions(self, host):
            raise RuntimeError("no")

    host.hooks.register("broken", Broken())
    assert "Inky" in {offer.text for offer in offers(host)}


def test_the_routes(host):
    client = client_of(host)
    told = client.get("/paintbox/v1/autocomplete").json()
    (file,) = told["files"]
    assert told["behaviour"]["most"] == 10 and ["Inky", "ink, lines", "Style", "", "color"] in told["offers"]
    answer = client.get("/paintbox/v1/autocomplete/tags", params={"file": file["name"]})
    assert answer.text == "1girl,0,10,girl\n" and answer.headers["cache-control"] == "no-cache"
    for name in ("../styles.csv", "/etc/passwd", "notes.txt", ""):
        with pytest.raises(NotFoundError):
            client.get("/paintbox/v1/autocomplete/tags", params={"file": name})
    host.settings.set({"tac_active": False})
    assert client.get("/paintbox/v1/autocomplete").json()["offers"] == []
