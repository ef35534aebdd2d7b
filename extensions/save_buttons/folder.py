"""Opens the folder of a picture in the file manager of the machine that Paintbox runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Job, UserError
from extensions.save_buttons.params import EVEN_SPOOL, ROOT

if TYPE_CHECKING:
    from app.api import Host

OPENERS = {"darwin": "open"}
OTHERS = "xdg-open"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
OPENING_S = 3.0
"""A program that lasts longer has opened a window."""
UNSHOWN = "The folder is {path}; there is no file manager here to show it."


def can_open(host: Host) -> bool:
    """Whether folders may be opened at all: for whoever sits at this machine, which every request is asked for beside this."""
    return not host.options.is_exposed and not host.options.lock_paths


def check_opener(host: Host, is_here: bool) -> None:
    """Raise UserError unless folders may be opened for who asks; ``is_here``: from this machine itself."""
    if not is_here or not can_open(host):
        raise UserError("Folders are opened only for who sits at the machine that Paintbox runs on.", status=403)


def folder_of(host: Host, job: Job | None, selected: str, form: str) -> Path:
    """The folder of the selected picture, else that of all pictures of this form; the setting may say so always.

    Spooled pictures are in no folder of the user's, unless the setting wants even that.
    """
    pictures, settings = job.result.images if job else (), host.settings.snapshot()
    choice = settings["open_dir_button_choice"]
    picture = pictures[int(selected)] if selected.isdecimal() and int(selected) < len(pictures) else None
    if picture is not None and choice != ROOT and (not picture.spooled or choice == EVEN_SPOOL):
        return Path(picture.path).parent
    keys = ("outdir_samples", f"outdir_{form}_samples", "outdir_txt2img_samples")
    return host.paths.resolve(str(next(settings[key] for key in keys if settings.get(key))))


def open_folder(path: Path) -> None:
    """Show the folder; raises UserError that names it when there is none, or nothing to show it with."""
    if not path.is_dir():
        raise UserError(f"The folder {path} does not exist yet.", hint="It is made with the first picture that is saved.")
    if sys.platform == "win32":
        os.startfile(path)
        return
    program = shutil.which(OPENERS.get(sys.platform, OTHERS))
    if program is None or not _has_desktop():
        raise UserError(UNSHOWN.format(path=path))
    opening = subprocess.Popen([program, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        failed = opening.wait(OPENING_S) != 0
    except subprocess.TimeoutExpired:
        failed = False
    if failed:
        raise UserError(UNSHOWN.format(path=path))


def _has_desktop() -> bool:
    """Whether windows can be shown: elsewhere than on a Mac a display server is named in the environment."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in DISPLAYS)
