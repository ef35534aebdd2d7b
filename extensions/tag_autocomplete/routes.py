"""Routes of the completion: what there is, and the files of tags as they are."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.api import Host, NotFoundError, Value, pick
from extensions.tag_autocomplete.files import chosen_files, tag_files
from extensions.tag_autocomplete.offers import offers
from extensions.tag_autocomplete.settings import AutocompleteSettings


class ListedFile(Value):
    """A file of tags: its name, and a text that is another one when it has changed."""

    name: str
    version: str


class Behaviour(Value):
    """How the page completes."""

    active: bool
    most: int
    replaces_underscores: bool
    escapes_parentheses: bool
    appends_comma: bool


class ListedOffers(Value):
    """Everything but the tags themselves; an offer is (text, insert, kind, opening, insert in negative prompts)."""

    behaviour: Behaviour
    files: list[ListedFile]
    offers: list[tuple[str, str, str, str, str | None]]


def make_router(host: Host) -> APIRouter:
    """``GET /paintbox/v1/autocomplete`` and ``GET /paintbox/v1/autocomplete/tags``."""
    router = APIRouter(prefix="/paintbox/v1/autocomplete", tags=["tag autocomplete"])

    @router.get("")
    def listed() -> ListedOffers:
        """What there is to complete at this moment."""
        settings = pick(AutocompleteSettings, host.settings.snapshot())
        behaviour = Behaviour(
            active=settings.tac_active,
            most=settings.tac_maxResults,
            replaces_underscores=settings.tac_replaceUnderscores,
            escapes_parentheses=settings.tac_escapeParentheses,
            appends_comma=settings.tac_appendComma,
        )
        if not settings.tac_active:
            return ListedOffers(behaviour=behaviour, files=[], offers=[])
        files = [ListedFile(name=file.name, version=file.version) for file in chosen_files(tag_files(host), settings.tac_tagFile)]
        found = [(offer.text, offer.insert, offer.kind, offer.opening, offer.negative) for offer in offers(host)]
        return ListedOffers(behaviour=behaviour, files=files, offers=found)

    @router.get("/tags", response_class=FileResponse)
    def tags(file: str) -> FileResponse:
        """A file of tags; only those that are listed have a name."""
        found = next((each for each in tag_files(host) if each.name == file), None)
        if found is None:
            raise NotFoundError(f"There is no file of tags {file!r}.", hint='They lie in the folder "tags".')
        return FileResponse(found.path, media_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-cache"})

    return router
