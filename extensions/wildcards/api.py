"""What other extensions may use of the wildcards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import ExtensionState
from extensions.wildcards.library import Library, Place
from extensions.wildcards.settings import FOLDER

if TYPE_CHECKING:
    from app.api import Host

NAME = "wildcards"
"""Of the folder, in the data folder and in those of extensions."""

__all__ = ["Library", "open_library"]


def open_library(host: Host) -> Library:
    """The wildcards as the files are at this moment: the user's own first, then those of extensions that are not switched off."""
    chosen = str(host.settings.find(FOLDER, "") or "")
    places = [Place(host.paths.resolve(chosen or NAME), is_trusted=True)]
    for report in host.extensions:
        if report.folder is not None and report.state is not ExtensionState.DISABLED:
            places.append(Place(report.folder / NAME))
    return Library(place for place in places if place.folder.is_dir())
