"""Wildcards are found in files of text, YAML and JSON, by name and by pattern; nothing outside of their folders is read."""

from __future__ import annotations

import os

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import NotFoundError
from app.testing.hosts import temporary_host
from extensions.wildcards.api import open_library
from extensions.wildcards.library import Library, Place
from extensions.wildcards.routes import make_router


@pytest.fixture
def folder(tmp_path):
    files = {
        "color.txt": "\ufeffred\n\n# no color\n  green # like grass\nred\n",
        "animals/cats.txt": "tabby\nsphinx cat\n",
        "animals/small/mice.txt": "mouse",
        "Hair Color.txt": "blond",
        "clothing.yaml": "clothing:\n  hats: [beret, 'top hat', 7]\n  shoes:\n    - boots\nplain: one\n",
        "more.json": '{"color": ["blue"], "deep": {"er": ["x"]}}',
        ".hidden.txt": "no",
        "notes.md": "no",
    }
    for name, text in files.items():
        path = tmp_path / "wildcards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "wildcards"


@pytest.fixture
def library(folder):
    return Library([Place(folder, is_trusted=True)])


def test_names_and_texts(library):
    assert library.names() == [
        "animals/cats", "animals/small/mice", "clothing/hats", "clothing/shoes", "color", "deep/er", "Hair Color", "plain"
    ]  # fmt: skip
    assert library.values("color") == ("red", "green", "blue")
    assert library.values("clothing/hats") == ("beret", "top hat", "7")
    assert not library.problems


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("animals/cats", ["animals/cats"]),
        ("Animals/CATS", ["animals/cats"]),
        ("cats", ["animals/cats"]),
        ("hair color", ["Hair Color"]),
        ("animals/*", ["animals/cats"]),
        ("animals/**", ["animals/cats", "animals/small/mice"]),
        ("*/?ats", ["animals/cats", "clothing/hats"]),
        ("dog", []),
        ("../wildcards/color", []),
        ("", []),
    ],
)
def test_what_a_pattern_means(library, pattern, names):
    assert library.find(pattern) == names


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [b", "it is no YAML"),
        ("- a\n- b", "top level"),
        ("a: !!python/object/apply:os.system ['true']", "it is no YAML"),
        (
            "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 8)),
            "more than",
        ),
        ("a: " + "[" * 40 + "]" * 40, "nested deeper"),
    ],
    ids=["broken", "list", "object", "laughs", "deep"],
)
def test_a_tree_that_cannot_be_used_is_named_and_hides_no_other(folder, text, why):
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    library = Library([Place(folder)])
    (problem,) = library.problems
    assert "bad.yaml" in problem and why in problem
    assert "color" in library.names() and not any(name.startswith("x") for name in library.names())


def test_a_tree_is_read_again_when_it_has_changed(folder):
    known = {}
    assert Library([Place(folder)], known).values("clothing/shoes") == ("boots",)
    (kept,) = [entry for path, entry in known.items() if path.name == "clothing.yaml"]
    assert Library([Place(folder)], known)._known[folder / "clothing.yaml"] is kept
    (folder / "clothing.yaml").write_text("clothing: {shoes: [boots, sandals]}")
    assert Library([Place(folder)], known).values("clothing/shoes") == ("boots", "sandals")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs links")
def test_links_lead_out_of_the_users_own_folder_alone(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("key")
    (folder / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (folder / "file.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    own = Library([Place(folder, is_trusted=True)])
    assert own.values("link/secret") == ("key",) and own.values("file") == ("key",)
    foreign = Library([Place(folder)])
    assert foreign.find("secret") == [] and foreign.find("file") == []


def test_the_host_has_those_of_the_user_and_of_extensions(folder, tmp_path, make_host, write_extension):
    data = tmp_path / "data"
    bare = data / "extensions" / "only-wildcards" / "wildcards"
    bare.mkdir(parents=True)
    (bare / "birds.txt").write_text("wren")
    (bare.parent / "scripts").mkdir()  # it was written for A1111
    mine = write_extension("mine", "")
    (mine / "wildcards").mkdir()
    (mine / "wildcards" / "fish.txt").write_text("pike")
    (data / "wildcards").mkdir()
    (data / "wildcards" / "birds.txt").write_text("owl")
    library = open_library(make_host("wildcards", "mine", "only-wildcards"))
    assert library.values("birds") == ("owl", "wren") and library.values("fish") == ("pike",)


def test_the_routes(folder, tmp_path):
    app = FastAPI()
    app.include_router(make_router(temporary_host(tmp_path, ["wildcards"])))
    client = TestClient(app)
    assert "animals/cats" in client.get("/paintbox/v1/wildcards").json()["names"]
    told = client.get("/paintbox/v1/wildcards/texts", params={"name": "animals/**"}).json()
    assert told["texts"] == ["tabby", "sphinx cat", "mouse"]
    with pytest.raises(NotFoundError, match="passwd"):
        client.get("/paintbox/v1/wildcards/texts", params={"name": "../../etc/passwd"})
