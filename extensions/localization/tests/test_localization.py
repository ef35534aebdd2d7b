"""Tables: merged in order, A1111's files as they are, served as a script that no text can end, and nothing at all without a language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api import Host, localization_names, read_localization
from app.testing import HostMaker
from app.testing.web import running_client

ADDRESS = "/paintbox/v1/localization"


@pytest.fixture
def host(make_host: HostMaker, write_extension: Callable[..., Path]) -> Host:
    folder = write_extension("mine", "")
    (folder / "localizations").mkdir()
    (folder / "localizations" / "de_DE.json").write_text('{"Generate": "Erzeugen", "Skip": "Weiter"}')
    host = make_host("localization", "mine", nowebui=True)
    users = host.paths.data / "localizations"
    users.mkdir()
    (users / "de_DE.json").write_text('\ufeff{"Skip": "Überspringen", "rtl": true, "</script>": "<b>", "empty": ""}', encoding="utf-8")
    (users / "broken.json").write_text("{")
    return host


@pytest.fixture
def client(host: Host) -> Iterator[TestClient]:
    with running_client(host) as client:
        yield client


def test_tables_of_one_name_are_merged_and_the_users_wins(client: TestClient) -> None:
    script = client.get(f"{ADDRESS}/de_DE.js", params={"v": "1"})
    assert "immutable" in script.headers["cache-control"] and "javascript" in script.headers["content-type"]
    assert "</script>" not in script.text
    first = script.text.splitlines()[0]
    table = json.loads(first.removeprefix("window.localization = ").removesuffix(";"))
    assert table == {"Generate": "Erzeugen", "Skip": "Überspringen", "</script>": "<b>", "rtl": True}


@pytest.mark.parametrize("name", ["nothing", "..%2Fconfig", "%2Fetc%2Fpasswd"])
def test_other_files_are_not_served(client: TestClient, name: str) -> None:
    assert client.get(f"{ADDRESS}/{name}.js").status_code == 404


def test_a_broken_table_is_named_and_the_others_are_used(host: Host) -> None:
    folders = [host.paths.data / "localizations"]
    table = read_localization("broken", folders)
    assert table.texts == {} and "broken.json cannot be used" in table.problems[0]
    assert localization_names(folders) == ["broken", "de_DE"]


def test_the_setting_offers_every_language(client: TestClient, host: Host) -> None:
    choices = host.settings.option("localization").control.choices
    assert choices is not None
    assert [value for _, value in choices] == ["None", "broken", "de_DE", "zh_CN"]


def test_the_page_gets_scripts_only_with_a_language(host: Host) -> None:
    from extensions.localization.chosen import script_addresses

    assert script_addresses(host) == []
    host.settings.set({"localization": "de_DE"})
    before = script_addresses(host)
    assert before[0].startswith("paintbox/v1/localization/de_DE.js?v=") and before[1].startswith("paintbox/assets/localization/")
    (host.paths.data / "localizations" / "de_DE.json").write_text('{"Skip": "Auslassen"}')
    assert script_addresses(host)[0] != before[0]
