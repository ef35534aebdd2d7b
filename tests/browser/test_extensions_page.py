"""The Extensions tab in Chromium: an archive becomes a tab, goes and comes back; scripts for A1111 run when they are allowed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from app.api import ExtensionStore
from app.testing.executors import ExecutorPlugin
from app.testing.hosts import forgetting_extensions, limited_host
from app.testing.installing import commit_files, folder_git, manifest_text, write_archive
from app.values.options import StartOptions
from extensions.extension_manager.manager import MANAGER, Manager
from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import ORIGIN, Site
from tests.web.staged import StagedExecutor

pytestmark = pytest.mark.browser
TAB = '''"""Of a test."""
from app.api import Tab, hookimpl

@hookimpl
def register_tabs(host):
    def build(page):
        import gradio as gr
        gr.Markdown("Drawn by an extension")
    return (Tab(id="my_tab", title="My tab", order=500, build=build),)
'''
FILES = {"pyproject.toml": manifest_text("my_tab", permissions=["network"]), "__init__.py": TAB, "run.py": "import subprocess\n"}
SCRIPT = """
onUiLoaded(() => {
  const note = document.createElement("b");
  note.id = "of_a_script";
  note.textContent = `loaded ${typeof opts.samples_format} ${randomId().startsWith("task(")}`;
  gradioApp().querySelector("#footer").append(note);
});
onUiTabChange(() => document.body.setAttribute("data-tab", get_uiCurrentTab().textContent.trim()));
"""


@pytest.fixture
def page_of_extensions(tmp_path: Path, port: int) -> Iterator[StagedPage]:
    """A served site that may load an extension that comes while it runs, with one for A1111 in its folder."""
    from app.web.server import create_app

    data = tmp_path / "data"
    foreign = data / "extensions" / "foreign"
    commit_files(foreign, {"javascript/a.js": SCRIPT, "scripts/x.py": "raise SystemExit"})
    subprocess.run(["git", "remote", "add", "origin", "https://example.org/foreign"], cwd=foreign, check=True)
    executor = StagedExecutor(tmp_path / "outputs")
    with forgetting_extensions():
        names = (*FEATURES, "extension_manager", "a1111_api", "foreign", "my_tab", "left", "right")
        host = limited_host(data, names, StartOptions(settings={"executor": "staged"}))
        host.hooks.register("staged", ExecutorPlugin(executor))
        with host.running():
            client = TestClient(create_app(host), base_url=ORIGIN)
            with served(Site(host, client, executor), port) as page:
                yield page


def open_extensions(page: Page) -> None:
    page.get_by_role("tab", name="Extensions", exact=True).click()
    expect(page.locator("#extensions")).to_be_visible()


def test_an_archive_is_planned_installed_disabled_and_restored(page_of_extensions: StagedPage, visitor: Visitor, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "my_tab.zip", FILES, "my_tab-main")
    page = visitor(page_of_extensions.url).open()
    own_tab = page.get_by_role("tab", name="My tab", exact=True)
    message = page.locator("#extensions_message")
    open_extensions(page)
    message.evaluate("(place) => { place.textContent = 'It went wrong.'; place.classList.add('is-problem'); }")
    page.click("#extensions_install_from_url_tab")
    expect(message).to_be_empty()
    page.set_input_files("#extension_install_archive", archive)
    page.click("#install_extension_archive")
    plan = page.locator("#extension_plan")
    expect(plan).to_contain_text("runs other programs")
    expect(plan).to_contain_text("register_tabs")
    page.click("#extension_plan_cancel")
    expect(plan).to_be_hidden()
    assert not (page_of_extensions.site.host.paths.extensions / "my_tab").exists()
    page.click("#install_extension_archive")
    page.click("#extension_plan_agree")
    expect(message).to_contain_text("In use now: my_tab.")
    page.get_by_role("button", name="Reload UI").first.click()
    expect(own_tab).to_be_visible()
    open_extensions(page)
    disabled = page.locator("#extensions_disabled_list textarea")
    expect(disabled).to_have_value("[]")
    page.uncheck("#enable_my_tab")
    expect(disabled).to_have_value('["my_tab"]')
    expect(page.locator("#extensions_update_list textarea")).to_have_value("[]")
    page.click("#extensions_apply")
    expect(own_tab).to_have_count(0)
    open_extensions(page)
    page.click("#extensions_backup_restore_tab")
    saved = page.locator("#extension_backup_saved_configs")
    expect(saved).to_contain_text("before disabling my_tab")
    saved.select_option(index=1)
    expect(page.locator("#extension_backup_table")).to_contain_text("my_tab")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#extension_backup_restore")
    expect(message).to_contain_text("my_tab: enabled.")
    page.get_by_role("button", name="Reload UI").first.click()
    expect(own_tab).to_be_visible()


def test_a_script_for_a1111_runs_when_it_is_allowed(page_of_extensions: StagedPage, visitor: Visitor) -> None:
    page = visitor(page_of_extensions.url).open()
    open_extensions(page)
    page.get_by_role("button", name="foreign", exact=True).click()
    expect(page.locator("#extensions")).to_contain_text("Its Python code is not run here.")
    expect(page.locator('[data-below="foreign"]')).to_contain_text("javascript/a.js")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    page.click("#allow_foreign")
    expect(page.locator("#extensions_message")).to_contain_text("from Reload UI on")
    page.get_by_role("button", name="Reload UI").first.click()
    expect(page.locator("#of_a_script")).to_have_text("loaded string true")
    open_extensions(page)
    expect(page.locator("body")).to_have_attribute("data-tab", "Extensions")


def test_ticked_updates_are_carried_out_after_a_look_at_each_and_the_others_are_not(
    page_of_extensions: StagedPage, visitor: Visitor, tmp_path: Path
) -> None:
    host = page_of_extensions.site.host
    manager = host.stash[MANAGER] = Manager(host, ExtensionStore(host.paths, folder_git()))
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        files = {"pyproject.toml": manifest_text(name), "__init__.py": '"""Of a test."""\n'}
        commit_files(tmp_path / name, files)
        manager.install(manager.store.plan_address(f"file://{tmp_path / name}").token)
        commit_files(tmp_path / name, {"news.txt": "new"})
    page = visitor(page_of_extensions.url).open()
    open_extensions(page)
    page.click("#extensions_check")
    ticked = page.locator("#extensions_update_list textarea")
    expect(ticked).to_have_value('["left","right"]')
    page.uncheck("#update_left")
    expect(ticked).to_have_value('["right"]')
    expect(page.locator("#extensions_apply")).to_have_text("Apply and restart UI (1)")
    page.click("#extensions_apply")
    expect(page.locator("#extension_plan")).to_contain_text("new: news.txt")
    page.click("#extension_plan_agree")
    page.wait_for_function("!document.querySelector('#extensions_check')")  # the page is built anew
    open_extensions(page)
    assert [(host.paths.extensions / name / "news.txt").is_file() for name in ("left", "right")] == [False, True]
    page.click("#extensions_check")
    expect(ticked).to_have_value('["left"]')


def test_the_index_is_read_and_searched(page_of_extensions: StagedPage, visitor: Visitor) -> None:
    entries = [
        {"name": name, "url": f"https://example.invalid/{name}.git", "description": f"Draws {name}", "tags": tags, "added": "2026-01-02"}
        for name, tags in (("clouds", ["script"]), ("rain <b>", ["tab"]))
    ]
    index = page_of_extensions.site.host.paths.data / "index.json"
    index.write_text(json.dumps({"tags": {"script": "Scripts", "tab": "Tabs"}, "extensions": entries}), encoding="utf-8")
    page = visitor(page_of_extensions.url).open()
    open_extensions(page)
    page.click("#extensions_available_tab")
    table = page.locator("#available_extensions tbody tr")
    page.fill("#available_extensions_index", str(index))
    page.click("#refresh_available_extensions_button")
    expect(table).to_have_count(2)
    expect(page.locator("#available_extensions")).to_contain_text("Draws rain <b>")
    page.fill("#available_extensions_search", "cloud")
    expect(table).to_have_count(1)
    expect(table).to_contain_text("Draws clouds")
    expect(table.get_by_role("button", name="Install")).to_be_enabled()


def test_boxes_can_be_ticked_after_an_update_was_not_agreed_to(page_of_extensions: StagedPage, visitor: Visitor) -> None:
    page = visitor(page_of_extensions.url).open()
    new = {"id": "foreign", "status": "new commits", "reason": ""}
    lists = ("changes", "files", "hooks", "packages", "permissions", "refusals", "remarks", "requires", "undeclared")
    texts = {
        "kind": "update",
        "name": "foreign",
        "title": "foreign",
        "token": "t",
        "version": "2",
        **dict.fromkeys(("branch", "commit"), ""),
    }
    changes = [{"path": f"javascript/{name}.js", "change": "changed"} for name in "ab"]
    plan = {**dict.fromkeys(lists, []), **texts, "changes": changes, "is_foreign": True, "source": "", "file_count": 0}
    page.route("**/paintbox/v1/extensions/updates", lambda route: route.fulfill(json=[new]))
    page.route("**/paintbox/v1/extensions/installed/foreign/update", lambda route: route.fulfill(json=plan))
    page.route("**/paintbox/v1/extensions/plans/t", lambda route: route.fulfill(json={}))
    open_extensions(page)
    updates = page.locator("#extensions_update_list textarea")
    page.click("#extensions_check")
    expect(updates).to_have_value('["foreign"]')
    page.get_by_role("button", name="foreign", exact=True).click()
    page.click("#update_now_foreign")
    expect(page.locator(".ext-files li")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#extension_plan")).to_be_hidden()
    page.uncheck("#enable_foreign")
    expect(page.locator("#extensions_disabled_list textarea")).to_have_value('["foreign"]')
    expect(page.locator("#extensions_apply")).to_have_text("Apply and restart UI (2)")
    expect(updates).to_have_value('["foreign"]')
