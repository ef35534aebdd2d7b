"""Routes below /paintbox/v1/settings: all settings as data, changing several at once, profiles, and files that go out and come in."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from app.api import Host, Json, UserError, Value
from app.api.routes import check_changes
from extensions.settings_tab.changing import Changed, Changes, Refused, change
from extensions.settings_tab.comparing import Comparison, compare
from extensions.settings_tab.listing import ListedSection, ListedSetting, list_sections, list_setting
from extensions.settings_tab.profiles import (
    Profile,
    delete_profile,
    keep_aside,
    list_profiles,
    read_aside,
    read_profile,
    visible_changes,
    write_profile,
)

MOST_KEYS = 5000


class Settings(Value):
    """All sections in the order of the page."""

    sections: tuple[ListedSection, ...]


class NewProfile(Value):
    """``values`` None: those of now that are not the defaults."""

    values: dict[str, Json] | None = None
    replaces: bool = False


class Given(Value):
    """Values of a file; ``resets_others``: what it does not name would get its default."""

    values: dict[str, Json]
    resets_others: bool = False


class KeptAside(Value):
    """Where the values were kept."""

    file: str
    keys: tuple[str, ...]


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["settings"])
    router.include_router(_settings_router(host), prefix="/paintbox/v1/settings")
    router.include_router(_profiles_router(host), prefix="/paintbox/v1/settings-profiles")
    router.include_router(_files_router(host), prefix="/paintbox/v1/settings-file")

    @router.get("/internal/quicksettings-hint", summary="Every setting that can stand at the top of the page")
    def hint() -> list[dict[str, str]]:
        shown = [option for option in host.settings.options.values() if not option.extra.get("hidden") and not option.is_secret]
        return [{"name": option.key, "label": option.label} for option in shown]

    return router


def _settings_router(host: Host) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="Every setting that has a control, with its value and where that comes from")
    async def read() -> Settings:
        return Settings(sections=tuple(await run_in_threadpool(list_sections, host)))

    @router.patch("", response_model=Changed, summary="Change and reset settings, all of them or none")
    async def patch(changes: Changes, request: Request) -> Changed | JSONResponse:
        def check(key: str, value: Json) -> None:
            check_changes({key: value}, request, host)

        try:
            return await run_in_threadpool(change, changes, host, check)
        except Refused as refused:
            fields = {"field": refused.field, "fields": refused.sentences}
            return JSONResponse({"error": "UserError", "detail": str(refused), "body": "", "errors": "", **fields}, refused.status)

    @router.post("/{key}/refresh", summary="Look anew for what a setting can be chosen from")
    async def refresh(key: str) -> ListedSetting:
        def look() -> ListedSetting:
            option = host.settings.option(key)
            if option.choices is not None and option.choices.refresh is not None:
                option.choices.refresh()
            return list_setting(option, host)

        return await run_in_threadpool(look)

    return router


def _profiles_router(host: Host) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="The named sets of settings")
    def profiles() -> tuple[Profile, ...]:
        return list_profiles(host)

    @router.get("/{name}", summary="What a set would change")
    async def preview(name: str, resets_others: bool = False) -> Comparison:
        return await run_in_threadpool(lambda: compare(read_profile(host, name), host, resets_others=resets_others))

    @router.put("/{name}", summary="Keep a set: the given values, or those of now that are not the defaults")
    async def keep(name: str, profile: NewProfile) -> Profile:
        return await run_in_threadpool(lambda: write_profile(host, name, profile.values, replaces=profile.replaces))

    @router.delete("/{name}", summary="Delete a set; the answer holds its values, so that it can be brought back")
    async def delete(name: str) -> NewProfile:
        return NewProfile(values=await run_in_threadpool(delete_profile, host, name))

    return router


def _files_router(host: Host) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="The settings that are not the defaults, or all of them, as a file; no secrets")
    def export(all: bool = False) -> Response:
        values: dict[str, Any] = visible_changes(host)
        if all:
            shown = [option for option in host.settings.options.values() if not option.extra.get("hidden") and not option.is_secret]
            values = {option.key: host.settings.get(option.key) for option in shown}
        headers = {"Content-Disposition": 'attachment; filename="paintbox-settings.json"'}
        return Response(json.dumps(values, indent=4, ensure_ascii=False) + "\n", media_type="application/json", headers=headers)

    @router.post("/compare", summary="What the values of a file would change; nothing is changed yet")
    async def look(given: Given) -> Comparison:
        if len(given.values) > MOST_KEYS:
            raise UserError(f"The file has {len(given.values)} keys; at most {MOST_KEYS} are read.", field="values", status=413)
        return await run_in_threadpool(lambda: compare(given.values, host, resets_others=given.resets_others))

    @router.get("/aside", summary="What the values that were kept aside would change now")
    async def aside() -> Comparison:
        return await run_in_threadpool(lambda: compare(read_aside(host), host))

    @router.post("/aside", summary="Keep values that belong to no setting")
    async def keep(given: Given) -> KeptAside:
        unknown = {key: value for key, value in given.values.items() if key not in host.settings.options}
        return KeptAside(file=str(await run_in_threadpool(keep_aside, host, unknown)), keys=tuple(unknown))

    return router
