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
from app.web.quiet import QUIET, TELLING
from app.web.setting_access import asking_of, check_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from app.host import Host


class SettingsPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    def draw(self, slot: PageSlot, *, only: str = "", without: Collection[str] = ()) -> None:
        """Draw the panels of a slot, or one of them, or all but some."""
        ...

    def draw_part(self, owner: str, where: str, build: Callable[[Any], None]) -> None:
        """Draw something that may fail alone."""
        ...

    def follow_settings(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call a function when the page is opened, and when settings were changed elsewhere on it."""
        ...

    def setting_changed(self, key: str, event: Any) -> None:
        """Tell the page which event changes a setting."""
        ...


def draw_quicksettings(page: SettingsPage) -> None:
    """Draw the panels that are no setting's control, then the listed settings in their order, each with its panel or a plain control."""
    settings = page.host.settings
    panels = {str(option.extra["quicksettings_panel"]) for option in settings.options.values() if option.extra.get("quicksettings_panel")}
    page.draw(PageSlot.QUICKSETTINGS, without=panels)
    listed = settings.get("quicksettings_list")
    for key in dict.fromkeys(listed) if isinstance(listed, list) else ():
        option = settings.options.get(str(key))
        if option is None or option.is_secret:
            continue
        panel = option.extra.get("quicksettings_panel")
        if panel is None and option.extra.get("hidden"):
            continue
        if panel:
            page.draw(PageSlot.QUICKSETTINGS, only=str(panel))
        else:
            page.draw_part(option.owner, f"control of the setting {key}", partial(draw_setting, option=option))


def draw_setting(page: SettingsPage, option: Option) -> None:
    """One control that saves as soon as the user changed it; one whose choices can be looked for anew has a button for that."""
    settings, key = page.host.settings, option.key
    refresh = option.choices.refresh if option.choices else None
    if refresh is None:
        control = _draw(option, settings.get(key))
    else:
        with gr.Row(elem_classes=["with-tool", "quicksetting"]):
            control = _draw(option, settings.get(key))
            button = gr.Button("🔄", elem_id=f"refresh_{key}", elem_classes=["tool", "icon-refresh"], min_width=36)
    if settings.lock_reason(key):
        control.interactive = False

    def show(*ignored: Any) -> dict[Any, Any]:
        return {control: gr.update(value=settings.get(key), **_listed(option, settings.get(key)))}

    def save(value: Json, request: gr.Request) -> Any:
        try:
            check_changes(settings.validated({key: value}), asking_of(request), page.host)
            settings.set({key: value})
        except UserError as error:
            gr.Warning(escape(str(error)))
        return gr.update(value=settings.get(key))

    def look_anew() -> dict[Any, Any]:
        if refresh is not None:
            refresh()
        return show()

    if refresh is not None:
        button.click(look_anew, None, [control], **QUIET)
    page.setting_changed(key, _saving_event(control, save))
    page.follow_settings(show, control)


def _draw(option: Option, value: Json) -> Any:
    listed = _listed(option, value)
    return draw_control(option.key, option.field, elem_id=f"setting_{option.key}", value=value, choices=listed.get("choices"))


def _listed(option: Option, value: Json) -> dict[str, Any]:
    """The choices of this moment, as an update; a value that is not among them (its file is gone) is shown all the same."""
    if option.choices is None:
        return {}
    choices = list(option.control.choices or ())
    known = {each for _, each in choices}
    missing = [each for each in (value if isinstance(value, list) else [value]) if each is not None and each not in known]
    return {"choices": [*choices, *((f"{each} (not found)", each) for each in missing)]}


def _saving_event(control: Any, save: Callable[..., Any]) -> Any:
    if isinstance(control, gr.Slider):
        return control.release(save, control, control, preprocess=False, **TELLING)
    if isinstance(control, (gr.Textbox, gr.Number)):
        return gr.on([control.submit, control.blur], save, control, control, preprocess=False, **TELLING)
    return control.input(save, control, control, preprocess=False, **TELLING)
