"""Passwords from the command line: what is understood, what is refused, and that no message shows one."""

from __future__ import annotations

import pytest

from app.api import Credentials, User
from app.testing import temporary_host
from extensions.passwords import ACCOUNTS, authenticate, requires_login
from extensions.passwords.accounts import is_right, read_accounts


def host_with(tmp_path, **flags):
    return temporary_host(tmp_path, ["passwords"], options={"flags": {name.replace("_", "-"): value for name, value in flags.items()}})


def test_several_accounts_and_colons_in_passwords(tmp_path):
    accounts = read_accounts(host_with(tmp_path, gradio_auth="ann:one, bob:t:w:o"))
    assert accounts.page == {"ann": "one", "bob": "t:w:o"}
    assert accounts.of("api") == accounts.page


def test_the_api_may_have_its_own(tmp_path):
    accounts = read_accounts(host_with(tmp_path, gradio_auth="ann:one", api_auth="bot:two"))
    assert accounts.of("api") == {"bot": "two"}
    assert accounts.of("page") == {"ann": "one"}


def test_a_user_is_let_in_by_the_right_password_for_the_right_place(tmp_path):
    host = host_with(tmp_path, gradio_auth="ann:one", api_auth="bot:two")
    host.stash[ACCOUNTS] = read_accounts(host)
    assert requires_login("page", host=host) and requires_login("api", host=host)
    assert authenticate(Credentials("ann", "one", "page"), host=host) == User("ann")
    assert authenticate(Credentials("ann", "two", "page"), host=host) is None
    assert authenticate(Credentials("ann", "one", "api"), host=host) is None


def test_only_the_api_is_closed(tmp_path):
    accounts = read_accounts(host_with(tmp_path, api_auth="bot:two"))
    assert accounts.of("page") is None
    assert accounts.of("api") == {"bot": "two"}


def test_a_file_of_accounts_adds_to_the_flag(tmp_path):
    file = tmp_path / "who.txt"
    file.write_text("ann:one\n\nbob:two, eve:three\n", encoding="utf-8")
    accounts = read_accounts(host_with(tmp_path, gradio_auth="dan:four", gradio_auth_path=str(file)))
    assert accounts.page == {"dan": "four", "ann": "one", "bob": "two", "eve": "three"}


@pytest.mark.parametrize("value", ["", "hunter2", "ann:", ":hunter2", "ann:hunter2,bob"])
def test_what_is_no_account_stops_the_start_and_is_not_shown(tmp_path, value):
    host = host_with(tmp_path, gradio_auth=value)
    with pytest.raises(Exception, match="--gradio-auth") as caught:
        read_accounts(host)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", [None, "\n \n"])
def test_a_file_without_accounts_stops_the_start(tmp_path, text):
    file = tmp_path / "who.txt"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Exception, match="who.txt"):
        read_accounts(host_with(tmp_path, gradio_auth_path=str(file)))


def test_bad_flags_put_the_extension_out_of_use(tmp_path):
    host = host_with(tmp_path, api_auth="nonsense")
    with host.running():
        assert not host.extensions.is_active("passwords")


def test_comparison():
    accounts = {"ann": "one", "bob": "zw\u00f6lf"}
    assert is_right(accounts, "ann", "one") and is_right(accounts, "bob", "zw\u00f6lf")
    assert not is_right(accounts, "ann", "two")
    assert not is_right(accounts, "eve", "")
