"""Routes below /paintbox/v1/networks: kinds, pages of cards, previews, what users write of a file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as FromQuery
from fastapi.responses import Response
from pydantic import Field

from app.api import Host, Json, NetworkType, NotFoundError, SavedImage, UserError, Value
from app.api.routes import Owner, may_change_models
from extensions.extra_networks.card_html import card_html
from extensions.extra_networks.cards import Card, CardMaker, Cards, Query
from extensions.extra_networks.details import Details, details_of, metadata_of
from extensions.extra_networks.editing import undo_preview, write_notes, write_preview
from extensions.extra_networks.kinds import shown_types
from extensions.extra_networks.known_rows import kind_of_page, row_of_item, row_of_preview
from extensions.extra_networks.rows import COVERS, Order, Row
from extensions.extra_networks.shelves import SHELVES
from extensions.extra_networks.view_options import ViewOptions, view_options

PREFIX = "/paintbox/v1/networks"
KEPT_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
PAGE_SIZE = 60
LARGEST_PAGE = 500
LARGEST_OFFSET = 1 << 31


class Asked(Value):
    """A search, and which of its cards; ``direct``: those in the folder itself, not below it. Order and direction: else the settings'."""

    search: str = Field("", max_length=1000)
    sort: Order | None = None
    direction: Literal["asc", "desc"] | None = None
    folder: str = ""
    direct: bool = False
    offset: int = Field(0, ge=0, le=LARGEST_OFFSET)
    limit: int = Field(PAGE_SIZE, ge=1, le=LARGEST_PAGE)


class Kind(Value):
    """A kind of network."""

    id: str
    title: str
    folder_kind: str


class KindView(Value):
    """What a tab needs before its cards: folders and settings."""

    kind: Kind
    folders: tuple[str, ...]
    follows_focus: bool
    tags: tuple[str, ...]
    options: ViewOptions


class Notes(Value):
    """A file and what is to be written of it, by the names of the details' ``user``; what is left out stays."""

    name: str
    values: dict[str, Json]


class Picture(Value):
    """A file, and the picture that becomes its preview: ``number`` of a job's result."""

    name: str
    job: str
    number: int = 0


class Named(Value):
    """A file."""

    name: str


def make_a1111_router(host: Host) -> APIRouter:
    """What A1111 has below /sd_extra_networks, for programs that ask there; ``page`` is the kind's title or id, ``item`` a file's name."""
    router = APIRouter(prefix="/sd_extra_networks", tags=["networks"])

    def send(row: Row) -> Response:
        data = host.stash[SHELVES].thumbnails.get(row, host.models.folders[row.record.folder_kind].roots)
        return Response(data, media_type="image/webp", headers=KEPT_HEADERS | {"Cache-Control": "private, no-cache"})

    @router.get("/thumb", summary="The small picture of a card, by the path of its file", response_class=Response)
    def thumb(filename: str, mtime: str = "") -> Response:
        return send(row_of_preview(filename, host))

    @router.get("/cover-images", summary="The first picture in a file's metadata", response_class=Response)
    def cover_images(page: str, item: str, index: int = 0) -> Response:
        row = row_of_item(page, item, host)
        if index or row is None or COVERS not in row.record.metadata:
            raise NotFoundError(f"{item} has no cover {index}.", field="item")
        return send(replace(row, preview="", preview_version=f"cover {row.record.mtime_ns}"))

    @router.get("/metadata", summary="The metadata in a file, as text")
    def metadata(page: str = "", item: str = "") -> dict[str, str]:
        row = row_of_item(page, item, host)
        said = metadata_of(row.record) if row is not None else {}
        return {"metadata": json.dumps(said, indent=4, ensure_ascii=False)} if said else {}

    @router.get("/get-single-card", summary="One card as HTML, by the name of its file")
    def single_card(page: str = "", tabname: str = "", name: str = "") -> dict[str, str]:
        kind, row = kind_of_page(page, host), row_of_item(page, name, host)
        return {"html": card_html(CardMaker(kind, host).card(row), tabname) if kind and row else ""}

    return router


def make_router(host: Host) -> APIRouter:
    """All routes; they run in threads, because all of them may read files."""
    router = APIRouter(prefix=PREFIX, tags=["networks"])
    _add_listing(router, host)
    _add_files(router, host)
    changes = APIRouter(dependencies=[may_change_models(host)])
    _add_changes(changes, host)
    router.include_router(changes)
    return router


