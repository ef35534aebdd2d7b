"""From a plan to an extension in use, out of use, and back, through the tab's routes."""

from __future__ import annotations

import pytest

from app.testing.installing import commit_files, manifest_text, write_archive, write_files, write_wheel

ROUTES = '''"""Of a test."""
from app.api import hookimpl

@hookimpl
def register_routes(host):
    from extensions.mine.routes import router
    return [router]
'''
FILES = {
    "pyproject.toml": manifest_text("mine", permissions=["network"]),
    "__init__.py": ROUTES,
    "routes.py": "from fastapi import APIRouter\nrouter = APIRouter()\n\n@router.get('/mine')\ndef mine():\n    return {'version': 1}\n",
}


def upload(site, archive, **query):
    with archive.open("rb") as stream:
        answer = site.client.post("/paintbox/v1/extensions/archives", params={"file_name": archive.name, **query}, content=stream.read())
    return answer.json() if answer.status_code == 200 else answer


def test_an_archive_becomes_an_extension_in_use_goes_out_of_use_and_back(start, tmp_path) -> None:
    site = start()
    assert site.client.get("/mine").status_code == 404
    plan = upload(site, write_archive(tmp_path / "mine.zip", FILES, "mine-main"))
    assert (plan["name"], plan["hooks"], plan["permissions"], plan["refusals"]) == ("mine", ["register_routes"], ["network"], [])
    assert site.client.get("/mine").status_code == 404
    outcome = site.post(f"/plans/{plan['token']}/install")
    assert "In use now: mine." in outcome["message"] and outcome["reload"]
    assert site.client.get("/mine").json() == {"version": 1}
    assert "/mine" in site.client.get("/openapi.json").json()["paths"]
    assert site.extension("mine")["hooks"] == ["register_routes"]
    outcome = site.post("/apply", {"enabled": {"mine": False}})
    assert "Out of use now: mine." in outcome["message"] and outcome["restart"] == []
    assert site.client.get("/mine").status_code == 404
    assert "/mine" not in site.client.get("/openapi.json").json()["paths"]
    assert not site.extension("mine")["enabled"]
    snapshot = next(each for each in site.get("/snapshots") if each["name"] == "before disabling mine")
    assert {each["name"] for each in site.get(f"/snapshots/{snapshot['file']}")} == {"mine"}
    assert "In use now: mine." in site.post(f"/snapshots/{snapshot['file']}/restore", {"scope": "extensions"})["message"]
    assert site.client.get("/mine").json() == {"version": 1}
    assert site.client.delete("/paintbox/v1/extensions/installed/mine").status_code == 200
    assert site.client.get("/mine").status_code == 404
    assert not (site.data / "extensions" / "mine").exists()


def test_the_code_of_extensions_is_read_again_and_what_fails_is_named(start, tmp_path) -> None:
    write_files(tmp_path / "data" / "extensions" / "mine", FILES)
    site = start()
    assert site.client.get("/mine").json() == {"version": 1}
    routes = site.data / "extensions" / "mine" / "routes.py"
    routes.write_text(FILES["routes.py"].replace("1", "2"))
    assert site.client.get("/mine").json() == {"version": 1}
    outcome = site.post("/reload-code")
    assert outcome["message"] == "The code was read again. In use now: mine." and outcome["problems"] == []
    assert site.client.get("/mine").json() == {"version": 2}
    init = site.data / "extensions" / "mine" / "__init__.py"
    init.write_text("raise ValueError('not today')")
    assert "not today" in site.post("/reload-code")["problems"][0]
    init.write_text(ROUTES)
    assert site.post("/reload-code")["problems"] == [] and site.client.get("/mine").json() == {"version": 2}
    site.post("/apply", {"enabled": {"mine": False}})
    assert "No extension is in use but" in site.post("/reload-code")["message"]


def test_an_update_of_a_repository_is_in_use_at_once(start, tmp_path) -> None:
    site = start()
    repository = tmp_path / "mine"
    repository.mkdir()
    commit_files(repository, FILES)
    plan = site.post("/plans", {"url": f"file://{repository}"})
    site.post(f"/plans/{plan['token']}/install")
    assert site.post("/updates") == [{"id": "mine", "status": "latest", "reason": ""}]
    commit = commit_files(repository, {"routes.py": FILES["routes.py"].replace("1", "2")})
    assert site.post("/updates")[0]["status"] == "new commits"
    plan = site.post("/installed/mine/update")
    assert plan["changes"] == [{"path": "routes.py", "change": "changed"}]
    site.post(f"/plans/{plan['token']}/install")
    assert site.client.get("/mine").json() == {"version": 2}
    listed = site.client.get("/sdapi/v1/extensions").json()
    assert [(each["name"], each["branch"], each["commit_hash"], each["enabled"]) for each in listed] == [("mine", "main", commit, True)]
    assert listed[0]["remote"] == f"file://{repository}" and listed[0]["version"] == commit[:8] and listed[0]["commit_date"] > 0


def test_a_folder_that_lacks_packages_says_which_and_a_button_installs_them(start, tmp_path) -> None:
    dependencies = {"pyproject.toml": manifest_text("mine", dependencies=["alpha-of-a-test", "pydantic"])}
    write_files(tmp_path / "data" / "extensions" / "mine", {**FILES, **dependencies})
    write_wheel(tmp_path / "wheels", "alpha-of-a-test", "1.0")
    site = start()
    listed = site.extension("mine")
    assert (listed["state"], listed["missing_packages"]) == ("quarantined", ["alpha-of-a-test"])
    plan = site.post("/installed/mine/packages")
    assert [each["name"] for each in plan["packages"]] == ["alpha-of-a-test"]
    site.post(f"/plans/{plan['token']}/install")
    assert site.client.get("/mine").json() == {"version": 1}


