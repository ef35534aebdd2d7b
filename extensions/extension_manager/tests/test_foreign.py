"""Extensions for A1111 are recognised and reported, and what of them is no program is used."""

from __future__ import annotations

import json

from app.testing import hookspecs
from app.testing.installing import write_files
from app.testing.web import page_head
from extensions.extension_manager.javascript import with_consent
from extensions.extension_manager.params import ALLOWED_SCRIPTS

CODE = """
import os
os._exit(3)
from modules import script_callbacks, shared
from modules.script_callbacks import on_model_loaded
import modules.scripts as scripts

class Mine(scripts.Script):
    def title(self):
        return "Mine"

script_callbacks.on_ui_tabs(lambda: [])
script_callbacks.on_image_grid(lambda params: None)
"""
FILES = {
    "scripts/mine.py": CODE,
    "install.py": "import launch\nraise SystemExit",
    "requirements.txt": "no-such-package-of-a-test\n",
    "javascript/b.js": "onUiLoaded(() => gradioApp()); appendContextMenuOption('#x', 'y', z); function submit() {} submit();",
    "javascript/a.mjs": "export {};",
    "javascript/lib/deep.js": "",
    "style.css": "a {}",
    "styles.csv": "name,prompt,negative_prompt\nFrom afar,a far place,near\n",
    "localizations/xx.json": "{}",
    "wildcards/colors.txt": "red\n",
    "tags/some.csv": "1girl,0,100,\n",
    "page.html": "<script>alert(1)</script>",
}


def test_its_python_is_read_and_never_run(start, tmp_path) -> None:
    write_files(tmp_path / "data" / "extensions" / "foreign", FILES)
    site = start()
    listed = site.extension("foreign")
    report = site.get("/installed/foreign/report")
    assert (listed["state"], listed["scripts"], report["works"]) == ("written for A1111", "not allowed", False)
    assert {(each["name"], each["here"]) for each in report["callbacks"]} == {
        ("on_ui_tabs", "register_tabs"),
        ("on_image_grid", ""),
        ("on_model_loaded", "patch_model"),
    }
    assert report["script_classes"] == ["Mine"]
    assert report["modules"] == ["launch", "modules.script_callbacks", "modules.scripts", "modules.shared"]
    assert {(each["name"], each["here"]) for each in report["page_functions"]} == {
        ("onUiLoaded", "onUiLoaded"),
        ("gradioApp", "gradioApp"),
        ("appendContextMenuOption", ""),
    }
    parts = {each["what"]: each["use"] for each in report["parts"]}
    assert parts["Lists of Python packages"] == "not installed"
    assert parts["Scripts"] == parts["Installer"] == "not run"
    assert parts["Style presets"] == parts["Wildcards"] == "used"
    assert not site.host.extensions.failed(), "it is no failure"


def test_what_is_no_program_is_used(start, tmp_path) -> None:
    names = ("styles.csv", "localizations/xx.json", "wildcards/colors.txt", "tags/some.csv")
    folder = write_files(tmp_path / "data" / "extensions" / "foreign", {name: FILES[name] for name in names})
    (tmp_path / "data" / "styles.csv").write_text("name,prompt,negative_prompt\nMy own,x,y\n")
    site = start()
    assert site.get("/installed/foreign/report")["works"]
    assert [each["name"] for each in site.client.get("/sdapi/v1/prompt-styles").json()] == ["My own", "From afar"]
    assert folder / "localizations" in site.host.extensions.parts("localizations")
    assert site.host.extensions.parts("tags") == [folder / "tags"]
    site.post("/apply", {"enabled": {"foreign": False}})
    assert site.host.extensions.parts("wildcards") == []
    assert [each["name"] for each in site.client.get("/sdapi/v1/prompt-styles").json()] == ["My own"]


