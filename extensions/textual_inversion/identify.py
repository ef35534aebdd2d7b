"""Says of a model file, by its header, whether it is an embedding; of a picture, whether it carries one."""

from __future__ import annotations

from pathlib import Path

from app.api import ModelHeader, ModelIdentity, UserError
from extensions.textual_inversion.layout import A1111, FAMILIES, Layout, read_layout
from extensions.textual_inversion.pictures import is_picture, is_preview, read_picture

KIND = "embedding"
TITLE = "Textual inversion embedding"
PARAMS = "emb_params"
MANY = 16
"""A file of more terms than this is something else."""
_WIDTHS = {width for widths in FAMILIES for width in widths}


def identify(header: ModelHeader) -> ModelIdentity | None:
    """The identity of an embedding; None for what is no such file.

    ``variant`` tells number and widths of the vectors, "8x768" or "2x768+1280"; ``title`` is the name inside of a picture.
    """
    if is_picture(header.path):
        return _identify_picture(header.path)
    try:
        layout = read_layout(header.tensors)
    except UserError as error:
        is_one = _has_terms(header)
        return ModelIdentity(kind=KIND, family="", title=TITLE, supported=False, reason=f"{error.what}.") if is_one else None
    return _identity(layout, TITLE) if _is_named_so(layout) else None


def vectors_of(identity: ModelIdentity | None) -> tuple[int, tuple[int, ...]]:
    """Number and widths of the vectors, as ``variant`` tells them; (0, ()) for what is no usable embedding."""
    if identity is None or identity.kind != KIND or not identity.supported:
        return 0, ()
    vectors, _, widths = identity.variant.partition("x")
    return int(vectors), tuple(int(width) for width in widths.split("+"))


def _identify_picture(path: Path) -> ModelIdentity | None:
    if is_preview(path):
        return None
    try:
        picture = read_picture(path)
    except UserError as error:
        return ModelIdentity(kind=KIND, family="", title=path.stem, supported=False, reason=f"{error.what.rstrip('.')}.")
    return None if picture is None else _identity(Layout(("",), len(picture.rows), (len(picture.rows[0]),)), picture.name)


def _identity(layout: Layout, title: str) -> ModelIdentity:
    variant = f"{layout.vectors}x{'+'.join(str(width) for width in layout.widths)}"
    return ModelIdentity(kind=KIND, family=layout.family, variant=variant, title=title)


def _is_named_so(layout: Layout) -> bool:
    """A lone tensor of any other name may be anything, unless it is as wide as a text encoder reads."""
    (name, *others) = layout.names
    is_term = name == PARAMS or name.startswith((f"{A1111}.", "<")) or bool(others)
    return is_term or ("." not in name and layout.widths[0] in _WIDTHS)


def _has_terms(header: ModelHeader) -> bool:
    """True for a file that would be an embedding but for what is wrong with it."""
    tensors = header.tensors
    if any(name == A1111 or name.startswith(f"{A1111}.") for name in tensors):
        return True
    plain = 2 <= len(tensors) <= MANY and all(name and "." not in name for name in tensors)
    return plain and all(len(info.shape) in (1, 2) and info.shape[-1] in _WIDTHS for info in tensors.values())