def test_one_that_wants_another_version_of_what_paintbox_has_is_told_so_and_nothing_to_install(start, tmp_path) -> None:
    dependencies = {"pyproject.toml": manifest_text("mine", dependencies=["pydantic<1", "alpha-of-a-test"])}
    write_files(tmp_path / "data" / "extensions" / "mine", {**FILES, **dependencies})
    listed = start().extension("mine")
    assert (listed["state"], listed["missing_packages"]) == ("quarantined", [])
    (conflict,) = listed["conflicts"]
    assert conflict.startswith("mine wants pydantic<1; Paintbox holds pydantic 2.")
    assert listed["error"].startswith(conflict) and "installs them" not in listed["error"]


def test_one_that_breaks_when_it_is_installed_leaves_the_page_as_it_is(start, tmp_path) -> None:
    site = start()
    broken = {"pyproject.toml": manifest_text("broken"), "__init__.py": "raise RuntimeError('no luck today')"}
    plan = upload(site, write_archive(tmp_path / "broken.zip", broken))
    outcome = site.post(f"/plans/{plan['token']}/install")
    assert "no luck today" in outcome["problems"][0]
    assert "Traceback" in site.extension("broken")["problems"][0]["traceback"]
    assert site.get()["extensions"]


OPEN = (("GET", "/paintbox/v1/extensions"), ("GET", "/paintbox/v1/extensions/installed/{name}/report"))
REFUSED = (
    ("/plans", {"url": "ext::sh -c id"}, 422, "url"),
    ("/plans", {"url": "https://127.0.0.1/x"}, 422, "url"),
    ("/plans", {"url": "--upload-pack=x"}, 422, "url"),
    ("/plans", {"url": "file:///nowhere", "name": "../x"}, 422, "name"),
    ("/plans", {"url": "file:///nowhere", "branch": "-x"}, 422, "branch"),
    ("/plans/0123456789abcdef/install", {}, 404, "token"),
    ("/plans/..%2f..%2fx/install", {}, 404, ""),
    ("/installed/nothing/packages", {}, 404, "name"),
    ("/installed/styles/update", {}, 422, "name"),
    ("/apply", {"enabled": {"nothing": True}}, 404, "name"),
    ("/apply", {"enabled": {"extension_manager": False}}, 422, "enabled"),
    ("/apply", {"omitted": "some"}, 422, ""),
    ("/snapshots/..%2fconfig.json/restore", {}, 404, ""),
    ("/index", {"address": "http://example.org/index.json"}, 422, "address"),
    ("/index", {"address": "https://169.254.169.254/"}, 403, "address"),
    ("/index", {"address": "https://127.0.0.1./"}, 403, "address"),
    ("/index", {"address": "https://foo.LOCAL/"}, 403, "address"),
    ("/index", {"address": "https://[64:ff9b::7f00:1]/"}, 403, "address"),
    ("/index", {"address": "https://[2002:7f00:1::]/"}, 403, "address"),
    ("/index", {"address": "/etc/passwd"}, 422, "address"),
    ("/index", {"address": "https://["}, 422, "address"),
    ("/index", {"address": "~nobody-of-this-name/x"}, 422, "address"),
    ("/index", {"address": "a\x00b"}, 422, "address"),
    ("/plans", {"url": "https://["}, 422, "url"),
)


def test_what_cannot_be_is_refused_by_name(start) -> None:
    site = start()
    for path, body, status, field in REFUSED:
        answer = site.client.post(f"/paintbox/v1/extensions{path}", json=body)
        assert (answer.status_code, answer.json().get("field", "")) == (status, field), (path, body)


def test_an_archive_that_is_none_and_one_that_leads_out_are_refused(start, tmp_path) -> None:
    site = start()
    (tmp_path / "a.zip").write_bytes(b"no zip")
    assert upload(site, tmp_path / "a.zip").status_code == 422
    assert upload(site, write_archive(tmp_path / "b.zip", {"../evil": "x"})).json()["field"] == "archive"
    assert list(site.host.paths.quarantine.iterdir()) == []


def test_others_may_look_and_change_nothing(start, tmp_path) -> None:
    site = start(listen=True)
    far = {"host": "192.168.1.9:7860"}
    listing = site.client.get("/paintbox/v1/extensions", headers=far).json()
    assert not listing["access"]["allowed"] and "--enable-insecure-extension-access" in listing["access"]["reason"]
    paths = [
        (method, route.path)
        for route in site.client.app.routes
        for method, route in _flat(route)
        if route.path.startswith("/paintbox/v1/extensions") and (method, route.path) not in OPEN
    ]
    assert len(paths) >= 15
    for method, path in paths:
        real = path.replace("{name}", "mine").replace("{token}", "0123456789abcdef").replace("{file}", "x.json")
        answer = site.client.request(method, real, headers=far, json={})
        assert answer.status_code == 403, (method, path, answer.text)


def _flat(route):
    """Methods and routes, those of included routers too."""
    inner = getattr(route, "original_router", None)
    if inner is not None:
        return [pair for each in inner.routes for pair in _flat(each)]
    return [(method, route) for method in getattr(route, "methods", None) or () if method != "HEAD"]


@pytest.mark.parametrize(("options", "allowed"), [({"open_extensions": True}, True), ({"extension_users": ("anna",)}, False)])
def test_flags_say_who_may(start, options, allowed) -> None:
    site = start(listen=True, **options)
    answer = site.client.post("/paintbox/v1/extensions/snapshots", headers={"host": "192.168.1.9:7860"}, json={"name": "x"})
    assert (answer.status_code == 200) is allowed
