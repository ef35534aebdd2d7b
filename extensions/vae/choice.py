"""Which VAE a checkpoint is used with: A1111's order of preferences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extensions.vae.params import AUTOMATIC, NONE

BUILT_IN = "the checkpoint's own VAE is used"


@dataclass(frozen=True)
class Preferences:
    """What was asked for.

    ``setting``: Automatic, None or a file's name, which comes before the checkpoint's preferences where ``overrides`` says so.
    ``of_checkpoint``: what its metadata name, "" for nothing; ``stem``: the checkpoint's file name without suffix. ``forced``: the path
    that the command line names.
    """

    setting: str = AUTOMATIC
    overrides: bool = True
    of_checkpoint: str = ""
    stem: str = ""
    forced: str = ""

    @property
    def is_automatic(self) -> bool:
        """True where the setting chooses nothing; older settings files spell it "auto"."""
        return self.setting in (AUTOMATIC, "auto", "")


@dataclass(frozen=True)
class Choice:
    """``path`` of the VAE, "" for the checkpoint's own; ``missing`` are names that were asked for and that no file has."""

    path: str = ""
    missing: tuple[str, ...] = ()


def choose(wanted: Preferences, files: Mapping[str, str]) -> Choice:
    """The VAE among ``files``, paths by name in natural order.

    The command line's; the setting, where it is a choice that comes first; the checkpoint's metadata; a file whose name begins with the
    checkpoint's; the setting after all; the checkpoint's own.
    """
    if wanted.forced:
        return Choice(wanted.forced)
    if wanted.overrides and not wanted.is_automatic:
        return _of_setting(wanted, files)
    missing: tuple[str, ...] = ()
    if wanted.of_checkpoint not in ("", AUTOMATIC):
        if wanted.of_checkpoint == NONE:
            return Choice()
        if wanted.of_checkpoint in files:
            return Choice(files[wanted.of_checkpoint])
        missing = (wanted.of_checkpoint,)
    near = next((path for name, path in files.items() if wanted.stem and name.startswith(wanted.stem)), "")
    if near:
        return Choice(near, missing)
    last = _of_setting(wanted, files)
    return Choice(last.path, (*missing, *last.missing))


def _of_setting(wanted: Preferences, files: Mapping[str, str]) -> Choice:
    if wanted.is_automatic or wanted.setting == NONE:
        return Choice()
    return Choice(files[wanted.setting]) if wanted.setting in files else Choice(missing=(wanted.setting,))
