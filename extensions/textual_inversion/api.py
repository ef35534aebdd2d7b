"""What other extensions may use: the contract of an embedding, and the reading of one among tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import TensorInfo
from extensions.textual_inversion.layout import Layout
from extensions.textual_inversion.layout import read_layout as _read_layout

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Embedding:
    """A word and where its vectors come from.

    ``file`` is named to the user, ``key`` names the file's state. ``count`` vectors for each text encoder, ``widths`` of them in the
    encoders' order. ``read`` gives them (count, width), and may raise ModelFileError; ``digits`` what the infotext says of the file, ""
    leaves it out.
    """

    name: str
    file: str
    key: str
    count: int
    widths: tuple[int, ...]
    read: Callable[[], Sequence[Tensor]]
    digits: Callable[[], str]


def read_layout(tensors: Mapping[str, TensorInfo]) -> Layout:
    """The embedding among tensors ("string_to_param.*", "clip_l" and "clip_g", or one of any name); raises UserError."""
    return _read_layout(tensors)


def read_rows(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Tensors as lists of vectors (n, width) in float32; raises UserError for numbers that are not finite."""
    from extensions.textual_inversion.rows import rows_of

    return rows_of(tensors)
