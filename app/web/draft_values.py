"""Which values a control of a form can have, so that a draft with others does no harm; and the forms that drafts are kept of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.errors import UserError
from app.values.base import Json

if TYPE_CHECKING:
    from app.web.forms import PageForm

DEFAULTS = "#defaults"
"""Key in a draft of the keys that stood at their defaults, and of those whose defaults were not their extension's."""


def misfit(component: Any, value: Json) -> str:
    """Why gradio's component cannot show this value; "" when it can, or where nothing is known of its kind.

    A drop-down's choices may have been others when the page was built: there only the kind of the value counts.
    """
    if value is None and component.value is None:
        return ""
    check = _CHECKS.get(component.get_block_name())
    return check(component, value) if check else ""


def fitting(form: PageForm, values: Mapping[str, Json]) -> dict[str, Json]:
    """The values without those that their controls cannot show, and without those of no control."""
    return {key: value for key, value in values.items() if form.find(key) is not None and not misfit(form.component(key), value)}


class DraftForms:
    """The forms of the newest page, whose drafts are checked when they are kept; none where no page is drawn."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[PageForm, Callable[[], Collection[Any]]]] = {}

    def add(self, form: PageForm, adjusted: Callable[[], Collection[Any]]) -> None:
        """A form that is drawn; ``adjusted`` gives the components that begin with another value than their extension gave them."""
        self._known[form.id] = form, adjusted

    def check(self, form_id: str, values: Mapping[str, Json]) -> None:
        """Raise UserError for a value that its control cannot have; keys without a control may belong to an extension that is off."""
        form = self._known[form_id][0] if form_id in self._known else None
        for key, value in values.items():
            why = misfit(form.component(key), value) if form is not None and form.find(key) is not None else ""
            if why:
                raise UserError(f"{key}: {why}.", field=key, status=422)

    def defaults(self, form_id: str, values: Mapping[str, Json]) -> dict[str, Json]:
        """Which of the values stand at their defaults, and which controls have others than their extension gave them."""
        if form_id not in self._known:
            return {}
        form, changed = self._known[form_id]
        at: list[Json] = [key for key, value in values.items() if form.find(key) is not None and form.component(key).value == value]
        return {DEFAULTS: {"at": at, "adjusted": adjusted_keys(form, changed())}}


def adjusted_keys(form: PageForm, changed: Collection[Any]) -> list[Json]:
    """The form's keys among the components that somebody has adjusted."""
    return [key for key in form.keys() if form.component(key) in changed]


# --- one kind of control each ---


def _number(component: Any, value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None and component.get_block_name() == "number" else "it must be a number"
    lowest, highest = component.minimum, component.maximum
    is_inside = (lowest is None or value >= lowest) and (highest is None or value <= highest)
    return "" if is_inside else f"it must be from {lowest} to {highest}"


def _text(component: Any, value: Json) -> str:
    return "" if isinstance(value, str) else "it must be text"


def _tick(component: Any, value: Json) -> str:
    return "" if isinstance(value, bool) else "it must be true or false"


def _choice(component: Any, value: Json) -> str:
    return "" if value in [choice for _, choice in component.choices] else "it must be one of its choices"


def _choices(component: Any, value: Json) -> str:
    if not isinstance(value, list):
        return "it must be a list"
    return next((problem for problem in (_choice(component, each) for each in value) if problem), "")


def _chosen(component: Any, value: Json) -> str:
    if component.multiselect and not isinstance(value, list):
        return "it must be a list"
    values = value if component.multiselect and isinstance(value, list) else [value]
    is_plain = all(isinstance(each, str | int | float) and not isinstance(each, bool) for each in values)
    return "" if is_plain or value is None else "it must be one of its choices"


_CHECKS: Mapping[str, Callable[[Any, Json], str]] = MappingProxyType(
    {
        "slider": _number,
        "number": _number,
        "textbox": _text,
        "checkbox": _tick,
        "radio": _choice,
        "checkboxgroup": _choices,
        "dropdown": _chosen,
    }
)
