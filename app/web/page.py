"""Draws the page: quicksettings, tabs and footer, with every extension's part kept apart from the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from app import hookspecs
from app.errors import NotFoundError
from app.values.base import Json
from app.values.job import Job, SavedImage
from app.values.owned import Owned
from app.values.ui import GalleryPicture, JobResultParts, PageSlot, Panel, Submission, Tab
from app.web.at_machine import sits_here
from app.web.draft_values import DraftForms
from app.web.drafts import wire_draft
from app.web.drawn_controls import DrawnControls
from app.web.footer import footer_html
from app.web.forms import PageForm
from app.web.generate_box import GENERATE, draw_generate_box, draw_problem
from app.web.lighter import make_lighter
from app.web.loading import Load, called, outputs_of, wire_load
from app.web.notes import failure_note
from app.web.ownership import owned_job, shown_pictures
from app.web.page_notes import part_note, problem_notes
from app.web.page_signature import in_order
from app.web.quicksettings import draw_quicksettings
from app.web.quiet import QUIET, TELLING
from app.web.repeat_job import Change, Repetition, wire_repetition
from app.web.results import draw_results
from app.web.scratch import try_drawing
from app.web.setting_access import asking_of
from app.web.shown import read_shown
from app.web.tab_order import shown_tabs

if TYPE_CHECKING:
    from app.host import Host

TITLE = "Stable Diffusion"
TABS_ALONE = frozenset({PageSlot.FORM_TABS, PageSlot.TRAINING})
"""Slots in which only tabs can stand."""
STATUS = '<div class="worker-status" role="status" aria-live="polite" data-tabs="{}"></div>'
"""Place of the worker's state; it also tells the page's scripts which tabs there are."""
SAVED = "() => document.dispatchEvent(new CustomEvent('paintbox:settings'))"
"""Tells the page's scripts that a control of the page has changed a setting."""


