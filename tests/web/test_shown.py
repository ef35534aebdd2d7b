"""Which pictures a gallery shows after one of them was drawn again."""

from __future__ import annotations

import pytest

from app.values.job import Job, SavedImage
from app.web.shown import Replacement, Shown, read_replacement, read_shown, shown_of, write_shown

OLD = tuple(Shown(job="old", number=number) for number in range(3))
NEW = (Shown(job="new", number=0),)


def picture(kind: str) -> SavedImage:
    return SavedImage(
        path="/x.png", width_px=1, height_px=1, infotext="", index=0, seed=1, subseed=1, prompt="", negative_prompt="", kind=kind
    )


def job(*kinds: str) -> Job:
    plain = Job(id="new", kind="generate", owner="", created=0)
    return plain.model_copy(update={"result": plain.result.model_copy(update={"images": tuple(map(picture, kinds))})})


@pytest.mark.parametrize(
    ("beside", "wanted", "place"),
    [(False, (OLD[0], *NEW, OLD[2]), 1), (True, (OLD[0], OLD[1], *NEW, OLD[2]), 2)],
)
def test_the_new_picture_replaces_the_old_one_or_stands_behind_it(beside: bool, wanted: tuple[Shown, ...], place: int) -> None:
    assert Replacement(job="new", shown=OLD, place=1, beside=beside).applied(NEW) == (wanted, place)


def test_grids_come_first() -> None:
    assert [shown.number for shown in shown_of(job("sample", "grid", "extra"))] == [1, 0, 2]


def test_texts_of_the_page_are_read_back_and_others_are_nothing() -> None:
    assert read_shown(write_shown(OLD)) == OLD
    assert read_shown("") == read_shown("[{}]") == ()
    text = Replacement(job="new", shown=OLD, place=1).model_dump_json()
    assert read_replacement(text, job()) is not None
    assert read_replacement(text.replace('"new"', '"another"'), job()) is None
    assert read_replacement(text.replace('"place":1', '"place":9'), job()) is None
    assert read_replacement("", job()) is None
