"""The form of error answers: A1111's, unless an extension has another for its routes."""

from __future__ import annotations

from app.api import Host, Problem, hookimpl
from tests.web.conftest import Site


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
