"""Takes in a picture that was sent from elsewhere on the page: its file, its size and its parameters in the form's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from app.api import Json, NotFoundError, Page, UserError, Value, open_image, parse_infotext
from extensions.generation_form.api import read_pasted

if TYPE_CHECKING:
    from app.api import Host

PREFIX = "params.img2img"
"""Begins the form keys of what only img2img has."""
SIZE = ("width", "height")
SENT_IF = {"send_seed": ("seed", "subseed"), "send_size": SIZE}
"""Form keys by the settings under which they are sent along."""
NEVER_SENT = ("script", "script_values")
"""Form keys that stay as they are: a picture of a plot is no reason to plot."""


@dataclass(frozen=True)
class SentPicture:
    """A picture by the name under which jobs start from it; its infotext may be empty."""

    ref: str
    width_px: int
    height_px: int
    infotext: str


class Wanted(Value):
    """What the page's script says: a picture of a job, or one that it has sent (``ref``) with its infotext; and the mode to open."""

    job: str = ""
    number: str = ""
    ref: str = ""
    infotext: str = ""
    mode: Literal["img2img", "inpaint"] = "img2img"


def read_wanted(said: str) -> Wanted:
    """The script's JSON; raises UserError for other texts."""
    try:
        return Wanted.model_validate_json(said)
    except ValidationError:
        raise UserError("There is no picture to send.", hint="Generate one, or select it in the gallery.") from None


def picture_of(wanted: Wanted, page: Page, request: Any) -> SentPicture:
    """The picture that is meant; raises NotFoundError when it is not there, or not the user's."""
    return _uploaded(wanted, page, request) if wanted.ref else _drawn(wanted, page, request)


def _drawn(wanted: Wanted, page: Page, request: Any) -> SentPicture:
    picture = page.picture(wanted.job, wanted.number, request)
    if picture is None or not Path(picture.path).is_file():
        raise NotFoundError("There is no picture to send.", hint="Generate one, or select it in the gallery.")
    ref = page.host.inputs.put(Path(picture.path).read_bytes(), page.owner(request), Path(picture.path).name).ref
    return SentPicture(ref, picture.width_px, picture.height_px, picture.infotext)


def _uploaded(wanted: Wanted, page: Page, request: Any) -> SentPicture:
    image = open_image(page.host.inputs.find(wanted.ref, page.owner(request)).read_bytes(), "").image
    return SentPicture(wanted.ref, image.width, image.height, wanted.infotext)


def received(host: Host, picture: SentPicture) -> tuple[Mapping[str, Json], tuple[str, ...]]:
    """The picture's ref, its parameters and its size in the form's terms; and sentences about what could not be taken over."""
    pasted = read_pasted(picture.infotext, host)
    kept = [*NEVER_SENT, *(key for setting, keys in SENT_IF.items() if not host.settings.get(setting) for key in keys)]
    taken = {f"{PREFIX}.denoising_strength"} if "Denoising strength" in parse_infotext(picture.infotext) else set()
    styles: dict[str, Json] = {"styles": []} if picture.infotext else {}
    sent = {**styles, **pasted.values, "width": picture.width_px, "height": picture.height_px, "picture": picture.ref}
    own = {key: value for key, value in sent.items() if key in taken or not key.startswith(f"{PREFIX}.")}
    return {key: value for key, value in own.items() if key not in kept}, pasted.problems
