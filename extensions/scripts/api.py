"""What other extensions may use of the scripts: grids with labels."""

from __future__ import annotations

from extensions.scripts.grid import GridStyle, Label, blank_cell, labelled_grid
from extensions.scripts.grid_settings import grid_style

__all__ = ["GridStyle", "Label", "blank_cell", "grid_style", "labelled_grid"]
