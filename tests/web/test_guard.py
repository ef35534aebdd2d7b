"""Who may use which route: origins, passwords, sessions."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import ORIGIN, Site, SiteMaker

WORKER = "/paintbox/v1/worker"
PING = "/internal/ping"


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def log_in(client: TestClient, password: str = "secret-one", target: str = "/") -> object:
    return client.post("/login", data={"username": "ann", "password": password, "next": target})


# --- origins ---


def test_other_names_of_this_machine_are_refused(site: Site) -> None:
    for host in ("evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "192.168.1.5:7860"):
        answer = site.client.get(WORKER, headers={"host": host})
        assert answer.status_code == 403, host
        assert "--cors-allow-origins" in answer.json()["detail"]


def test_local_names_are_let_in(site: Site) -> None:
    for host in ("localhost:7860", "127.0.0.1:9", "[::1]:7860", "paint.localhost", "LOCALHOST"):
        assert site.client.get(WORKER, headers={"host": host}).status_code == 200, host


def test_pages_of_other_origins_are_refused(site: Site) -> None:
    for origin in ("https://evil.example", "http://127.0.0.1:9999", "null", "http://localhost:7860"):
        for method in ("GET", "POST"):
            assert site.client.request(method, "/paintbox/v1/jobs", headers={"origin": origin}).status_code == 403, (method, origin)


def test_a_cross_site_request_without_origin_is_refused_but_a_link_works(site: Site) -> None:
    cross = {"sec-fetch-site": "cross-site"}
    assert site.client.get(WORKER, headers={**cross, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert site.client.get(WORKER, headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 200


def test_the_pages_own_origin_is_let_in(site: Site) -> None:
    assert site.client.get(WORKER, headers={"origin": ORIGIN}).status_code == 200


def test_an_allowed_origin_is_let_in_and_may_read(make_site: SiteMaker) -> None:
    site = make_site(nowebui=True, cors_allow_origins=("https://paint.example",))
    answer = site.client.get(WORKER, headers={"origin": "https://paint.example", "host": "paint.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://paint.example"
    assert site.client.get(WORKER, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ({}, "frame-ancestors 'self'"),
        ({"cors_allow_origins": ("https://portal.example",)}, "frame-ancestors 'self' https://portal.example"),
        ({"cors_allow_origins": ("*",)}, None),
    ],
)
def test_no_other_site_shows_the_page_in_a_frame(make_site: SiteMaker, options: dict[str, Any], policy: str | None) -> None:
    answer = make_site(**options).client.get("/paintbox/v1/worker")
    assert answer.status_code == 200 and answer.headers.get("content-security-policy") == policy


def test_an_exposed_site_answers_to_names_of_its_network_but_not_to_other_origins(
    make_site: SiteMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Studio.example.org")
    monkeypatch.setattr(socket, "getfqdn", lambda: "studio.office.example.org")
    site = make_site(nowebui=True, listen=True)
    known = ("studio.lan:7860", "studio", "studio.local", "192.168.1.5:7860", "[fe80::1]:7860", "localhost", "studio.office.example.org")
    for host in (*known, "studio.example.org"):
        assert site.client.get(WORKER, headers={"host": host}).status_code == 200, host
    assert site.client.get(WORKER, headers={"host": "studio.lan:7860", "origin": "https://evil.example"}).status_code == 403


def test_an_exposed_site_without_a_password_refuses_names_that_others_can_own(make_site: SiteMaker) -> None:
    site = make_site(nowebui=True, listen=True, cors_allow_origins=("https://paint.example",))
    for host in ("evil.example", "evil.example:7860", "192.168.1.5.evil.example", "local.evil.example"):
        answer = site.client.get(WORKER, headers={"host": host, "origin": f"http://{host}"})
        assert answer.status_code == 403, host
        assert "--cors-allow-origins" in answer.json()["detail"]
    assert site.client.get(WORKER, headers={"host": "paint.example"}).status_code == 200


def test_with_a_password_an_exposed_site_answers_to_any_name(make_site: SiteMaker) -> None:
    site = make_site("passwords", flags={"gradio-auth": "ann:secret-one"}, nowebui=True, listen=True)
    assert site.client.get(WORKER, headers={"host": "paint.example"}).status_code == 401
    assert site.client.get(WORKER, headers={"host": "paint.example", **basic("ann", "secret-one")}).status_code == 200


# --- passwords ---


@pytest.fixture
def make_closed(make_site: SiteMaker) -> Callable[..., Site]:
    def make(*, nowebui: bool = True, **flags: str) -> Site:
        named = {name.replace("_", "-"): value for name, value in flags.items()}
        return make_site("passwords", flags=named, nowebui=nowebui)

    return make


def test_without_passwords_everything_is_open(make_closed: Callable[..., Site]) -> None:
    site = make_closed()
    assert site.client.get(WORKER).status_code == 200
    assert site.client.get(PING).status_code == 200


def test_a_page_password_closes_page_and_api(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one,bob:secret-two")
    for path in (WORKER, PING, "/openapi.json", "/", "/docs", "/sdapi/v1/options", "/gradio_api/info", "/nowhere"):
        assert site.client.get(path).status_code == 401, path
    assert site.client.get(WORKER, headers=basic("ann", "secret-one")).status_code == 200
    assert site.client.get(WORKER, headers=basic("bob", "secret-two")).status_code == 200


def test_wrong_passwords_are_refused(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one")
    for name, password in (("ann", "secret-two"), ("ann", ""), ("", "secret-one"), ("ANN", "secret-one"), ("eve", "x")):
        answer = site.client.get(WORKER, headers=basic(name, password))
        assert answer.status_code == 401, (name, password)
        assert answer.json()["error"] == "HTTPException"
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert float(answer.headers["x-process-time"]) >= 0


def test_broken_credentials_are_refused(make_closed: Callable[..., Site]) -> None:
    site = make_closed(api_auth="ann:secret-one")
    for header in ("Basic", "Basic !!!", "Bearer abc", "Basic " + base64.b64encode(b"\xff\xfe").decode()):
        assert site.client.get(WORKER, headers={"authorization": header}).status_code == 401, header


def test_a_person_is_sent_to_the_login_page_and_back(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one")
    sent = site.client.get("/docs", headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/docs")
    assert 'name="password"' in site.client.get(sent.headers["location"]).text
    wrong = site.client.post("/login", data={"username": "ann", "password": "guess", "next": "/docs"})
    assert wrong.status_code == 401 and "Wrong name or password" in wrong.text and "guess" not in wrong.text
    right = site.client.post("/login", data={"username": "ann", "password": "secret-one", "next": "/docs"})
    assert (right.status_code, right.headers["location"]) == (303, "/docs")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert site.client.get(PING).status_code == 200
    assert site.client.get(WORKER).status_code == 200


def test_a_session_is_no_password_for_the_api(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one", api_auth="bob:secret-two")
    log_in(site.client)
    assert site.client.get(WORKER).status_code == 200
    assert site.client.get("/sdapi/v1/options").status_code == 401
    assert site.client.get("/sdapi/v1/options", headers=basic("ann", "secret-one")).status_code == 401
    assert site.client.get("/sdapi/v1/options", headers=basic("bob", "secret-two")).status_code == 404
    assert site.client.get("/internal/pending-tasks").status_code == site.client.post("/internal/progress").status_code == 401


def test_a_session_opens_an_api_that_has_the_same_password(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one")
    log_in(site.client)
    assert site.client.get("/sdapi/v1/options").status_code == 404
    site.client.post("/logout")
    assert site.client.get("/sdapi/v1/options").status_code == 401


def test_the_pages_about_the_api_are_open_to_its_own_users_too(make_closed: Callable[..., Site]) -> None:
    client = make_closed(gradio_auth="ann:secret-one", api_auth="bob:secret-two").client
    for path in ("/docs", "/openapi.json"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=basic("bob", "secret-two")).status_code == 200
        assert client.get(path, headers=basic("ann", "secret-one")).status_code == 200
    assert client.get(PING, headers=basic("bob", "secret-two")).status_code == 401


def test_logging_out_ends_the_session(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one")
    log_in(site.client)
    other = site.other_client()
    other.cookies.update(site.client.cookies)
    assert other.get(PING).status_code == 200
    site.client.post("/logout")
    assert other.get(PING).status_code == 401


def test_an_open_page_may_use_its_own_routes_beside_a_closed_api(make_closed: Callable[..., Site]) -> None:
    site = make_closed(api_auth="bob:secret-two", nowebui=False)
    assert site.client.get(WORKER).status_code == 401
    site.client.get("/")
    assert site.client.get(WORKER).status_code == 200
    assert site.client.get("/sdapi/v1/options").status_code == 401


def test_without_a_page_nobody_gets_in_by_opening_it(make_closed: Callable[..., Site]) -> None:
    site = make_closed(api_auth="bob:secret-two")
    site.client.get("/")
    assert not site.client.cookies
    assert site.client.get(WORKER).status_code == 401


def test_a_login_leads_nowhere_else(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one")
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = site.client.post("/login", data={"username": "ann", "password": "secret-one", "next": target})
        assert answer.headers["location"] == "/", target


def test_users_do_not_see_each_others_jobs(make_closed: Callable[..., Site]) -> None:
    site = make_closed(gradio_auth="ann:secret-one,bob:secret-two")
    ann, bob = site.other_client(**basic("ann", "secret-one")), site.other_client(**basic("bob", "secret-two"))
    job = ann.post("/paintbox/v1/jobs", json={"request": {}}).json()["id"]
    site.executor.finish()
    site.host.jobs.wait(job, timeout=10)
    assert [each["id"] for each in ann.get("/paintbox/v1/jobs").json()] == [job]
    assert bob.get("/paintbox/v1/jobs").json() == []
    for path in ("", "/events", "/images/0"):
        assert bob.get(f"/paintbox/v1/jobs/{job}{path}").status_code == 404
    assert bob.delete(f"/paintbox/v1/jobs/{job}").status_code == 404
    assert ann.get(f"/paintbox/v1/jobs/{job}/images/0").status_code == 200


def test_an_extension_that_fails_opens_no_door(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    hook = "@hookimpl\ndef requires_login(realm, host):\n    raise RuntimeError('no')\n"
    write_extension("broken_lock", f"from app.api import hookimpl\n{hook}")
    site = make_site("broken_lock", nowebui=True)
    assert site.client.get(WORKER).status_code == 500
