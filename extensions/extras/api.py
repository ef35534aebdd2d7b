"""What extensions use that contribute operations on finished pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.api import Params, Run

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from app.api import Host

__all__ = ["Facts", "ImageOperation", "Picture"]

Facts = Mapping[str, "str | int | float"]
"""What was done to a picture, as infotext items."""


@dataclass(frozen=True)
class Picture:
    """A picture on its way through the operations.

    ``image`` is RGB, or RGBA where it is transparent. ``infotext`` is that of the file it came of, also as other programs' metadata are
    understood; ``texts`` are those of the file as they are, by the names of PNG texts; ``facts`` are added to them.
    ``name_tags`` end the file's name; ``target_px`` (width, height) is the size that was asked for, where one was; ``caption`` is
    written beside the file. ``source`` is the file, ``name`` what its user calls it.
    """

    image: Image.Image
    source: Path
    name: str = ""
    infotext: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    name_tags: tuple[str, ...] = ()
    target_px: tuple[int, int] | None = None
    caption: str = ""

    def with_image(self, image: Image.Image, facts: Facts | None = None, tag: str = "") -> Picture:
        """The same with other pixels, further facts and a further tag."""
        tags = (*self.name_tags, tag) if tag else self.name_tags
        return replace(self, image=image, facts={**self.facts, **(facts or {})}, name_tags=tags)


def _as_it_is(picture: Picture, params: Any, host: Host) -> Picture:
    return picture


def _nothing(params: Any, host: Host) -> None:
    """Nothing to check."""


@dataclass(frozen=True)
class ImageOperation:
    """Something that can be done to pictures; lower ``order`` is done first.

    ``params`` declares the controls: ``feature`` is the operation's id, its fields are drawn in order. Beside the usual extra facts of
    a field: ``elem_id`` as it is; ``only_if`` {field: value}, by which it is shown; ``tabs`` [[value, title, elem_id]], which draws it as
    tabs; ``swap_with`` a field whose value a button ``swap_id`` exchanges with this one's.

    ``process`` makes one picture into one or several, or into none, in a worker; ``prepare`` is asked by all operations before the
    first one works, for what others must know; ``check`` raises UserError, with the name of the field, in the web process too.
    ``elem_id`` is that of the block, ``is_on`` whether it is open and ticked to begin with, ``note`` a sentence below its title.
    """

    params: type[Params]
    title: str
    order: int
    process: Callable[[Picture, Any, Run], Iterable[Picture]]
    elem_id: str
    is_on: bool = False
    note: str = ""
    prepare: Callable[[Picture, Any, Host], Picture] = _as_it_is
    check: Callable[[Any, Host], None] = _nothing

    @property
    def id(self) -> str:
        """Its key in requests."""
        return self.params.feature
