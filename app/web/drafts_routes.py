"""What is typed into a form as a resource: fetched, and kept for the user and for a browser tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.values.base import Json
from app.web.asking import Owner
from app.web.draft_values import DraftForms

if TYPE_CHECKING:
    from app.host import Host

TabName = Annotated[str, Query(pattern="^[a-z0-9]{1,32}$")]


def drafts_router(host: Host, forms: DraftForms) -> APIRouter:
    """Routes below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["jobs"])

    @router.get("/drafts/{form}", summary="What was last typed into a form")
    def get_draft(form: str, owner: Owner) -> dict[str, Json]:
        return dict(host.jobs.drafts.get(owner, form) or {})

    @router.put("/drafts/{form}", status_code=204, summary="Keep what is typed into a form; with ``tab`` also for that tab of a browser")
    def put_draft(form: str, values: dict[str, Json], owner: Owner, tab: TabName | None = None) -> Response:
        forms.check(form, values)
        # the page sends all values, also those that nobody typed
        more = forms.defaults(form, values) if tab else {}
        host.jobs.drafts.set(owner, form, {**values, **more}, tab or "")
        return Response(status_code=204)

    return router
