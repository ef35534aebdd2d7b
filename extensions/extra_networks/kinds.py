"""Which kinds of networks have a tab, and in which order: the one they ask for, or the one in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import NetworkType

if TYPE_CHECKING:
    from app.api import Host

ORDER_SETTING = "ui_extra_networks_tab_reorder"


def shown_types(host: Host) -> list[NetworkType]:
    """The kinds whose folder the host knows; those that the setting names by a part of their title come first, in its order."""
    wanted = [name.strip().lower() for name in str(host.settings.get(ORDER_SETTING) or "").split(",") if name.strip()]
    kinds = sorted((kind for kind in host.network_types if kind.folder_kind in host.models.folders), key=lambda kind: kind.order)

    def place(kind: NetworkType) -> int:
        return next((index for index, name in enumerate(wanted) if name in kind.title.lower()), len(wanted))

    return sorted(kinds, key=place)
