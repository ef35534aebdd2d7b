"""What the host's own settings can be chosen from, where only the running host knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import hookspecs
from app.contracts import Choices

if TYPE_CHECKING:
    from app.host import Host


def core_choices(host: Host) -> dict[str, Choices]:
    """Choices by the setting's key."""

    def quicksettings() -> list[tuple[str, str]]:
        shown = [option for option in host.settings.options.values() if not option.extra.get("hidden") and not option.is_secret]
        return [(f"{option.key}: {option.label}", option.key) for option in shown]

    def executors() -> list[tuple[str, str]]:
        return [("The first one installed", ""), *((executor.id, executor.id) for executor in host.executors)]

    def ways_of_attention() -> list[str]:
        return ["Automatic", *(way.title for way in host.attention), "None"]

    def tabs() -> list[str]:
        known = host.hooks.collect(hookspecs.register_tabs, host=host)
        return [tab.value.title for tab in sorted(known, key=lambda tab: tab.value.order)]

    return {
        "quicksettings_list": Choices(quicksettings),
        "executor": Choices(executors),
        "ui_tab_order": Choices(tabs),
        "hidden_tabs": Choices(tabs),
        "cross_attention_optimization": Choices(ways_of_attention),
    }
