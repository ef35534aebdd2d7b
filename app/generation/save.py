"""Pictures and grids of a job -> files: by the saving settings, or into the spool."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.errors import UserError
from app.generation.images.metadata import NETWORKS
from app.generation.name_facts import NameFacts
from app.generation.output_files import make_private, write_named, write_numbered
from app.generation.picture_files import UNSAVED, Encoded, PictureFiles, Target, reason_of
from app.generation.run_helpers import GenerationRun
from app.generation.saving_options import SavingOptions

logger = logging.getLogger(__name__)

UNSAVED_CHOSEN = (
    "Nothing could be saved in {folder} ({reason}). The pictures are not in your folder of pictures; they can be downloaded here."
    " Make room in the folder or allow writing there, or choose another output directory."
)
UNSAVED_ALERT = (
    "Nothing could be saved in {folder} ({reason}). The pictures are not in your folder of pictures; they can be downloaded here."
    " Make room in the folder or allow writing there, or choose another one: Settings > Paths for saving > {setting}."
)


@dataclass(frozen=True)
class Written:
    """A file on disk; ``spooled``: it lies in the spool and not in the outputs."""

    path: Path
    spooled: bool


class Saver:
    """Writes the files of one job; ``kind`` names the folder, as in the plan."""

    def __init__(self, run: GenerationRun, options: SavingOptions, kind: str = "") -> None:
        self._run = run
        self._options = options
        self._kind = kind
        self._files = PictureFiles(run.host.paths, options, run.host.options)

    def sample(self, picture: Image.Image, infotext: str, facts: NameFacts, *, keep: bool, ending: str = "") -> Written:
        """Save a picture to the outputs, or to the spool if ``keep`` is false; ``ending`` ends its name ("-mask")."""
        options = self._options
        setting = self._setting("samples")
        target = Target(self._folder(setting), options.save_to_dirs, options.samples_format, self._files.samples_pattern, ending=ending)
        return self._save(picture, infotext, facts, target, setting if keep else "")

    def grid(self, picture: Image.Image, infotext: str, facts: NameFacts, *, keep: bool, base: str = "grid") -> Written:
        """Save a grid to the outputs, or to the spool if ``keep`` is false; ``base`` begins its name."""
        options = self._options
        pattern = (options.samples_filename_pattern or "[seed]") if options.grid_extended_filename else ""
        setting = self._setting("grids")
        target = Target(self._folder(setting), options.grid_save_to_dirs, options.grid_format, pattern, base=base)
        return self._save(picture, infotext, facts, target, setting if keep else "")

    def made(self, picture: Image.Image, infotext: str, texts: Mapping[str, str], folder: str, name: str, *, setting: str) -> Written:
        """Save a picture that was made of others in ``folder``, named ``name`` (a number for ""); ``setting`` "": into the spool."""
        told = self._options.enable_pnginfo or not setting
        encoded = self._files.encode(picture, self._options.samples_format, infotext if told else "", texts if told else None)
        self._comment(encoded.remarks)
        if not setting:
            return self._spool(encoded)
        place = self._run.host.paths.resolve(folder)
        try:
            if name:
                path = write_named(place, name, encoded.suffix, encoded.data, replace=False)
            else:
                path = write_numbered(place, "", "", encoded.suffix, encoded.data)
        except UNSAVED as error:
            return self._saved_nowhere(encoded, place, error, setting)
        self._comment(self._files.write_beside(path, picture, infotext, len(encoded.data))[1])
        return Written(path, spooled=False)

    def _saved_nowhere(self, encoded: Encoded, place: Path, error: Exception, setting: str) -> Written:
        written = self._spool(encoded)
        usual = self._folder(setting)
        is_chosen = bool(usual) and place != self._run.host.paths.resolve(usual)
        self._run.alert((UNSAVED_CHOSEN if is_chosen else UNSAVED_ALERT).format(folder=place, reason=reason_of(error), setting=setting))
        return written

    def _setting(self, what: str) -> str:
        """The setting that says where "samples" or "grids" of this kind of job go: the one for all kinds wins where it is set."""
        candidates = [f"outdir_{what}", *([f"outdir_{self._kind}_{what}"] if self._kind else [])]
        return next((name for name in candidates if self._folder(name)), f"outdir_txt2img_{what}")

    def _folder(self, setting: str) -> str:
        """The folder of a setting; "" where there is none."""
        folder = self._run.settings.get(setting, getattr(self._options, setting, ""))
        return folder if isinstance(folder, str) else ""

    def _save(self, picture: Image.Image, infotext: str, facts: NameFacts, target: Target, setting: str) -> Written:
        """``setting`` says where; "": into the spool."""
        told = self._options.enable_pnginfo or not setting
        encoded = self._files.encode(picture, target.suffix, infotext if told else "", self._networks() if told else None)
        self._comment(encoded.remarks)
        if not setting:
            return self._spool(encoded)
        try:
            path = self._files.write(target, encoded, facts)
        except UNSAVED as error:
            return self._saved_nowhere(encoded, self._run.host.paths.resolve(target.folder), error, setting)
        self._comment(self._files.write_beside(path, picture, infotext, len(encoded.data))[1])
        return Written(path, spooled=False)

    def _networks(self) -> dict[str, str]:
        networks = [network.told() for network in self._run.networks.values()]
        return {NETWORKS: json.dumps(networks, ensure_ascii=False)} if networks else {}

    def _comment(self, remarks: tuple[str, ...]) -> None:
        for remark in remarks:
            self._run.comment(remark)

    def _spool(self, encoded: Encoded) -> Written:
        first, *others = self._run.host.paths.spools
        try:
            return Written(self._spooled(first, encoded), spooled=True)
        except OSError as error:
            reason = f"{first} is full or cannot be written ({reason_of(error)})"
        for spool in others:
            try:
                make_private(spool)
                written = Written(self._spooled(spool, encoded), spooled=True)
            except OSError as error:
                logger.info("No picture can be kept in %s: %s", spool, error)
                continue
            self._run.comment(f"{reason}; the picture is kept in {spool}, for a day at most: save it elsewhere.")
            return written
        raise UserError(f"The picture cannot be kept: {reason}.", hint="Make room on the disk.", status=507)

    def _spooled(self, spool: Path, encoded: Encoded) -> Path:
        return write_numbered(spool / self._run.job.id, "", "", encoded.suffix, encoded.data)
