"""What other extensions may use of the checkpoints."""

from __future__ import annotations

from extensions.checkpoints.params import SETTING
from extensions.checkpoints.switch import current, load_again, switch_to, undo_switch, unload, usable

__all__ = ["SETTING", "current", "load_again", "switch_to", "undo_switch", "unload", "usable"]