class PageBuilder:
    """Implements ``app.values.ui.Page`` while the page is drawn."""

    def __init__(self, host: Host, demo: gr.Blocks, draft_forms: DraftForms) -> None:
        self.host = host
        self.draft_forms = draft_forms
        self.demo = demo
        self._form: PageForm | None = None
        self._results: JobResultParts | None = None
        self._owner = ""
        self.browser_tab = gr.Textbox(visible="hidden", label="Browser tab", render=False, elem_id="browser_tab")
        self._drawn = DrawnControls(demo)
        self._at_form_end: list[Callable[[], None]] = []
        self._loads: list[Load] = []
        self._restores: list[Load] = []
        self._shows_settings: list[Load] = []
        self._setting_events: list[tuple[str, Any]] = []
        self._setting_followers: list[tuple[str, Callable[..., Any], Any, Any]] = []
        self._panels: list[Owned[Panel]] = sorted(
            host.hooks.collect(hookspecs.register_panels, host=host), key=lambda panel: panel.value.order
        )

    # --- what extensions call ---

    @property
    def form(self) -> PageForm:
        """The form of the tab that is being drawn."""
        if self._form is None:
            raise RuntimeError("No form is open: draw inside `with page.open_form(...)`.")
        return self._form

    @contextmanager
    def open_form(self, form_id: str) -> Iterator[PageForm]:
        """A form whose panels and controls are drawn inside the context."""
        outer, self._form = self._form, PageForm(form_id)
        waiting, self._at_form_end = self._at_form_end, []
        self._drawn.has_form(self._form)
        try:
            yield self._form
            for wire in self._at_form_end:
                wire()
        finally:
            self._form, self._at_form_end = outer, waiting

    def draw(self, slot: PageSlot, *, only: str = "", without: Collection[str] = ()) -> None:
        """Draw the panels of a slot here: the one with the id ``only``, or all but those ``without``."""
        for panel in self._panels:
            if panel.value.slot is slot and panel.value.id not in without and only in ("", panel.value.id):
                self.draw_part(panel.owner, f"panel {panel.value.id}", panel.value.build, as_tab=slot in TABS_ALONE)

    def has_panels(self, slot: PageSlot) -> bool:
        """Whether any extension has a panel for a slot."""
        return any(panel.value.slot is slot for panel in self._panels)

    def job_buttons(
        self, make_request: Callable[[Mapping[str, Json]], Mapping[str, Json]], kind_of: Callable[[Mapping[str, Json]], str] | None = None
    ) -> None:
        """Draw Generate, Interrupt and Skip of the form."""
        self._at_form_end.append(draw_generate_box(self, self.form, make_request, kind_of or (lambda values: GENERATE)))

    def job_problem(self) -> None:
        """Draw what Generate of the form says where it refuses."""
        draw_problem(self.form)

    def edit_submission(self, edit: Callable[[Submission, Mapping[str, Json]], Submission]) -> None:
        """Let ``edit`` change what Generate of the form puts into the queue."""
        self.form.submission_edits.append(edit)

    def job_results(self) -> JobResultParts:
        """Draw gallery, preview, progress, infotext and log of the form's jobs."""
        return draw_results(self, self.form)

    def job(self, job_id: str, request: Any) -> Job | None:
        """The job if it is one of the request's user."""
        try:
            return owned_job(self.host, job_id, self.owner(request)) if job_id else None
        except NotFoundError:
            return None

    @property
    def results(self) -> JobResultParts:
        """What a panel reads of the results that it is drawn in."""
        if self._results is None:
            raise RuntimeError("No results are being drawn: this is for panels of the slot 'result'.")
        return self._results

    @contextmanager
    def open_results(self, parts: JobResultParts) -> Iterator[None]:
        """The results whose panels are drawn inside the context."""
        outer, self._results = self._results, parts
        try:
            yield
        finally:
            self._results = outer

    def repeat_job(self, button: Any, change: Change, *, beside: Callable[[], bool] = lambda: False) -> None:
        """A click on ``button`` draws the selected picture's job again, changed."""
        form, parts = self.form, self.results
        self._at_form_end.append(lambda: wire_repetition(self, form, parts, Repetition(button, change, beside)))

    def shown(self, shown: str, request: Any) -> Sequence[GalleryPicture]:
        """The pictures that a gallery shows."""
        return shown_pictures(self.host, read_shown(shown), self.owner(request))

    @property
    def adjusted(self) -> Collection[Any]:
        """Components that begin with another value than their extension gave them."""
        return self._drawn.changed

    @property
    def quiet(self) -> Mapping[str, Any]:
        """Arguments for gradio events that answer at once."""
        return QUIET

    @property
    def telling(self) -> Mapping[str, Any]:
        """Arguments for gradio events that may show a ``gr.Warning``."""
        return TELLING

    def after_form(self, wire: Callable[[], None]) -> None:
        """Call ``wire`` when all controls of the form are drawn."""
        self._at_form_end.append(wire)

    def keep_draft(self, adjust: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> None:
        """Remember the form's values on the server, and put them back when the page is opened."""
        form = self.form
        self._at_form_end.append(lambda: wire_draft(self, form, adjust))

    def picture(self, job_id: str, number: str, request: Any) -> SavedImage | None:
        """Picture ``number`` of a job of the request's user."""
        pictures = owned_job(self.host, job_id, self.owner(request)).result.images if job_id else ()
        return pictures[int(number)] if number.isdigit() and int(number) < len(pictures) else None

    def on_load(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call ``function(request)`` whenever the page is opened; it returns updates by component."""
        listed = in_order(outputs, self.demo)
        self._loads.append((self._owner, function, listed))

    def relisted(self, component: Any, choices: Sequence[str]) -> Any:
        """An update that gives a drop-down other choices; those it was drawn with keep their words in the page's language."""
        words = {value: label for label, value in component.choices}
        return gr.update(choices=[(words.get(choice, choice), choice) for choice in choices])

    def on_restore(self, function: Callable[..., Any], components: Any) -> None:
        """Call ``function(tab, request)`` whenever the page is opened, after those of ``on_load``; it returns values by component.

        ``tab`` is the name that the browser tab has given itself.
        The values are as the page itself has them (not what ``postprocess`` would make of them). Unlike with ``on_load`` a component
        without a value costs nothing, so this is for those that fill many.
        """
        self._restores.append((self._owner, function, in_order(components, self.demo)))

    def follow_settings(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call ``function(request)`` whenever the page is opened, and when settings were changed elsewhere on it."""
        listed = in_order(outputs, self.demo)
        self._loads.append((self._owner, function, listed))
        self._shows_settings.append((self._owner, function, listed))

    def on_setting(self, key: str, function: Callable[..., Any], inputs: Any, outputs: Any) -> None:
        """Call ``function`` after the user changed a setting on this page."""
        self._setting_followers.append((key, function, inputs, outputs))

    def setting_changed(self, key: str, event: Any) -> None:
        """``event`` changes a setting."""
        self._setting_events.append((key, event))

    def owner(self, request: Any) -> str:
        """Name of the user behind a gradio request."""
        user = getattr(request.request.state, "user", None)
        return user.name if user is not None else ""

    def sits_here(self, request: Any) -> bool:
        """True when the user behind a gradio request sits at this machine itself."""
        return sits_here(asking_of(request))

    # --- the whole page ---

    def draw_page(self) -> None:
        """Draw everything into the open blocks."""
        tabs = shown_tabs(self.host)
        self.browser_tab.render()
        with gr.Row(elem_id="quicksettings", equal_height=True):
            draw_quicksettings(self)
            gr.HTML(STATUS.format(escape(" ".join(tab.value.id for tab in tabs))), elem_id="worker_status", min_width=160)
        notes, problems = problem_notes(self.host), gr.HTML("", elem_id="page_problems", visible=False)
        with gr.Tabs(elem_id="tabs"):
            for tab in tabs:
                self._draw_tab(tab)
        gr.HTML(footer_html(self.host), elem_id="footer")
        self._wire_settings()
        wire_load(self.demo, self.browser_tab, self._loads, self._restores, self.host.hooks.isolated)
        notes += [failure_note("Defaults", problem.value) for problem in self._drawn.adjusted(self.host)]
        problems.value, problems.visible = "".join(notes), bool(notes)

    def _draw_tab(self, tab: Owned[Tab]) -> None:
        with gr.Tab(tab.value.title, id=tab.value.id, elem_id=f"tab_{tab.value.id}") as drawn:
            self._drawn.tabs[drawn] = tab.value.id, tab.owner
            self.draw_part(tab.owner, f"tab {tab.value.id}", tab.value.build)

    def draw_part(self, owner: str, where: str, build: Callable[[Any], None], *, as_tab: bool = False) -> None:
        """Draw an extension's part; what fails is wiped out and replaced by a note, in a tab of its own where only tabs can stand."""
        outer, self._owner = self._owner, owner
        lists: tuple[list[Any], ...] = (
            self._at_form_end,
            self._loads,
            self._restores,
            self._shows_settings,
            self._setting_events,
            self._setting_followers,
        )
        lengths, start = [len(entries) for entries in lists], len(self.demo.blocks)
        removed = try_drawing(self.demo, lambda: build(self), self.host.hooks.isolated(owner, where))
        self._owner = outer
        if removed is None:
            self._drawn.belong_to(owner, start)
            return
        for entries, length in zip(lists, lengths, strict=True):
            del entries[length:]
        if self._form is not None:
            self._form.forget(removed)
        with gr.Tab("⚠") if as_tab else nullcontext():
            gr.HTML(part_note(self.host, owner, where))

    # --- events of the whole page ---

    def _wire_settings(self) -> None:
        for key, event in self._setting_events:
            following = event
            for wanted, function, inputs, outputs in self._setting_followers:
                if wanted == key:
                    following = following.then(function, inputs, outputs, **QUIET)
            following.then(None, None, None, js=SAVED)
        changed = gr.Button("Settings changed", elem_id="settings_changed", visible="hidden")
        outputs = outputs_of(self._shows_settings)
        following = changed.click(called(self._shows_settings, self.host.hooks.isolated), None, outputs, **QUIET) if outputs else None
        for _, function, inputs, outputs in self._setting_followers:
            event = changed.click if following is None else following.then
            following = event(function, inputs, outputs, **QUIET)


def build_page(host: Host, draft_forms: DraftForms | None = None) -> gr.Blocks:
    """The whole page of a host; its forms are added to ``draft_forms``."""
    demo = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with demo:
        PageBuilder(host, demo, draft_forms or DraftForms()).draw_page()
    make_lighter(demo)
    return demo
