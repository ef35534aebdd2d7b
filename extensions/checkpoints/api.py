"""What other extensions may use of the checkpoints."""

from __future__ import annotations

from extensions.checkpoints.params import SETTING
from extensions.checkpoints.switch import current, switch_to, undo_switch, usable

__all__ = ["SETTING", "current", "switch_to", "undo_switch", "usable"]
