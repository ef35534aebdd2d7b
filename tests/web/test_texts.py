"""Finding the texts that users read; Simplified Chinese has a translation of each of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.host import build_host
from app.localizations import localization_folders, read_localization
from app.paths import CHECKOUT
from app.testing import HostMaker
from app.values.options import StartOptions
from app.web.texts.collect import collect_texts, is_translatable
from app.web.texts.markup import markup_texts
from app.web.texts.python import python_texts
from app.web.texts.scripts import script_texts

COMPLETE = "zh_CN"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """All texts with their places, and the table."""
    options = StartOptions(data_dir=str(tmp_path_factory.mktemp("data")), safe_mode=True)
    host = build_host(options, "web", environment={}, with_packages=False)
    try:
        with host.rehearsing():
            found = collect_texts(host)
        return found, dict(read_localization(COMPLETE, localization_folders(host)).texts)
    finally:
        host.close()


def test_every_text_is_translated(texts: tuple[dict[str, str], dict[str, str]]) -> None:
    found, table = texts
    missing = {text: where for text, where in found.items() if text not in table}
    assert missing == {}, f"`python -m app texts --missing {COMPLETE}` prints them, to be translated in localizations/{COMPLETE}.json"


def test_translations_have_the_values_of_their_texts(texts: tuple[dict[str, str], dict[str, str]]) -> None:
    _, table = texts
    holes = {text: len(re.findall(r"\{\d*\}", translated)) for text, translated in table.items()}
    assert {text: count for text, count in holes.items() if count != text.count("{}")} == {}


def test_the_scan_finds_what_is_known_to_be_there(texts: tuple[dict[str, str], dict[str, str]]) -> None:
    found, _ = texts
    places = {
        "Sampling steps": "page",
        "Always save all generated images": "settings",
        "Saving images/grids": "settings",
        "Hires steps": "parameters",
        "Keep -1 for seeds": "script fields",
        "Denoising strength curve": "script fields",
        "Load a checkpoint": "titles",
        "axis|Nothing": "handed in",
        "Soft Inpainting: {}": "handed in",
        "Focal point face weight": "handed in",
        "Scale to": "handed in",
        "No setting is like that.": "settings_tab/static/view/sections.js",
        "Reuse the seed of the selected picture": "generation_form/static/generation_form.js",
    }
    assert {text: found.get(text) for text in places} == places


SCRIPTED = """
from typing import ClassVar, Literal
from pydantic import Field
from app.api import Axis, Script, ScriptParams, hookimpl

class Fields(ScriptParams):
    feature: ClassVar[str] = "scripted"
    depth: int = Field(1, title="Depth of it", description="How deep it goes.", json_schema_extra={"unit": "leagues"})
    mood: Literal["cheerful", "grave"] = "grave"
    words: str = Field("", title="Words of it", json_schema_extra={"placeholder": "Write some"})
    unseen: str = Field("", title="Nobody sees this", json_schema_extra={"hidden": True})

@hookimpl
def register_scripts(host):
    return [Script("A script of mine", Fields, lambda task: None)]

@hookimpl
def register_axes(host):
    return [Axis("My axis", "text", lambda request, value: request), Axis("Group: My field", "text", lambda request, value: request)]

@hookimpl
def register_texts(host):
    return ["Handed in by me", "somewhere|Both"]
"""


def test_scripts_axes_and_what_extensions_hand_in_are_found(make_host: HostMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("scripted", SCRIPTED)
    host = make_host("scripted", "xyz_plot", "txt2img", "img2img")
    with host.rehearsing():
        found = collect_texts(host)
    words = ["A script of mine", "Depth of it", "How deep it goes.", "leagues", "mood", "cheerful", "grave", "Words of it", "Write some"]
    assert {word: found.get(word) for word in words} == dict.fromkeys(words, "script fields")
    handed_in = ["Handed in by me", "somewhere|Both", "My axis", "Group: {}", "My field"]
    assert {word: found.get(word) for word in handed_in} == dict.fromkeys(handed_in, "handed in")
    assert "Nobody sees this" not in found and "Group: My field" not in found


def test_literals_of_scripts_are_told_from_code() -> None:
    shown = 'make("b", {}, "none at all"); make("i", { placeholder: "same" }); say(n === 1 ? "1 file" : x); field("Local name", input);'
    assert script_texts(shown) == ["none at all", "same", "1 file", "Local name"]
    source = r"""
    // "A comment of words"
    make("button", { class: "primary big tool", title: "Copy the path", "aria-label": `Remove ${name[`x`]} from ${"the list"}` }, "Close");
    document.querySelector("#a .b > button"); if (event.key === "Enter") go("ArrowLeft");
    const odd = /["'`]/.test(x) ? 'Don\'t' : "name"; say("Nothing was changed. Try again …"); throw new Error("Give it a name.");
    fetch("paintbox/v1/x"); element.style = "color: red; top: 0"; const state = "is-wrong"; f({ reload: "Works after Reload UI." });
    """
    assert script_texts(source) == [
        "Copy the path",
        "Remove {} from {}",
        "Close",
        "Don't",
        "Nothing was changed. Try again …",
        "Give it a name.",
        "Works after Reload UI.",
    ]


def test_markup_gives_words_and_tooltips_and_leaves_out_what_is_the_users() -> None:
    markup = '<p title="A hint">Words &amp; more<br><code>x = 1</code> end</p><i translate="no" title="mine">secret</i>'
    markup += '<input placeholder="Type here">'
    assert markup_texts(markup) == ["A hint", "Words & more", "end", "Type here"]


def test_sentences_of_errors_are_found_with_holes_for_their_values() -> None:
    source = 'raise UserError(f"There is no {kind} {name!r}.", hint="Choose another one.", field="a b")\nlog.info("not shown to anybody")'
    assert python_texts(source) == ["There is no {} {}.", "Choose another one."]
    assert python_texts("say(f'In use: {names}.')\nlogger.info('Loaded it all.')\nassert x, 'Not so at all.'") == ["In use: {}."]
    assert python_texts("def f():\n    'A docstring of it.'\n    return f'it contains {x}'") == ["it contains {}"]
    assert python_texts("run.tell(f'Reading {name}')\nField(description='For programs only.')") == ["Reading {}"]
    assert python_texts("html = f'<p title=\"Of {x}\">Time taken: <b>{t}</b></p>'") == ["Of {}", "Time taken:"]
    assert not is_translatable("{} × 12 %") and is_translatable("12 px")


def test_the_tool_prints_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from app.cli.texts import texts as run
    from app.errors import UserError

    with pytest.raises(UserError, match="needs the name"):
        run(["--missing"], {})
    assert run(["help"], {}) == 0 and "--unused" in capsys.readouterr().out


def test_tables_lie_where_the_tools_look(tmp_path: Path) -> None:
    assert any((folder / f"{COMPLETE}.json").is_file() for folder in CHECKOUT.glob("extensions/*/localizations"))
