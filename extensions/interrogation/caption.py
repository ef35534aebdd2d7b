"""The operation "Caption" of the Extras tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from app.api import Params, Run, UserError
from extensions.extras.api import ImageOperation, Picture
from extensions.interrogation.api import Shown
from extensions.interrogation.registered import find, registered

if TYPE_CHECKING:
    from app.api import Host


class CaptionParams(Params):
    """Who describes; "": the first that there is."""

    feature: ClassVar[str] = "caption"

    interrogator: str = Field("", title="Use", description="The caption is written to a text file beside the result.")

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """All that there are."""
        return {"interrogator": [item.name for item in registered(host)]}


def operations(host: Host) -> list[ImageOperation]:
    """The operation, where anybody can describe pictures."""
    if not registered(host):
        return []
    return [ImageOperation(CaptionParams, "Caption", 4040, with_caption, "extras_caption", check=check)]


def check(params: CaptionParams, host: Host) -> None:
    """Raise UserError for one that there is not."""
    if params.interrogator and find(params.interrogator, host) is None:
        raise UserError(f"There is no interrogator {params.interrogator!r}.", field="interrogator")


def with_caption(picture: Picture, params: CaptionParams, run: Run) -> Iterable[Picture]:
    """The picture with what is said of it."""
    check(params, run.host)
    interrogator = find(params.interrogator, run.host) if params.interrogator else registered(run.host)[0]
    if interrogator is None:
        return [picture]
    said = interrogator.load()(Shown(picture.image.convert("RGB"), picture.infotext), run).strip()
    if not said:
        run.comment(f"{interrogator.name} had nothing to say, so there is no caption.")
    return [replace(picture, caption=", ".join(text for text in (picture.caption, said) if text))]
