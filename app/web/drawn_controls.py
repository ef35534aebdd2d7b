"""What was drawn on the page, by whom and on which tab, for those who adjust its controls before it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block, BlockContext

from app import hookspecs
from app.values.owned import Owned
from app.values.page_control import PageControl
from app.web.forms import PageForm

if TYPE_CHECKING:
    from app.host import Host

CONTROLS = (gr.Slider, gr.Radio, gr.Checkbox, gr.CheckboxGroup, gr.Textbox, gr.Number, gr.Dropdown, gr.Button)


class DrawnControls:
    """Filled while a page is drawn: ``tabs`` are its top tabs with their ids and owners."""

    def __init__(self, demo: gr.Blocks) -> None:
        self.tabs: dict[Any, tuple[str, str]] = {}
        self._demo = demo
        self._forms: list[PageForm] = []
        self._owners: dict[Block, str] = {}
        self.changed: frozenset[Block] = frozenset()
        """Components that begin with another value than their extension gave them."""

    def belong_to(self, owner: str, start: int) -> None:
        """What was drawn since there were ``start`` blocks, and belongs to nobody yet, is this extension's."""
        for block in list(self._demo.blocks.values())[start:]:
            self._owners.setdefault(block, owner)

    def has_form(self, form: PageForm) -> None:
        """A form whose controls can be known by their keys."""
        self._forms.append(form)

    def controls(self) -> list[PageControl]:
        """The controls of all tabs, in the order in which they were drawn."""
        found = (self._control(block) for block in self._demo.blocks.values() if isinstance(block, CONTROLS))
        return [control for control in found if control is not None]

    def _control(self, block: Any) -> PageControl | None:
        tab = self._tab_of(block)
        label = block.value if isinstance(block, gr.Button) else block.label
        if tab is None or not isinstance(label, str) or not label:
            return None
        form, key = next(((form.id, form.key_of(block)) for form in self._forms if form.key_of(block)), ("", ""))
        return PageControl(tab[0], self._owners.get(block, tab[1]), tab[1], label, block.get_block_name(), block, form, key)

    def _tab_of(self, block: Block) -> tuple[str, str] | None:
        parent: BlockContext | None = block.parent
        while parent is not None and parent not in self.tabs:
            parent = parent.parent
        return self.tabs[parent] if parent is not None else None

    def adjusted(self, host: Host) -> list[Owned[str]]:
        """Let the extensions adjust the controls; returns what they say about it."""
        controls = tuple(self.controls())
        before = [control.component.value for control in controls]
        told = host.hooks.collect(hookspecs.adjust_controls, controls=controls, host=host)
        pairs = zip(controls, before, strict=True)
        self.changed = frozenset(control.component for control, value in pairs if control.component.value != value)
        return told
