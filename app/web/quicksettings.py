"""The row at the top of the page: the controls of the settings named in ``quicksettings_list``, and extensions' panels."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from app.errors import UserError
from app.settings_option import Option
from app.values.base import Json
from app.values.ui import PageSlot
from app.web.controls import draw_control
from app.web.quiet import TELLING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.host import Host


class SettingsPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    def draw(self, slot: PageSlot) -> None:
        """Draw the panels of a slot."""
        ...

    def draw_part(self, owner: str, where: str, build: Callable[[Any], None]) -> None:
        """Draw something that may fail alone."""
        ...

    def on_load(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call a function when the page is opened."""
        ...

    def setting_changed(self, key: str, event: Any) -> None:
        """Tell the page which event changes a setting."""
        ...


def draw_quicksettings(page: SettingsPage) -> None:
    """Draw the panels first, then a plain control for every listed setting that has no panel of its own."""
    page.draw(PageSlot.QUICKSETTINGS)
    listed = page.host.settings.get("quicksettings_list")
    options = page.host.settings.options
    for key in listed if isinstance(listed, list) else ():
        if isinstance(key, str) and key in options and not options[key].extra.get("quicksettings_panel"):
            option = options[key]
            page.draw_part(option.owner, f"control of the setting {key}", partial(draw_setting, option=option))


def draw_setting(page: SettingsPage, option: Option) -> None:
    """One control that saves as soon as the user changed it."""
    settings, key = page.host.settings, option.key
    control = draw_control(key, option.field, elem_id=f"setting_{key}", value=settings.get(key))
    if settings.lock_reason(key):
        control.interactive = False

    def save(value: Json) -> Any:
        try:
            settings.set({key: value})
        except UserError as error:
            gr.Warning(escape(str(error)))
        return gr.update(value=settings.get(key))

    if isinstance(control, gr.Slider):
        event = control.release(save, control, control, preprocess=False, **TELLING)
    elif isinstance(control, (gr.Textbox, gr.Number)):
        event = gr.on([control.submit, control.blur], save, control, control, preprocess=False, **TELLING)
    else:
        event = control.input(save, control, control, preprocess=False, **TELLING)
    page.setting_changed(key, event)
    page.on_load(lambda request: {control: gr.update(value=settings.get(key))}, control)
