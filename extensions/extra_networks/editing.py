"""Writes what users say of a file: notes into the ``.json`` beside it, and a picture as its preview, which can be taken back."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from app.api import INFOTEXT, NotFoundError, SavedImage, UserError, UserMetadata, open_image, read_notes, write_atomically
from extensions.extra_networks.sidecars import NOTES, PREVIEWS, WEIGHTS, beside

LONGEST = 100_000
KEPT = ".paintbox.bak"
"""Ending of what was there before the preview that was chosen last; an empty file: nothing was. Nobody else names files so."""


def stem_of(path: str) -> Path:
    """A model file's path without its suffix."""
    return Path(path).with_suffix("")


def write_notes(path: str, values: Mapping[str, object]) -> None:
    """Put ``values`` (by the names of UserMetadata's fields) into the file's ``.json``; everything else in it stays.

    Raises UserError for values that cannot be, for a ``.json`` that holds something else, and where nothing can be written.
    """
    target = beside(stem_of(path), NOTES)
    told = read_notes(target) | {_alias(name): _checked(name, value) for name, value in values.items()}
    _write(target, _encoded(told))


def _encoded(told: Mapping[str, object]) -> bytes:
    """As A1111 writes it; letters that UTF-8 cannot hold (halves of pairs) stay the escapes that they were."""
    try:
        return json.dumps(told, indent=4, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(told, indent=4).encode()


def _alias(name: str) -> str:
    if name not in UserMetadata.model_fields:
        raise UserError(f"There is no note {name!r}.", hint=", ".join(UserMetadata.model_fields), field=name)
    return UserMetadata.model_fields[name].alias or name


def _checked(name: str, value: object) -> str | float:
    if UserMetadata.model_fields[name].annotation is float:
        lowest, highest = WEIGHTS
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise UserError(f"{_alias(name)} must be a number from {lowest:g} to {highest:g}.", field=name)
        return round(float(value), 2)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise UserError(f"{_alias(name)} must be a text of at most {LONGEST:,} letters.", field=name)
    return value


def write_preview(path: str, ending: str, picture: SavedImage) -> None:
    """Make a picture the preview: ``<stem><ending>`` as PNG with its infotext; those that would win over it are put aside."""
    if not Path(picture.path).is_file():
        raise NotFoundError(f"{Path(picture.path).name} was deleted or moved.", hint="Draw it again.")
    stem = stem_of(path)
    target = beside(stem, ending)
    if os.path.samefile(target, path) if target.exists() else str(target) == path:
        raise UserError(f"{target.name} is the model file itself, so it cannot be replaced.")
    info = PngInfo()
    info.add_itxt(INFOTEXT, picture.infotext)
    stream = io.BytesIO()
    open_image(Path(picture.path)).image.save(stream, "PNG", pnginfo=info)
    try:
        for each in _kept(stem):
            each.unlink()
        before = list(_winning(stem, ending, path))
        for each in before:
            each.replace(_aside(each))
        if not before:
            _aside(target).touch()
    except OSError as error:
        raise _unwritten(target, error) from error
    _write(target, stream.getvalue())


def undo_preview(path: str, ending: str) -> None:
    """Take the last preview away and bring back what was there before, if anything; raises NotFoundError where nothing was replaced."""
    stem = stem_of(path)
    target = beside(stem, ending)
    kept = _kept(stem)
    if not kept:
        raise NotFoundError(f"The preview of {stem.name} was not replaced, so there is nothing to take back.")
    try:
        if str(target) != path:
            target.unlink(missing_ok=True)
        for each in kept:
            if each.stat().st_size:
                each.replace(each.with_name(each.name.removesuffix(KEPT)))
            else:
                each.unlink()
    except OSError as error:
        raise _unwritten(target, error) from error


def can_undo(path: str) -> bool:
    """Whether a preview was replaced, or put where none was."""
    return bool(_kept(stem_of(path)))


def _winning(stem: Path, ending: str, path: str) -> Iterator[Path]:
    """Previews that come before the one with this ending, and it itself; never the model file."""
    for one in PREVIEWS[: PREVIEWS.index(ending) + 1]:
        if beside(stem, one).is_file() and str(beside(stem, one)) != path:
            yield beside(stem, one)


def _kept(stem: Path) -> list[Path]:
    return [each for one in PREVIEWS if (each := beside(stem, one + KEPT)).is_file()]


def _aside(preview: Path) -> Path:
    return preview.with_name(preview.name + KEPT)


def _write(target: Path, data: bytes) -> None:
    try:
        write_atomically(target, data)
    except OSError as error:
        raise _unwritten(target, error) from error


def _unwritten(target: Path, error: OSError) -> UserError:
    return UserError(f"{target.name} cannot be written ({error.strerror or error}).", status=507)