def _add_listing(router: APIRouter, host: Host) -> None:
    @router.get("", summary="The kinds of networks, in the order of their tabs")
    def kinds() -> list[Kind]:
        return [_kind(kind) for kind in shown_types(host)]

    @router.get("/{type_id}", summary="Folders and settings of a kind")
    def view(type_id: str) -> KindView:
        kind = host.network_types.get(type_id)
        listing, _ = host.stash[SHELVES].current(type_id)
        options = view_options(host)
        folders = tuple(one for one in listing.folders if options.shows_hidden_folders or not f"/{one}".count("/."))
        return KindView(kind=_kind(kind), folders=folders, follows_focus=kind.follows_focus, tags=kind.tags, options=options)

    @router.get("/{type_id}/cards", summary="A page of cards that answer a search")
    def listed(type_id: str, asked: Annotated[Asked, FromQuery()]) -> Cards:
        listing, is_fresh = host.stash[SHELVES].current(type_id)
        query = _query(asked, host)
        maker = CardMaker(host.network_types.get(type_id), host)
        total, hidden, shown = maker.page(listing, query, (asked.offset, asked.offset + asked.limit))
        return Cards(total=total, hidden=hidden, offset=asked.offset, version=listing.version, is_fresh=is_fresh, cards=shown)

    @router.post("/{type_id}/refresh", summary="Look for new and removed files now")
    def refresh(type_id: str) -> KindView:
        host.models.refresh(host.network_types.get(type_id).folder_kind)
        host.stash[SHELVES].shelf(type_id).renew()
        return view(type_id)


def _add_files(router: APIRouter, host: Host) -> None:
    @router.get("/{type_id}/preview", summary="The small picture of a card", response_class=Response)
    def preview(type_id: str, name: str, v: str = "") -> Response:
        row = _row(type_id, name, host)
        if not row.preview_version:
            raise NotFoundError(f"{row.record.name} has no preview.")
        data = host.stash[SHELVES].thumbnails.get(row, host.models.folders[row.record.folder_kind].roots)
        headers = KEPT_HEADERS if v == row.preview_version else KEPT_HEADERS | {"Cache-Control": "private, no-cache"}
        return Response(data, media_type="image/webp", headers=headers)

    @router.get("/{type_id}/details", summary="What is known of a file, and what users wrote of it")
    def details(type_id: str, name: str) -> Details:
        return details_of(_row(type_id, name, host), host.network_types.get(type_id), host)

    @router.get("/{type_id}/metadata", summary="The metadata in a file, as it stands there")
    def metadata(type_id: str, name: str) -> dict[str, Json]:
        return metadata_of(_row(type_id, name, host).record)


def _add_changes(router: APIRouter, host: Host) -> None:
    @router.put("/{type_id}/notes", summary="Write what a user says of a file into the .json beside it")
    def write(type_id: str, notes: Notes) -> Card:
        write_notes(_row(type_id, notes.name, host).record.path, notes.values)
        return _card_anew(type_id, notes.name, host)

    @router.post("/{type_id}/preview", summary="Make a picture of a job the preview of a file; the one before is put aside")
    def replace_preview(type_id: str, wanted: Picture, owner: Owner) -> Card:
        row, kind = _row(type_id, wanted.name, host), host.network_types.get(type_id)
        write_preview(row.record.path, kind.preview_ending, _picture(wanted, owner, host))
        return _card_anew(type_id, wanted.name, host)

    @router.post("/{type_id}/preview/undo", summary="Bring back the preview that was put aside")
    def undo(type_id: str, named: Named) -> Card:
        row, kind = _row(type_id, named.name, host), host.network_types.get(type_id)
        undo_preview(row.record.path, kind.preview_ending)
        return _card_anew(type_id, named.name, host)


def _query(asked: Asked, host: Host) -> Query:
    options = view_options(host)
    is_descending = options.is_descending if asked.direction is None else asked.direction == "desc"
    return Query(asked.search, asked.sort or options.sort, is_descending, asked.folder, asked.direct)


def _kind(kind: NetworkType) -> Kind:
    return Kind(id=kind.id, title=kind.title, folder_kind=kind.folder_kind)


def _row(type_id: str, name: str, host: Host) -> Row:
    """The row of a file by its name below its folder; a file that has just come is looked for. Raises NotFoundError."""
    shelf = host.stash[SHELVES].shelf(type_id)
    row = shelf.listing().by_name.get(name)
    if row is None:
        host.models.refresh(shelf.kind.folder_kind)
        row = shelf.renew().by_name.get(name)
    if row is None:
        raise NotFoundError(
            f"There is no file {name!r} among the {shelf.kind.title} files.", hint="Press the refresh button.", field="name"
        )
    return row


def _card_anew(type_id: str, name: str, host: Host) -> Card:
    host.stash[SHELVES].shelf(type_id).renew()
    return CardMaker(host.network_types.get(type_id), host).card(_row(type_id, name, host))


def _picture(wanted: Picture, owner: str, host: Host) -> SavedImage:
    """The picture, if it is one of the user's own; raises NotFoundError, UserError."""
    if not wanted.job:
        raise UserError("There is no picture to take.", hint="Generate one first.", field="job")
    job = host.jobs.get(wanted.job)
    if job.owner != owner:
        raise host.jobs.missing(wanted.job)
    if not 0 <= wanted.number < len(job.result.images):
        raise NotFoundError(f"The job has no picture {wanted.number}.", field="number")
    return job.result.images[wanted.number]
