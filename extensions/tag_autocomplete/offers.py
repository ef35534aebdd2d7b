"""What can be completed beside tags: files of networks, and what extensions offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.api import NOTHING_WRITTEN, Completion, NetworkType, offered_completions

if TYPE_CHECKING:
    from app.api import Host

SWITCHES = {
    "textual_inversion": "tac_useEmbeddings",
    "lora": "tac_useLoras",
    "hypernetworks": "tac_useHypernetworks",
    "Wildcard": "tac_useWildcards",
    "Style": "tac_useStyles",
}
"""Settings that switch a kind off, by the id of a kind of networks or by the word of a completion."""


def offers(host: Host) -> list[Completion]:
    """All of them at this moment, without the kinds that the settings leave out."""
    listed = [*_networks(host), *(owned.value for owned in offered_completions(host) if _is_on(owned.value.kind, host))]
    return [offer for offer in listed if offer.text and (offer.insert or offer.negative)]


def _networks(host: Host) -> Iterator[Completion]:
    for kind in sorted(host.network_types, key=lambda kind: kind.order):
        if kind.folder_kind in host.models.folders and kind.insert is not None and _is_on(kind.id, host):
            with host.hooks.isolated(host.network_types.owner(kind.id), "the names of its files"):
                yield from _of_kind(kind, host)


def _of_kind(kind: NetworkType, host: Host) -> Iterator[Completion]:
    """The files of one kind by the text that a click on their card would insert, without anybody's own words."""
    for record in host.models.records(kind.folder_kind):
        if kind.insert is None or not kind.is_one(record):
            continue
        text = kind.insert(record, NOTHING_WRITTEN)
        named = text.network.rstrip(":").rpartition(":")
        opening = f"{named[0]}:" if named[0].startswith("<") else ""
        yield Completion(named[2] if opening else text.network, text.prompt, kind.title, opening=opening)


def _is_on(kind: str, host: Host) -> bool:
    return bool(host.settings.find(SWITCHES.get(kind, ""), True))
