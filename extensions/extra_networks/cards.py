"""Which cards answer a search, in which order, and what the page needs to draw one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.api import CHECKPOINT_KIND, CHECKPOINT_SETTING, CardText, ModelIdentity, ModelRecord, NetworkType, Value
from extensions.extra_networks.rows import Listing, Order, Row

if TYPE_CHECKING:
    from app.api import Host

HIDDEN_SETTING = "extra_networks_hidden_models"
LONG_SEARCH = 4
"""From this many letters on a search finds what lies in hidden folders."""
SHOWN_DESCRIPTION = 300
NAME_ENDS = frozenset(":>")
"""What ends a name in a prompt tag."""


@dataclass(frozen=True)
class Query:
    """What is looked for: ``search`` a part of path, hash or description; ``folder``: "" for all; ``direct``: not below it."""

    search: str = ""
    order: Order = "path"
    descending: bool = False
    folder: str = ""
    direct: bool = False


class Card(Value):
    """One card. ``network``, ``prompt`` and ``negative`` as in ``CardText``; ``preview``: an address below the page's, or "".

    ``path_key`` names the file among all kinds; ``unfit`` says why it does not work with the checkpoint, or not at all.
    """

    type: str
    folder_kind: str
    name: str
    title: str
    path_key: str
    path: str
    folder: str
    sha256: str | None
    description: str
    preview: str
    unfit: str
    pending: bool
    network: str
    prompt: str
    negative: str
    is_current: bool
    has_metadata: bool


class Cards(Value):
    """A page of cards. ``total``: how many the search finds; ``hidden``: how many more do not fit the checkpoint and are left out.

    ``version`` is another text whenever anything of the kind has changed; ``is_fresh`` False: ask again in a moment.
    """

    total: int
    hidden: int
    offset: int
    version: str
    is_fresh: bool
    cards: tuple[Card, ...]


def found(listing: Listing, query: Query, hidden_models: str) -> Iterator[Row]:
    """The rows that answer the query, in its order; ``hidden_models``: A1111's rule for hidden folders."""
    rows: Sequence[Row] = listing.in_order(query.order)
    search = query.search.strip().lower()
    below = f"{query.folder}/"
    shows_hidden = hidden_models == "Always" or (hidden_models == "When searched" and len(search) >= LONG_SEARCH)
    for row in reversed(rows) if query.descending else rows:
        if search and search not in row.text:
            continue
        if query.folder and row.folder != query.folder and (query.direct or not row.folder.startswith(below)):
            continue
        if query.direct and row.folder != query.folder:
            continue
        if row.is_hidden and not shows_hidden:
            continue
        yield row


def checkpoint_identity(host: Host) -> ModelIdentity | None:
    """What is known of the checkpoint in the settings; None where none is chosen."""
    name = host.settings.get(CHECKPOINT_SETTING) if CHECKPOINT_SETTING in host.settings.options else None
    record = host.models.find(CHECKPOINT_KIND, str(name)) if name and CHECKPOINT_KIND in host.models.folders else None
    return record.identity if record is not None else None


class CardMaker:
    """Makes cards of one kind for the checkpoint in use; an extension that fails at it leaves its cards without texts."""

    def __init__(self, kind: NetworkType, host: Host) -> None:
        self._kind = kind
        self._host = host
        self._owner = host.network_types.owner(kind.id)
        self.checkpoint = checkpoint_identity(host)
        self._current = ""
        if kind.current is not None:
            with host.hooks.isolated(self._owner, "the file in use"):
                record = kind.current()
                self._current = record.name if record is not None else ""

    def page(self, listing: Listing, query: Query, span: tuple[int, int]) -> tuple[int, int, tuple[Card, ...]]:
        """(found, left out, cards of the ``span`` from, to)."""
        rows = list(found(listing, query, str(self._host.settings.get(HIDDEN_SETTING))))
        hides = None
        with self._host.hooks.isolated(self._owner, "which cards are hidden"):
            hides = self._kind.hides(self.checkpoint)
        shown = [row for row in rows if not hides(row.record, row.sidecars.user)] if hides is not None else rows
        return len(shown), len(rows) - len(shown), tuple(self.card(row) for row in islice(shown, *span))

    def card(self, row: Row) -> Card:
        """The card of a row."""
        record, kind = row.record, self._kind
        text, unfit = CardText(network=""), problem_of(record, kind)
        with self._host.hooks.isolated(self._owner, "a card's text"):
            text = kind.insert(record, row.sidecars.user) if kind.insert is not None else text
            unfit = unfit or kind.unfit(record, self.checkpoint, row.sidecars.user)
        text, problem = taggable(text, record.stem)
        return Card(
            type=kind.id,
            folder_kind=record.folder_kind,
            name=record.name,
            title=record.stem,
            path_key=f"{record.folder_kind}/{record.name}",
            path=record.path,
            folder=row.folder,
            sha256=record.sha256,
            description=row.sidecars.user.description[:SHOWN_DESCRIPTION],
            preview=preview_address(kind.id, row),
            unfit=problem or unfit,
            pending=record.pending,
            network=text.network,
            prompt=text.prompt,
            negative=text.negative,
            is_current=bool(self._current) and self._current == record.name,
            has_metadata=bool(record.metadata),
        )


def problem_of(record: ModelRecord, kind: NetworkType) -> str:
    """Why a file is no use at all, whatever the checkpoint; "" where it may be."""
    if not kind.kinds or record.identity is None:
        return record.problem
    if record.identity.kind in kind.kinds:
        return ""  # that nobody else loads such files means nothing: they are used beside a checkpoint
    return f"It is no {kind.title} file: {record.identity.title or record.identity.kind}."


def taggable(text: CardText, stem: str) -> tuple[CardText, str]:
    """The text as a prompt tag can hold it, and why none can: ":" and ">" end names in tags, so the file's own name may have to do."""
    kind, _, name = text.network.removeprefix("<").removesuffix(":").partition(":")
    if not text.network.startswith(f"<{kind}:") or not NAME_ENDS.intersection(name):
        return text, ""
    if NAME_ENDS.intersection(stem):
        return CardText(network=""), f'Prompts cannot name it: tags end at ":" and ">", and it is called {name!r}. Rename it.'
    network = f"<{kind}:{stem}:"
    return CardText(network=network, prompt=text.prompt.replace(text.network, network, 1), negative=text.negative), ""


def preview_address(type_id: str, row: Row) -> str:
    """Where the card's picture is fetched, another one for every state of it."""
    if not row.preview_version:
        return ""
    return f"paintbox/v1/networks/{quote(type_id, safe='')}/preview?name={quote(row.record.name)}&v={row.preview_version}"
