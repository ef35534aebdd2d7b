"""The hook that this extension declares: methods of making previews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookspec
from extensions.live_preview.api import PreviewMethod

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_preview_methods(host: Host) -> Iterable[PreviewMethod]:
    """Collect: ways to turn the latents of an unfinished picture into pixels, beside the VAE and a linear map."""
    raise NotImplementedError
