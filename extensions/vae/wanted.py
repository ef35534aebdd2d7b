"""The VAE file that a job is to use with a checkpoint, by its settings; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.api import ModelRecord, Run
from extensions.vae.choice import Preferences, choose
from extensions.vae.files import forced_file, preference_of, vae_files
from extensions.vae.params import AUTOMATIC, OVERRIDES, SETTING


@dataclass(frozen=True)
class WantedVae:
    """``record``: the file, None for the checkpoint's own VAE; ``missing``: names that were asked for and that no file has."""

    record: ModelRecord | None = None
    missing: tuple[str, ...] = ()

    @property
    def instead(self) -> str:
        """What is used for a missing one, in words."""
        return "the checkpoint's own VAE is used" if self.record is None else f"{Path(self.record.path).name} is used"


def wanted_vae(checkpoint_path: str, run: Run) -> WantedVae:
    """The choice for a checkpoint; raises UserError for a file of the command line that is not there."""
    forced, setting = forced_file(run.host), str(run.settings.get(SETTING) or AUTOMATIC)
    if forced is not None:
        if setting not in (AUTOMATIC, Path(forced.path).name):
            run.comment(f"{SETTING} {setting!r} had no effect: --vae-path decides.")
        return WantedVae(forced)
    files = vae_files(run.host)
    checkpoint = Path(checkpoint_path)
    wanted = Preferences(setting, bool(run.settings.get(OVERRIDES, True)), preference_of(checkpoint), checkpoint.stem)
    choice = choose(wanted, {name: record.path for name, record in files.items()})
    record = next((record for record in files.values() if record.path == choice.path), None)
    return WantedVae(record, choice.missing)
