"""Saving and deleting styles: what the files are afterwards, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import NotFoundError, UserError
from extensions.styles.api import read_styles
from extensions.styles.editing import delete_style, save_style
from extensions.styles.files import read_style_files
from extensions.styles.text import Style

FILES = ["styles.csv"]
HAND_MADE = '\ufeffname,prompt,negative_prompt,note\r\n# mine,,,\r\nInk, in ink,colours,by hand\r\nOil,"oil, thick",,\r\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "styles.csv").write_bytes(HAND_MADE.encode())
    return tmp_path


def text(folder: Path, name: str = "styles.csv") -> str:
    return (folder / name).read_bytes().decode()


def test_the_first_style_makes_the_file_as_a1111_writes_it(tmp_path: Path) -> None:
    save_style(tmp_path, FILES, Style("Ink", 'in "ink", {prompt}', "colours"))
    assert text(tmp_path) == '\ufeffname,prompt,negative_prompt\r\nInk,"in ""ink"", {prompt}",colours\r\n'
    assert list(tmp_path.iterdir()) == [tmp_path / "styles.csv"], "nothing is left over, and there was nothing to back up"


def test_a_changed_style_leaves_the_rest_of_the_file_as_it_was(folder: Path) -> None:
    saved = save_style(folder, FILES, Style("Ink", "black ink", ""))
    assert text(folder) == HAND_MADE.replace("Ink, in ink,colours", "Ink,black ink,")
    assert text(folder, "styles.csv.bak") == HAND_MADE
    assert saved == Style("Ink", "black ink", "", str(folder / "styles.csv"))


def test_a_new_style_stands_at_the_end_and_a_deleted_one_is_gone(folder: Path) -> None:
    save_style(folder, FILES, Style("  Chalk ", "chalk\r\nwhite"))
    assert text(folder) == HAND_MADE.replace(" in ink", "in ink") + 'Chalk,"chalk\nwhite",,\r\n'
    assert delete_style(folder, FILES, "Ink").prompt == "in ink"
    assert [style.name for style in read_style_files(folder, FILES)] == ["Oil", "Chalk"]
    with pytest.raises(NotFoundError, match="Ink"):
        delete_style(folder, FILES, "Ink")


def test_a_file_of_the_old_form_is_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_text("name,text\nInk,in ink\n", encoding="utf-8")
    save_style(tmp_path, FILES, Style("Oil", "oil", "flat"))
    assert text(tmp_path) == "\ufeffname,prompt,negative_prompt\r\nInk,in ink,\r\nOil,oil,flat\r\n"


def test_a_style_stays_in_its_file_and_new_ones_go_into_the_first(tmp_path: Path) -> None:
    for name, styles in {"a.csv": "Ink,1,\n", "b.csv": "Oil,2,\nInk,3,\n"}.items():
        (tmp_path / name).write_text(f"name,prompt,negative_prompt\n{styles}", encoding="utf-8")
    save_style(tmp_path, ["*.csv"], Style("Oil", "oil"))
    save_style(tmp_path, ["*.csv"], Style("Chalk", "chalk"))
    names = [[style.name for style in read_styles(text(tmp_path, name))] for name in ("a.csv", "b.csv")]
    assert names == [["Ink", "Chalk"], ["Oil", "Ink"]]
    delete_style(tmp_path, ["*.csv"], "Ink")
    assert [style.name for style in read_style_files(tmp_path, ["*.csv"])] == ["Chalk", "Oil"], "gone from both files"
    with pytest.raises(UserError, match="heading"):
        save_style(tmp_path, ["*.csv"], Style("------------------ A -------------------"))


@pytest.mark.parametrize(
    ("style", "field"),
    [
        (Style(" "), "name"),
        (Style("# mine"), "name"),
        (Style("two\nlines"), "name"),
        (Style("n" * 201), "name"),
        (Style("Ink", "x" * 100_001), "prompt"),
        (Style("Ink", "", "half a \ud83d character"), "negative_prompt"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_its_field(folder: Path, style: Style, field: str) -> None:
    with pytest.raises(UserError) as refused:
        save_style(folder, FILES, style)
    assert refused.value.field == field
    assert text(folder) == HAND_MADE


def test_files_that_cannot_be_used_are_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_text("a shopping list\nmilk\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"styles\.csv names no column 'name'"):
        save_style(tmp_path, FILES, Style("Ink"))
    with pytest.raises(UserError, match=r"mine\*\.csv"):
        save_style(tmp_path, ["mine*.csv"], Style("Ink"))
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(UserError, match="blocked"):
        save_style(tmp_path, ["blocked/styles.csv"], Style("Ink"))
    assert text(tmp_path) == "a shopping list\nmilk\n"


def test_of_two_rows_of_one_name_one_is_left_and_cells_without_a_column_stay(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_text("name,prompt,negative_prompt\nInk,first,,spare\nOil,oil,\nInk,second,\n", encoding="utf-8")
    assert read_style_files(tmp_path, FILES)[0].prompt == "second"
    save_style(tmp_path, FILES, Style("Ink", "third"))
    assert text(tmp_path).splitlines()[1:] == ["Ink,third,,spare", "Oil,oil,"]
