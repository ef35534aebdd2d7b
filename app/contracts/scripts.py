"""What a script is: it turns one request into several, one after another, and makes something of what they became."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from app.contracts.running import Run
from app.errors import UserError
from app.values.base import Json, Value
from app.values.job import SavedImage
from app.values.params import ScriptParams
from app.values.request import RANDOM_SEEDS, GenerationRequest

if TYPE_CHECKING:
    from PIL import Image

EVERY_FORM: tuple[str, ...] = ()


class Cell(Value):
    """One request of a script.

    ``label`` says which one it is, in progress and in errors ("Steps: 20"). ``infotext`` are further items of its pictures' infotexts.
    A cell whose request equals an earlier one's is not drawn again; ``request.save`` "spool" keeps its pictures out of the outputs.
    ``otherwise`` is drawn where the request asks for something that cannot be (UserError). That is told; ``otherwise_note`` says how the
    two differ.
    """

    request: GenerationRequest
    label: str = ""
    infotext: dict[str, str] = {}
    otherwise: GenerationRequest | None = None
    otherwise_note: str = ""


class CellResult(Value):
    """What became of a cell: its pictures and facts, as in JobResult; ``error``: why there are none.

    ``stopped``: "skip" when somebody skipped it, "interrupt" when the job was ended while it was drawn, or before.
    """

    images: tuple[SavedImage, ...] = ()
    info: dict[str, Json] = {}
    error: str = ""
    stopped: str = ""

    @property
    def samples(self) -> tuple[SavedImage, ...]:
        """The pictures without the grid of their batch."""
        return tuple(image for image in self.images if image.kind == "sample")


@dataclass(frozen=True)
class Sheet:
    """A picture made of results; ``kind`` "grid" is saved among the grids, under the base name ``name``, "sample" like a drawn picture.

    ``like`` is the picture whose prompt, seed and infotext it gets, the latter with ``items`` added. ``beside``: texts of files to be
    written beside it, by their suffix (".html"), when its own path is known; nothing is written while it lies in the spool.
    """

    picture: Image.Image
    like: SavedImage
    kind: Literal["grid", "sample"] = "grid"
    name: str = "grid"
    items: Mapping[str, str] = field(default_factory=dict)
    beside: Callable[[Path], Mapping[str, str]] | None = None


class ScriptWork(Protocol):
    """One use of a script, on one request.

    ``count``: how many cells there will be. ``shows_cells``: whether their pictures are listed in the result behind the sheets.
    """

    @property
    def count(self) -> int:
        """All cells."""
        ...

    @property
    def shows_cells(self) -> bool:
        """Whether they are listed."""
        ...

    def cells(self) -> Generator[Cell, CellResult, None]:
        """Yield the cells in the order in which they are to be drawn; each ``yield`` returns what became of the cell.

        So the next cell can start from a picture of this one. After an interruption it is run again from the beginning, and what had
        been drawn is returned at once: from the same task and the same results it must yield the same cells.
        """
        ...

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """What is made of the results, of all cells that were yielded in their order; the first sheet is shown first.

        It is asked also when the job was ended early; cells that were not drawn are then missing at the end.
        """
        ...


@dataclass(frozen=True)
class Cells:
    """A ScriptWork whose cells do not depend on each other; the queue checks each of their requests before the job is taken."""

    listed: Sequence[Cell]
    make_sheets: Callable[[Sequence[CellResult]], Iterable[Sheet]] = lambda results: ()
    shows_cells: bool = True

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.listed)

    def cells(self) -> Generator[Cell, CellResult, None]:
        """One after another."""
        for cell in self.listed:  # noqa: UP028 - a list cannot take the results that are sent
            yield cell

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """What was given."""
        return self.make_sheets(results)


@dataclass(frozen=True)
class ScriptTask:
    """What a script is asked to do; ``params`` are its fields' values, ``settings`` those of the job, the request's not on top.

    ``salt``: from it everything random of this job follows, so that it can be taken up again. ``host.role`` is "web" while the
    request is only checked; ``run`` is None then, and the job's own while its cells are drawn (upscalers ask for it).
    """

    request: GenerationRequest
    params: ScriptParams
    host: Any
    form: str
    settings: Mapping[str, Json]
    owner: str
    salt: str
    run: Run | None = None

    def random_seed(self, name: str) -> int:
        """A seed that is the same for the same ``name`` in this job, also after it was interrupted."""
        digest = hashlib.sha256(f"{self.salt}:{name}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % RANDOM_SEEDS

    def with_seeds(self) -> GenerationRequest:
        """The request with its random seeds drawn."""
        request = self.request
        drawn = {name: self.random_seed(name) for name in ("seed", "subseed") if getattr(request, name) == -1}
        return request.model_copy(update=drawn)

    def take_in(self, picture: SavedImage | Image.Image) -> str:
        """The name of a picture as requests have it (``params.img2img.init_images``, ``mask``); raises UserError."""
        if isinstance(picture, SavedImage):
            path = Path(picture.path)
            try:
                data = path.read_bytes()
            except OSError as error:
                raise UserError(f"{path.name} cannot be read: {error.strerror or error}.") from error
            return str(self.host.inputs.put(data, self.owner, path.name).ref)
        file = io.BytesIO()
        picture.save(file, "PNG")
        return str(self.host.inputs.put(file.getvalue(), self.owner).ref)


@dataclass(frozen=True)
class Script:
    """An entry of the list "Script" below the forms; ``order`` sorts it (A1111's scripts have tens from 10 to 90).

    ``params`` are its controls: each field with title, limits, default and choices, in the order of A1111's ``script_args``. Their
    ``feature`` is the script's id. A field with ``index`` in its extra is sent by clients as a number among its choices.
    ``begin`` looks at everything that was asked and raises UserError; it draws nothing, because it is also called to check a request.
    ``forms``: ids of the forms that offer it, none for every form.
    """

    title: str
    params: type[ScriptParams]
    begin: Callable[[ScriptTask], ScriptWork]
    forms: tuple[str, ...] = EVERY_FORM
    order: int = 1000

    @property
    def id(self) -> str:
        """The id of its fields' model."""
        return self.params.feature

    def is_offered(self, form: str) -> bool:
        """Whether the form offers it."""
        return not self.forms or form in self.forms
