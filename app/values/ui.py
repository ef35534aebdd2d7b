"""Where on the page something goes, without saying how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from app.values.base import Json
from app.values.job import Job, SavedImage
from app.values.params import Params


class PageSlot(StrEnum):
    """Places where an extension may add a panel."""

    QUICKSETTINGS = "quicksettings"
    PROMPT_TOOLS = "prompt_tools"
    """Small buttons beside ↙️, in every form with prompts."""
    ACTIONS = "actions"
    """Below those buttons, in the column of Generate."""
    ACCORDIONS = "accordions"
    """Between sampler and size: blocks that change how many passes there are and with which checkpoint."""
    GENERATION = "generation"
    """Below the seed: the blocks of all other features, scripts last."""
    FORM_TABS = "form_tabs"
    """Beside the tab "Generation" of a form: a panel here draws tabs."""
    SCRIPTS = "form_scripts"
    """Below all other controls of a form that draws pictures."""
    RESULT = "result"
    TOOL_PAGES = "tool_pages"
    """Among the pages for work on model files: each panel draws a ``gr.Tab``."""
    TRAINING = "training"
    """Among the pages that train: each panel draws a ``gr.Tab``."""


class Form(Protocol):
    """The controls of one tab whose values become a request; each is known by a dotted key ("steps", "params.tiling.tiling").

    Components are gradio's and typed Any here, so that this file needs no gradio.
    """

    id: str

    def elem_id(self, name: str) -> str:
        """The element id of one of the form's parts: ``<form id>_<name>``, or what follows a ``#`` as it is."""
        ...

    def add(self, key: str, component: Any) -> Any:
        """Take a component in under ``key``; returns it."""
        ...

    def add_params(
        self,
        model: type[Params],
        values: Mapping[str, Json] | None = None,
        *,
        names: Sequence[str] | None = None,
        choices: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Draw a control for every field of a feature's Params and take it in as ``params.<feature>.<field>``.

        ``values`` are others than the defaults to begin with; ``names`` the fields to draw here (all); ``choices`` what a field can
        be chosen from, where only the host knows.
        """
        ...

    def switched(self, model: type[Params], name: str, title: str, value: Json = None, *, note_id: str = "") -> AbstractContextManager[Any]:
        """Context manager: a block of controls that is open while the tick ``name`` of a feature is set; yields the note beside it.

        The block's element id is that of the tick (``elem_id`` of the field) without ``-checkbox``; the note's is ``note_id`` as it is,
        or the block's with ``-note``.
        """
        ...

    def component(self, key: str) -> Any:
        """The component of ``key``; KeyError when there is none."""
        ...

    def find(self, key: str) -> Any | None:
        """The component of ``key``; None when no extension has drawn one."""
        ...

    def components(self) -> list[Any]:
        """All components in the order in which they were drawn, as the outputs of an event; a set of them is its inputs by component."""
        ...

    def read(self, values: Mapping[Any, Json]) -> dict[str, Json]:
        """What an event got (component -> value) as key -> value."""
        ...

    def fill(self, values: Mapping[str, Json]) -> dict[Any, Any]:
        """Updates that put the values into their components, as an event returns them; unknown keys are left out."""
        ...


class Page(Protocol):
    """What ``build`` of a tab or panel gets: the page that is being drawn, in an open gradio context."""

    host: Any

    @property
    def form(self) -> Form:
        """The form of the tab that is being drawn; RuntimeError outside of ``open_form``."""
        ...

    def open_form(self, form_id: str) -> Any:
        """Context manager: a form whose panels and controls are drawn inside the context."""
        ...

    def draw(self, slot: PageSlot, *, only: str = "", without: Collection[str] = ()) -> None:
        """Draw a slot's panels: the one with the id ``only``, or all but those ``without``; one that fails is replaced by a note."""
        ...

    def has_panels(self, slot: PageSlot) -> bool:
        """Whether any extension has a panel for a slot."""
        ...

    def job_buttons(
        self, make_request: Callable[[Mapping[str, Json]], Mapping[str, Json]], kind_of: Callable[[Mapping[str, Json]], str] | None = None
    ) -> None:
        """Draw Generate, Interrupt and Skip of the form; ``make_request`` turns its values into a request.

        It is one of the kind "generate", or of the kind of jobs that ``kind_of`` names for the values.
        """
        ...

    def job_problem(self) -> None:
        """Draw here what Generate of the form, drawn before, says where it refuses; undrawn it stands at the end of the form."""
        ...

    def edit_submission(self, edit: Callable[[Submission, Mapping[str, Json]], Submission]) -> None:
        """Let ``edit`` change what Generate of the form puts into the queue; it gets the form's values too and may raise UserError."""
        ...

    def job(self, job_id: str, request: Any) -> Job | None:
        """The job if it is one of the request's user; None for "" and for a job that there is not."""
        ...

    def job_results(self) -> JobResultParts:
        """Draw gallery, preview, progress, infotext and log of the form's jobs."""
        ...

    @property
    def results(self) -> JobResultParts:
        """What a panel of the slot "result" reads of the results that it is drawn in; RuntimeError elsewhere."""
        ...

    def repeat_job(
        self, button: Any, change: Callable[[ShownPicture], Mapping[str, Json]], *, beside: Callable[[], bool] = lambda: False
    ) -> None:
        """A click on ``button`` draws the selected picture's job again, changed; for panels of the slot "result".

        ``change`` returns the request; the settings are those of the job. The new picture takes the selected one's place in the
        gallery, or stands behind it where ``beside`` says so. A UserError is shown at the pictures.
        """
        ...

    def shown(self, shown: str, request: Any) -> Sequence[GalleryPicture]:
        """The pictures of the gallery whose ``JobResultParts.shown`` is this text, as far as they are the request's user's."""
        ...

    @property
    def quiet(self) -> Mapping[str, Any]:
        """Arguments for gradio events that answer at once: ``button.click(..., **page.quiet)``."""
        ...

    @property
    def telling(self) -> Mapping[str, Any]:
        """Arguments for gradio events that may show a ``gr.Warning``, which those of ``quiet`` cannot."""
        ...

    def after_form(self, wire: Callable[[], None]) -> None:
        """Call ``wire`` when all controls of the form are drawn."""
        ...

    def keep_draft(self, adjust: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> None:
        """Remember the form's values on the server while they change, and put them back when the page is opened.

        ``adjust`` gets the kept values (empty at first) and returns those that should be others by now.
        """
        ...

    def picture(self, job_id: str, number: str, request: Any) -> SavedImage | None:
        """Picture ``number`` of a job of the request's user, as JobResultParts names them; None when there is none."""
        ...

    def on_load(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call ``function(request)`` whenever the page is opened in a browser."""
        ...

    def relisted(self, component: Any, choices: Sequence[str]) -> Any:
        """An update that gives a drop-down other choices; those it was drawn with keep their words in the page's language."""
        ...

    def follow_settings(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call ``function(request)`` whenever the page is opened, and when settings were changed elsewhere on it: it shows them."""
        ...

    def on_setting(self, key: str, function: Callable[..., Any], inputs: Any, outputs: Any) -> None:
        """Call ``function`` after the user changed a setting on this page; it may be called without such a change."""
        ...

    def setting_changed(self, key: str, event: Any) -> None:
        """Tell the page that ``event`` (what ``component.input(...)`` returned) changes a setting."""

    def owner(self, request: Any) -> str:
        """Name of the user behind a gradio request; "" without accounts."""

    def sits_here(self, request: Any) -> bool:
        """True when the user behind a gradio request sits at this machine itself."""


@dataclass(frozen=True)
class Submission:
    """What Generate puts into the queue: a request of the kind of jobs ``kind``."""

    kind: str
    request: Mapping[str, Json]


@dataclass(frozen=True)
class ShownPicture:
    """A picture that was chosen among the results: its job's request, itself, the form's values (see ``Form.read``), and whose it is."""

    request: Mapping[str, Json]
    picture: SavedImage
    values: Mapping[str, Json]
    owner: str


@dataclass(frozen=True)
class JobResultParts:
    """Components of a result panel that other controls read: job and number of the selected picture, and all that are shown (a text).

    ``replacement`` says which picture of the gallery a job draws again.
    """

    job_id: Any
    selected: Any
    log: Any
    shown: Any
    replacement: Any


@dataclass(frozen=True)
class GalleryPicture:
    """A picture in a gallery: ``number`` of the job's result."""

    job: Job
    number: int
    image: SavedImage


@dataclass(frozen=True)
class Tab:
    """A top tab: ``id`` as in ``tab_<id>``; ``build(page)`` gets a ``Page`` and draws in an open gradio context; lower ``order`` first."""

    id: str
    title: str
    order: int
    build: Callable[[Any], None]


@dataclass(frozen=True)
class Panel:
    """A block in a slot; ``build(page)`` gets a ``Page`` and draws in an open gradio context; lower ``order`` comes first."""

    id: str
    slot: PageSlot
    order: int
    build: Callable[[Any], None]


@dataclass(frozen=True)
class Asset:
    """A file of an extension's ``static`` folder that the page loads: ``kind`` is "js", "mjs" or "css"; ``path`` absolute.

    ``name``: its path in the address, "" for the file's own name.
    """

    owner: str
    kind: str
    path: str
    name: str = ""


@dataclass(frozen=True)
class PageFiles:
    """Scripts (.js, .mjs) and styles (.css) that the page loads from a folder that is no extension's ``static`` one.

    ``files``: paths in the folder, in the order in which they are loaded; nothing else of it is served. ``name`` stands in the address.
    """

    name: str
    folder: Path
    files: tuple[str, ...]
