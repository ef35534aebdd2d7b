"""How large what a request's job shows will be: seen from the request alone, before anything is drawn."""

from __future__ import annotations

from app.generation.checkpoint_choice import configured
from app.generation.grid import PIXELS_PER_MEGAPIXEL, grid_rows
from app.generation.plan_size import native_size
from app.generation.saving_options import SavingOptions
from app.values.asked import Asked, Size
from app.values.base import pick
from app.values.model import CHECKPOINT_KIND, CHECKPOINT_SETTING


def expected_size(asked: Asked) -> Size:
    """Width and height of the picture, or of the grid of the pictures where it shows one; a size that only drawing tells is left out."""
    request, side = asked.request, _native(asked)
    size = (request.width or side, request.height or side)
    for model in asked.host.params:
        size = model.drawn_size(size, asked)
    columns, rows = _places(asked)
    largest_px = pick(SavingOptions, asked.settings).img_max_size_mp * PIXELS_PER_MEGAPIXEL
    sheet = (size[0] * columns, size[1] * rows)
    return sheet if sheet[0] * sheet[1] <= largest_px else size


def _native(asked: Asked) -> int:
    """The side that the checkpoint has where none was asked for."""
    models, wanted = asked.host.models, asked.request.checkpoint
    record = models.find(CHECKPOINT_KIND, wanted) if wanted else configured(asked.settings.get(CHECKPOINT_SETTING), models)
    family = asked.host.families.find(record.identity.family) if record is not None and record.identity else None
    return native_size(record, family)


def _places(asked: Asked) -> Size:
    """Columns and rows of the grid of a batch; 1 and 1 where there is none."""
    request, options = asked.request, pick(SavingOptions, asked.settings)
    count = request.batch_count * request.batch_size
    if count == 1 or not options.return_grid or request.save != "outputs":
        return (1, 1)
    rows = grid_rows(count, options.n_rows, request.batch_size, full=options.grid_prevent_empty_spots)
    return (-(-count // rows), rows)
