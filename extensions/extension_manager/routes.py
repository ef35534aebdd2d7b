"""Routes below /paintbox/v1/extensions, A1111's list of extensions, and the files of its extensions that scripts of theirs ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field

from app.api import Difference, Host, InstallPlan, NotFoundError, Snapshot, Value, differences
from app.api.routes import EXTENSIONS, Access, asked_access, may_change
from extensions.extension_manager.files import find_file
from extensions.extension_manager.foreign import ForeignReport
from extensions.extension_manager.index import Index
from extensions.extension_manager.listing import (
    ApiExtension,
    ListedExtension,
    UpdateState,
    check_updates,
    list_extensions,
    list_for_api,
    report_foreign,
)
from extensions.extension_manager.manager import MANAGER, Manager, Omitted, Outcome

PREFIX = "/paintbox/v1/extensions"
Text = Annotated[str, Field(max_length=2000)]


class Installed(Value):
    """The tab's first page."""

    access: Access
    omitted: str
    index_address: str
    extensions: tuple[ListedExtension, ...]


class Wishes(Value):
    """Which extensions are to be enabled, by id, and which are left out altogether."""

    enabled: dict[str, bool] = {}
    omitted: Omitted | None = None


class Repository(Value):
    """Where an extension is to come from."""

    url: Text
    branch: Text = ""
    name: Text = ""


class Consent(Value):
    """``javascript``: the scripts of an extension for A1111 may run in the page."""

    javascript: bool = False


class Allowed(Value):
    """Whether the page runs an extension's scripts."""

    allowed: bool


class Asked(Value):
    """Where the index is; "" for the setting's address."""

    address: Text = ""


class Named(Value):
    """A new snapshot's name."""

    name: Text = ""


class Back(Value):
    """What goes back to a snapshot."""

    scope: Literal["extensions", "webui", "both"] = "extensions"


class ListedSnapshot(Value):
    """A snapshot without its content."""

    file: str
    name: str
    created_at: float
    host_version: str
    automatic: bool
    extensions: int


def make_routers(host: Host) -> tuple[APIRouter, ...]:
    """All of them; whoever changes something must be allowed to."""
    changing = APIRouter(prefix=PREFIX, tags=["extensions"], dependencies=[may_change(EXTENSIONS, host)])
    _add_plans(changing, host)
    _add_changes(changing, host)
    _add_snapshots(changing, host)
    return _looking(host), changing, _a1111(host)


def _manager(host: Host) -> Manager:
    return host.stash[MANAGER]


def _looking(host: Host) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["extensions"])

    @router.get("", summary="Installed extensions, and whether the one who asks may change them")
    async def read(request: Request) -> Installed:
        manager = _manager(host)
        omitted = str(host.settings.get("disable_all_extensions"))
        listed = await run_in_threadpool(list_extensions, manager)
        access = asked_access(EXTENSIONS, request, host)
        return Installed(access=access, omitted=omitted, index_address=manager.index_address(), extensions=listed)

    @router.get("/installed/{name}/report", summary="What an extension for A1111 uses, and what of it there is here")
    async def report(name: str) -> ForeignReport:
        return await run_in_threadpool(report_foreign, name, _manager(host))

    return router


def _add_plans(router: APIRouter, host: Host) -> None:
    @router.post("/plans", summary="Clone a repository into quarantine and say what installing it would do")
    async def plan(asked: Repository) -> InstallPlan:
        return await run_in_threadpool(_manager(host).store.plan_address, asked.url, asked.branch, asked.name)

    @router.post("/archives", summary="The same for a zip or tar archive, which is the request's body")
    async def plan_archive(
        request: Request, file_name: Annotated[str, Query(max_length=300)], name: Annotated[str, Query(max_length=200)] = ""
    ) -> InstallPlan:
        manager = _manager(host)
        archive = await manager.receive(request.stream())
        return await run_in_threadpool(manager.plan_archive, archive, file_name, name)

    @router.post("/installed/{name}/packages", summary="What an extension needs beside what is installed")
    async def plan_packages(name: str) -> InstallPlan:
        return await run_in_threadpool(_manager(host).store.plan_packages, name)

    @router.post("/installed/{name}/update", summary="What the newest state of an extension would change")
    async def plan_update(name: str) -> InstallPlan:
        return await run_in_threadpool(_manager(host).store.plan_update, name)

    @router.post("/plans/{token}/install", summary="Carry out a plan that was looked at")
    async def install(token: str, consent: Consent) -> Outcome:
        return await run_in_threadpool(_manager(host).install, token, javascript=consent.javascript)

    @router.delete("/plans/{token}", status_code=204, summary="Forget a plan")
    async def drop(token: str) -> None:
        await run_in_threadpool(_manager(host).store.drop_plan, token)


