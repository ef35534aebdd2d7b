"""Routes of extensions: behind the same guard, with the same shape of errors, and none can break the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import SiteMaker

ROUTES = """
from fastapi import APIRouter, Request
from app.api import UserError, hookimpl

@hookimpl
def register_routes(host):
    router = APIRouter()

    @router.get("/sdapi/v1/mine")
    def mine(request: Request):
        return {"user": request.state.user.name}

    @router.get("/sdapi/v1/wrong")
    def wrong():
        raise UserError("The brush is missing.", hint="Buy one.", status=409, field="brush")

    @router.get("/sdapi/v1/bug")
    def bug():
        raise ZeroDivisionError("a bug")

    return [router]
"""


def test_an_extension_adds_routes(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", ROUTES)
    client = make_site("mine", nowebui=True).client
    answer = client.get("/sdapi/v1/mine")
    assert answer.json() == {"user": ""}
    assert float(answer.headers["x-process-time"]) >= 0
    assert "/sdapi/v1/mine" in client.get("/openapi.json").json()["paths"]


def test_errors_have_one_shape(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", ROUTES)
    client = make_site("mine", nowebui=True).client
    wrong = client.get("/sdapi/v1/wrong")
    assert (wrong.status_code, wrong.json()) == (
        409,
        {"error": "UserError", "detail": "The brush is missing. Buy one.", "body": "", "errors": "", "field": "brush"},
    )
    bug = client.get("/sdapi/v1/bug")
    assert (bug.status_code, bug.json()) == (500, {"error": "ZeroDivisionError", "detail": "", "body": "", "errors": "a bug"})


def test_passwords_cover_the_routes_of_every_extension(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", ROUTES)
    client = make_site("mine", "passwords", nowebui=True, flags={"api-auth": "bot:secret"}).client
    assert client.get("/sdapi/v1/mine").status_code == 401
    assert client.get("/sdapi/v1/mine", auth=("bot", "secret")).json() == {"user": "bot"}


def test_what_is_no_router_is_named_and_the_rest_is_served(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("odd", "from app.api import hookimpl\n@hookimpl\ndef register_routes(host):\n    return ['no router']\n")
    site = make_site("odd", nowebui=True)
    assert site.client.get("/internal/ping").status_code == 200
    assert "odd" in [report.id for report in site.host.extensions.failed()]


def test_a_guard_whose_routes_fail_still_guards_and_is_said_to_have_failed_in_part(
    make_site: SiteMaker, write_extension: Callable[..., Path]
) -> None:
    write_extension(
        "lock",
        "from app.api import hookimpl\n"
        "@hookimpl\ndef requires_login(realm, host):\n    return True\n"
        "@hookimpl\ndef register_routes(host):\n    raise RuntimeError('no luck')\n",
    )
    site = make_site("lock", nowebui=True)
    assert site.client.get("/paintbox/v1/jobs").status_code == 401
    report = site.host.extensions.get("lock")
    assert (report.state, report.error) == ("failed in part", "It failed in register_routes: RuntimeError: no luck")
    assert site.host.hooks.implemented_by("lock") == ["register_routes", "requires_login"]


@pytest.mark.parametrize("nowebui", [False, True])
def test_a_route_asked_with_another_method_says_so_with_the_page_and_without_it(make_site: SiteMaker, nowebui: bool) -> None:
    site = make_site("txt2img", nowebui=nowebui)
    answer = site.client.put("/paintbox/v1/jobs")
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert {"GET", "POST"} & set(answer.headers["allow"].split(", "))
    assert site.client.put("/paintbox/v1/nothing").status_code == 404
    assert site.client.get("/").status_code == (404 if nowebui else 200)
