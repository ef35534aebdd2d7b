"""What other extensions may use of the wildcards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import StashKey
from extensions.wildcards.library import KnownTrees, Library, Place
from extensions.wildcards.settings import FOLDER

if TYPE_CHECKING:
    from app.api import Host

NAME = "wildcards"
"""Of the folder, in the data folder and in those of extensions."""

KNOWN = StashKey[KnownTrees]("trees of wildcards that were read")
__all__ = ["Library", "open_library"]


def open_library(host: Host) -> Library:
    """The wildcards as the files are at this moment: the user's own first, then those of extensions in use."""
    chosen = str(host.settings.find(FOLDER, "") or "")
    places = [Place(host.paths.resolve(chosen or NAME), is_trusted=True)]
    places += [Place(folder) for folder in host.extensions.parts(NAME)]
    if KNOWN not in host.stash:
        host.stash[KNOWN] = {}
    return Library((place for place in places if place.folder.is_dir()), host.stash[KNOWN])