def test_a_style_file_that_cannot_be_read_takes_no_style_away(start, tmp_path) -> None:
    write_files(tmp_path / "data" / "extensions" / "foreign", {"styles.csv": "x"})
    (tmp_path / "data" / "extensions" / "foreign" / "styles.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "data" / "styles.csv").write_text("name,prompt,negative_prompt\nMy own,x,y\n")
    assert [each["name"] for each in start().client.get("/sdapi/v1/prompt-styles").json()] == ["My own"]


def test_its_scripts_are_served_when_somebody_has_allowed_these_very_files(start, tmp_path) -> None:
    folder = write_files(tmp_path / "data" / "extensions" / "foreign", FILES)
    site = start()
    address = "/paintbox/assets/foreign/javascript/b.js"
    assert site.client.get(address).status_code == 404
    assert "foreign" not in page_head(site.host) and "a1111-surface" not in page_head(site.host)
    assert "Reload UI" in site.post("/installed/foreign/javascript", {"allowed": True})["message"]
    head = page_head(site.host)
    order = ["a1111-surface/surface.js", "foreign/javascript/a.mjs", "foreign/javascript/b.js"]
    assert [head.index(name) for name in order] == sorted(head.index(name) for name in order)
    assert "foreign/style.css" in head and "deep.js" not in head
    assert site.client.get(address).text == FILES["javascript/b.js"]
    for name in ("scripts/mine.py", "install.py", "page.html"):
        assert site.client.get(f"/paintbox/assets/foreign/{name}").status_code == 404
        assert site.client.get(f"/file=extensions/foreign/{name}").status_code == 404
    assert site.client.get("/file=extensions/foreign/tags/some.csv").text == FILES["tags/some.csv"]
    assert site.client.get("/file=extensions/foreign/javascript/lib/deep.js").status_code == 200
    for path in ("..%2f..%2fconfig.json", "tags%2f..%2f..%2f..%2fconfig.json", ".git/config.json"):
        assert site.client.get(f"/file=extensions/foreign/{path}").status_code == 404
    (folder / "javascript" / "lib" / "deep.js").write_text("changed")
    assert site.client.get(address).status_code == 404, "consent is for the files as they were"
    assert site.extension("foreign")["scripts"] == "not allowed"


def test_the_index_is_read_in_a1111s_form(start, tmp_path) -> None:
    document = {
        "about": "",
        "tags": {"ads": "costs money"},
        "extensions": [
            {
                "name": "One",
                "url": "https://github.com/a/one.git",
                "description": "<b>x</b>",
                "added": "2023-01-02",
                "tags": ["ads"],
                "stars": 7,
            },
            {"name": "Evil", "url": "javascript:alert(1)"},
            "no entry",
            None,
            {"name": "Old", "url": "https://github.com/a/old", "commit_time": "2023-05-06T07:08:09Z", "tags": None, "stars": "many"},
        ],
    }
    site = start()
    (site.data / "index.json").write_text(json.dumps(document))
    index = site.post("/index", {"address": "index.json"})
    assert [(each["name"], each["stars"], each["updated"]) for each in index["entries"]] == [("One", 7, ""), ("Old", 0, "2023-05-06")]
    assert (index["tags"], index["skipped"]) == ({"ads": "costs money"}, 3)
    (site.data / "index.json").write_text('{"extensions": 3}')
    assert "not an index" in site.post("/index", {"address": "index.json"}, 422)["detail"]
    site.host.settings.set({"extensions_index": "/etc/passwd"})
    assert "data folder" in site.post("/index", {}, 422)["detail"]


def test_the_command_line_says_what_becomes_of_it_and_that_its_scripts_wait(start, tmp_path) -> None:
    write_files(tmp_path / "data" / "extensions" / "foreign", FILES)
    site = start()
    told = {item.value[0]: item.value[1] for item in collected(site.host, "foreign")}
    assert told["A1111"] == "Its Python code is not run here."
    assert "Scripts (1): not run" in told["brings"] and "on_ui_tabs (here register_tabs)" in told["callbacks"]
    assert "modules.scripts" in told["modules"] and "waits for your permission" in told["JavaScript"]
    site.host.settings.set({ALLOWED_SCRIPTS: with_consent(site.host.extensions.get("foreign"), site.host, allowed=True)})
    assert ("JavaScript", "allowed") in [item.value for item in collected(site.host, "foreign")]
    assert collected(site.host, "extension_manager") == []


def collected(host, name):
    return host.hooks.collect(hookspecs.describe_extension, report=host.extensions.get(name), host=host)
