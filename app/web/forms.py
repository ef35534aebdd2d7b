"""The controls of one tab by key: drawn from Params, read into a request, filled from a draft or a pasted infotext."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr

from app.values.base import Json
from app.values.params import Params, field_extra
from app.values.ui import Submission
from app.web.controls import draw_control

FEATURES = "params"


class PageForm:
    """Implements ``app.values.ui.Form``; made by the page."""

    def __init__(self, form_id: str) -> None:
        self.id = form_id
        self._components: dict[str, Any] = {}
        self._by_component: dict[Any, str] = {}
        self.problem: Any | None = None
        """Says why Generate refused; None once it is drawn."""
        self.submission_edits: list[Callable[[Submission, Mapping[str, Json]], Submission]] = []

    def elem_id(self, name: str) -> str:
        """The element id of one of the form's parts; ``#name`` is ``name`` itself, for ids that are the same in every program."""
        return name[1:] if name.startswith("#") else f"{self.id}_{name}"

    def add(self, key: str, component: Any) -> Any:
        """Take a component in under ``key``; returns it."""
        if key in self._components:
            raise ValueError(f"The form {self.id!r} already has a control {key!r}.")
        self._components[key] = component
        self._by_component[component] = key
        return component

    def add_params(
        self,
        model: type[Params],
        values: Mapping[str, Json] | None = None,
        *,
        names: Sequence[str] | None = None,
        choices: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Draw a control for every field of a feature's Params, or for ``names`` alone, and take it in.

        ``values`` are others than the defaults to begin with, ``choices`` what a field can be chosen from.
        """
        for name in model.model_fields if names is None else names:
            field = model.model_fields[name]
            tail = str(field_extra(field).get("elem_id", name))
            control = draw_control(
                name, field, elem_id=self.elem_id(tail), value=(values or {}).get(name), choices=(choices or {}).get(name)
            )
            self.add(f"{FEATURES}.{model.feature}.{name}", control)

    @contextmanager
    def switched(self, model: type[Params], name: str, title: str, value: Json = None, *, note_id: str = "") -> Iterator[Any]:
        """A block of controls that is open while a feature's tick is set (the style sheet sees to it); yields the note beside the tick."""
        field = model.model_fields[name]
        elem_id = self.elem_id(str(field_extra(field).get("elem_id", name)))
        block_id = elem_id.removesuffix("-checkbox")
        started = field.default if value is None else value
        with gr.Column(elem_id=block_id, elem_classes=["switched-block"]):
            with gr.Row(elem_classes=["switched-head"]):
                tick = gr.Checkbox(bool(started), label=title, elem_id=f"{block_id}-checkbox", container=False, min_width=120)
                note = gr.HTML("", elem_id=note_id or f"{block_id}-note", elem_classes=["switched-note"], padding=False)
            self.add(f"{FEATURES}.{model.feature}.{name}", tick)
            with gr.Column(elem_classes=["switched-body"]):
                yield note

    def forget(self, components: Any) -> None:
        """Drop controls that were drawn by code that failed afterwards."""
        for key in [key for key, component in self._components.items() if component in components]:
            del self._by_component[self._components.pop(key)]

    def component(self, key: str) -> Any:
        """The component of ``key``."""
        return self._components[key]

    def find(self, key: str) -> Any | None:
        """The component of ``key``, if somebody has drawn one."""
        return self._components.get(key)

    def keys(self) -> list[str]:
        """The keys of all components."""
        return list(self._components)

    def key_of(self, component: Any) -> str:
        """The key of a component; "" when it is not one of the form's."""
        return self._by_component.get(component, "")

    def components(self) -> list[Any]:
        """All components in the order in which they were drawn, as the outputs of an event; a set of them is its inputs by component.

        The order is the same at every start of the program: a page that is still open from an earlier one has it too.
        """
        return list(self._components.values())

    def read(self, values: Mapping[Any, Json]) -> dict[str, Json]:
        """What an event got (component -> value) as key -> value; other components are left out."""
        return {self._by_component[component]: value for component, value in values.items() if component in self._by_component}

    def values(self, values: Mapping[str, Json]) -> dict[Any, Json]:
        """The values by component; unknown keys are left out."""
        return {self._components[key]: value for key, value in values.items() if key in self._components}

    def fill(self, values: Mapping[str, Json]) -> dict[Any, Any]:
        """Updates that put the values into their components; unknown keys are left out."""
        return {component: gr.update(value=value) for component, value in self.values(values).items()}