def _add_changes(router: APIRouter, host: Host) -> None:
    @router.post("/apply", summary="Enable and disable extensions")
    async def apply(wishes: Wishes) -> Outcome:
        return await run_in_threadpool(_manager(host).apply, wishes.enabled, wishes.omitted)

    @router.post("/reload-code", summary="Read the code of extensions that did not come with Paintbox again")
    async def reload_code() -> Outcome:
        return await run_in_threadpool(_manager(host).reload_code)

    @router.delete("/installed/{name}", summary="Take an extension out; a restore brings it back")
    async def remove(name: str) -> Outcome:
        return await run_in_threadpool(_manager(host).remove, name)

    @router.post("/installed/{name}/javascript", summary="Let the page run the scripts of an extension for A1111, or no longer")
    async def allow(name: str, wish: Allowed) -> Outcome:
        return await run_in_threadpool(_manager(host).allow_javascript, name, allowed=wish.allowed)

    @router.post("/updates", summary="Ask the repositories of extensions for newer commits")
    async def updates() -> tuple[UpdateState, ...]:
        return await run_in_threadpool(check_updates, _manager(host))

    @router.post("/index", summary="Load the index of extensions that can be had")
    async def index(asked: Asked) -> Index:
        return await run_in_threadpool(_manager(host).index, asked.address)


def _add_snapshots(router: APIRouter, host: Host) -> None:
    @router.get("/snapshots", summary="What was installed and set before each change")
    async def snapshots() -> tuple[ListedSnapshot, ...]:
        found = await run_in_threadpool(_manager(host).store.snapshots.list)
        return tuple(map(_listed, found))

    @router.post("/snapshots", summary="Write down how things are")
    async def take(asked: Named) -> ListedSnapshot:
        return _listed(await run_in_threadpool(_manager(host).store.take_snapshot, asked.name))

    @router.get("/snapshots/{file}", summary="In what a snapshot differs from now; of settings, the keys alone")
    async def compare(file: str) -> tuple[Difference, ...]:
        store = _manager(host).store
        return await run_in_threadpool(lambda: differences(store, store.snapshots.get(file)))

    @router.post("/snapshots/{file}/restore", summary="Go back to a snapshot")
    async def go_back(file: str, back: Back) -> Outcome:
        return await run_in_threadpool(_manager(host).restore, file, back.scope)

    @router.delete("/snapshots/{file}", status_code=204, summary="Delete a snapshot")
    async def delete(file: str) -> None:
        await run_in_threadpool(_manager(host).store.snapshots.delete, file)


def _a1111(host: Host) -> APIRouter:
    router = APIRouter(tags=["A1111"])

    @router.get("/sdapi/v1/extensions", summary="Extensions that came from a git repository")
    async def listed() -> tuple[ApiExtension, ...]:
        return await run_in_threadpool(list_for_api, _manager(host))

    @router.get("/file=extensions/{name}/{path:path}", include_in_schema=False)
    def file(name: str, path: str) -> FileResponse:
        found = find_file(host, name, path)
        if found is None:
            raise NotFoundError("There is no such file, or its extension is not allowed to use it.")
        return FileResponse(
            found.path, media_type=found.media_type, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        )

    return router


def _listed(snapshot: Snapshot) -> ListedSnapshot:
    return ListedSnapshot(
        file=snapshot.file,
        name=snapshot.name,
        created_at=snapshot.created_at,
        host_version=snapshot.host_version,
        automatic=snapshot.automatic,
        extensions=sum(1 for state in snapshot.extensions.values() if not state.is_builtin),
    )
