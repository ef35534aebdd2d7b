"""Names model files that nothing installed can load, so that they are listed with a reason instead of in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import hookimpl

if TYPE_CHECKING:
    from app.api import Host, ModelHeader, ModelIdentity


@hookimpl
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """Say what kind a file is that no other extension claims."""
    from .recognise import recognise

    return recognise(header)
