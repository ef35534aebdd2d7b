"""Where the files of one installation lie."""

import os
from pathlib import Path
from typing import NamedTuple

CALLED_FROM = "PAINTBOX_CALLED_FROM"
"""Environment variable: the folder the user started Paintbox in, where relative paths of the command line begin."""


class Place(NamedTuple):
    """The paths the bootstrap works with, all under the project folder."""

    root: Path

    @property
    def environment(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The virtual environment's interpreter."""
        return self.environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def install_lock(self) -> Path:
        """Held while somebody installs; beside .venv, which may be deleted and made again."""
        return self.root / ".venv.lock"

    @property
    def runtime_pins(self) -> Path:
        """Every package that Paintbox runs with, pinned."""
        return self.root / "requirements" / "runtime.txt"

    @property
    def test_pins(self) -> Path:
        """Every package that its tests run with, pinned."""
        return self.root / "requirements" / "test.txt"

    @property
    def command_line_page(self) -> Path:
        """What can be typed, as text."""
        return self.root / "docs" / "command-line.md"

    @property
    def runtime_stamp(self) -> Path:
        """Written last by a complete install."""
        return self.environment / "paintbox-runtime.json"

    @property
    def test_stamp(self) -> Path:
        """Written last by a complete install of the test packages."""
        return self.environment / "paintbox-test.json"

    @property
    def pip_log(self) -> Path:
        """What pip said in the last install, whole."""
        return self.environment / "paintbox-pip.log"
