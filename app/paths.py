"""Where everything lies on disk."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.values.options import StartOptions
from bootstrap.place import CALLED_FROM

TEMPORARY_VARIABLES, TEMPORARY_FOLDERS = ("TMPDIR", "TEMP", "TMP"), ("/tmp", "/dev/shm")
"""Where systems keep what may be lost; the last one is in main memory. ``tempfile`` finds none where all disks are full."""
EXTENSION_PACKAGES = "extension-packages"
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Paths:
    """Absolute folders and files; ``root`` is the checkout, everything of the user lies below ``data`` (A1111's --data-dir)."""

    root: Path
    data: Path
    models: Path
    config_file: Path

    @property
    def outputs(self) -> Path:
        """Default place of finished pictures."""
        return self.data / "outputs"

    @property
    def builtin_extensions(self) -> Path:
        """Extensions that come with Paintbox."""
        return self.root / "extensions"

    @property
    def extensions(self) -> Path:
        """Extensions that the user installs; the built-in folder itself unless --data-dir is given."""
        return self.data / "extensions"

    @property
    def extension_packages(self) -> Path:
        """Python packages that extensions need beside the host's; for this Python alone, because packages may be compiled."""
        return self.data / EXTENSION_PACKAGES / f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"

    @property
    def config_states(self) -> Path:
        """What was installed and set at moments in the past, under A1111's name."""
        return self.data / "config_states"

    @property
    def quarantine(self) -> Path:
        """Where extensions lie while somebody thinks about installing them."""
        return self.data / "tmp" / "extensions"

    @property
    def change_lock(self) -> Path:
        """Held by whoever changes the extensions: the page or a command beside it."""
        return self.data / "tmp" / "extensions.lock"

    @property
    def import_notes(self) -> Path:
        """Notes on extensions that are being loaded, by which those are known that end the program."""
        return self.data / "tmp" / "importing"

    @property
    def embeddings(self) -> Path:
        """Textual inversion files."""
        return self.data / "embeddings"

    @property
    def spool(self) -> Path:
        """Pictures that are not saved: kept to be fetched, for a day at most."""
        return self.data / "tmp" / "spool"

    @property
    def spools(self) -> tuple[Path, ...]:
        """The spool, and where its pictures go while its disk is full: folders that the system keeps for what may be lost."""
        mark = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        named = [os.environ[name] for name in TEMPORARY_VARIABLES if os.environ.get(name)]
        roots = dict.fromkeys(Path(root).absolute() for root in (*named, *TEMPORARY_FOLDERS))
        return self.spool, *(root / f"paintbox-{mark}" for root in roots if root.is_dir())

    @property
    def inputs(self) -> Path:
        """Pictures that users brought, for the jobs that start from them."""
        return self.data / "tmp" / "inputs"

    @property
    def script_records(self) -> Path:
        """What has been drawn of scripts' jobs that have not come to their end."""
        return self.data / "tmp" / "script-records"

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.data / "cache"

    @property
    def lock_file(self) -> Path:
        """Held by the Paintbox that uses the data folder; says which one that is."""
        return self.data / "paintbox.lock"

    @property
    def database(self) -> Path:
        """The journal of jobs."""
        return self.data / "paintbox.sqlite3"

    def resolve(self, text: str) -> Path:
        """A path from a setting or flag: relative ones start at the data folder, "~" is the home folder."""
        return (self.data / Path(text).expanduser()).absolute()


def called_from(environment: Mapping[str, str]) -> Path:
    """The folder the user typed the command in; webui.py notes it, because Paintbox itself works in the checkout."""
    return Path(environment.get(CALLED_FROM) or Path.cwd()).absolute()


def make_paths(options: StartOptions, root: Path = CHECKOUT) -> Paths:
    """The places that these options ask for."""
    data = Path(options.data_dir).expanduser().absolute() if options.data_dir else root
    models = Path(options.models_dir).expanduser().absolute() if options.models_dir else data / "models"
    config_file = (data / Path(options.settings_file).expanduser()).absolute() if options.settings_file else data / "config.json"
    return Paths(root=root, data=data, models=models, config_file=config_file)


def user_folder(text: str, field: str, paths: Paths, options: StartOptions, owner: str, *, must_exist: bool = True) -> Path:
    """The folder that a user names in a request; raises UserError for one that this user may not name, or that is not there.

    Who sits at the machine may name any. People who reach it over the network or log in may name those of ``--allowed-path`` only.
    """
    folder = paths.resolve(text)
    allowed = (paths.resolve(each).resolve() for each in options.allowed_paths)
    if (options.is_exposed or owner) and not any(folder.resolve().is_relative_to(place) for place in allowed):
        raise UserError(
            f"The folder {text} cannot be used: this server is shared with others.",
            hint="Upload the pictures, or start the server with --allowed-path for the folder.",
            field=field,
            status=403,
        )
    if must_exist and not folder.is_dir():
        raise UserError(f"There is no folder {folder}.", field=field)
    return folder
