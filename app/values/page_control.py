"""A control of the drawn page, for those who adjust it before the page is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PageControl:
    """A control of the drawn page: ``tab`` is the id of its top tab, ``owner`` the extension that drew it, ``drawn_by`` that of the tab.

    ``kind`` is gradio's name in lower case ("slider", "dropdown", "button" ...); a button's ``label`` is its text. ``component`` is
    gradio's; its ``value``, ``minimum``, ``maximum``, ``step`` and ``visible`` may be set until the page is served. ``form`` and ``key``
    say which value of a form it is ("" for none); ``host.jobs.drafts`` has what users typed under these names.
    """

    tab: str
    owner: str
    drawn_by: str
    label: str
    kind: str
    component: Any
    form: str = ""
    key: str = ""
