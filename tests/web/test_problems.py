"""The form of error answers: A1111's, unless an extension has another for its routes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.api import Host, Problem, hookimpl
from tests.web.conftest import ORIGIN, Site, SiteMaker


class _Teapot:
    @hookimpl
    def shape_problem(self, problem: Problem, host: Host) -> Problem | None:
        said = str(problem.body["detail"])
        return Problem(problem.path, 418, {"tea": said}) if problem.path.startswith("/tea/") else None


class _Broken:
    @hookimpl
    def shape_problem(self, problem: Problem, host: Host) -> Problem | None:
        raise RuntimeError("no form")


def test_an_extension_gives_the_errors_of_its_routes_another_form(site: Site) -> None:
    site.host.hooks.register("teapot", _Teapot())
    answer = site.client.get("/tea/nothing")
    assert (answer.status_code, answer.json()) == (418, {"tea": "Not Found"})
    assert site.client.get("/coffee").json() == {"detail": "Not Found"}
    assert site.client.get("/paintbox/v1/jobs/none").json()["error"] == "NotFoundError"


def test_a_form_that_fails_leaves_the_error_as_it_is(site: Site) -> None:
    site.host.hooks.register("broken", _Broken())
    answer = site.client.get("/paintbox/v1/jobs/none")
    assert answer.status_code == 404 and set(answer.json()) >= {"error", "detail", "body", "errors"}


def test_a_body_that_is_no_text_is_refused_as_any_other(site: Site) -> None:
    answer = site.client.post(
        "/paintbox/v1/jobs", content=b"--x\r\n\r\n\x89PNG\xed\xa0", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 422
    assert "\ufffdPNG" in answer.json()["detail"][0]["input"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "/paintbox/v1/settings", '{"reset": ["\\udfff"]}'), ("POST", "/paintbox/v1/open-folder", '{"job": "\\udfff"}')],
)
def test_half_a_character_is_refused_wherever_it_leads(make_site: SiteMaker, method: str, path: str, body: str) -> None:
    site = make_site("settings_tab", "save_buttons", nowebui=True)
    here = TestClient(site.client.app, base_url=ORIGIN, raise_server_exceptions=False, client=("127.0.0.1", 50000))
    answer = here.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "The request has a text with half a character in it, '\\udfff'."


def test_any_other_text_that_cannot_be_written_is_an_error_of_ours(site: Site) -> None:
    @site.client.app.get("/latin")
    def latin() -> None:
        "\u4e2d".encode("latin-1")

    assert site.client.get("/latin").status_code == 500
