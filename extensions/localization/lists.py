"""The words in the page's drop-downs: gradio draws a list's labels itself, and shows the chosen one in a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.api import PageControl


def translate_lists(controls: Sequence[PageControl], texts: Mapping[str, str]) -> None:
    """Give choices translated labels; their values stay. Lists of several choices are of names (styles), and stay as they are."""
    for control in controls:
        if control.kind == "dropdown" and not control.component.multiselect:
            control.component.choices = [(texts.get(str(label), label), value) for label, value in control.component.choices]
