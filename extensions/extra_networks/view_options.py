"""The settings of the page of cards, as the browser gets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import Value, pick
from extensions.extra_networks.rows import Order
from extensions.extra_networks.settings import NetworkCards

if TYPE_CHECKING:
    from app.api import Host

SORTS: Mapping[str, Order] = {"Path": "path", "Name": "name", "Date Created": "date_created", "Date Modified": "date_modified"}


class ViewOptions(Value):
    """Sizes in CSS pixels, 0: as the style sheet says; ``view``: "Dirs" or "Tree"."""

    card_width: int
    card_height: int
    text_scale: float
    shows_descriptions: bool
    sort: Order
    is_descending: bool
    view: str
    shows_view: bool
    tree_width: int
    separator: str
    leading_slash: bool
    shows_hidden_folders: bool


def view_options(host: Host) -> ViewOptions:
    """Those of this moment."""
    told = pick(NetworkCards, host.settings.snapshot())
    return ViewOptions(
        card_width=told.extra_networks_card_width,
        card_height=told.extra_networks_card_height,
        text_scale=told.extra_networks_card_text_scale,
        shows_descriptions=told.extra_networks_card_show_desc,
        sort=SORTS[told.extra_networks_card_order_field],
        is_descending=told.extra_networks_card_order == "Descending",
        view=told.extra_networks_tree_view_style,
        shows_view=told.extra_networks_tree_view_default_enabled,
        tree_width=told.extra_networks_tree_view_default_width,
        separator=told.extra_networks_add_text_separator,
        leading_slash=told.extra_networks_dir_button_function,
        shows_hidden_folders=told.extra_networks_show_hidden_directories,
    )
