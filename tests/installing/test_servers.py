"""Where git may go: the server that was looked at and no other, whatever names and redirects say."""

from __future__ import annotations

import http.server
import socket
import subprocess
import threading
from contextlib import contextmanager
from functools import partial

import pytest

from app.errors import UserError
from app.installing.addresses import GitRules
from app.installing.git import Git
from app.installing.servers import ASKING, find_server
from app.outgoing.asking import Outgoing, ServerAnswer
from app.outgoing.watching import Deadline
from app.testing.installing import commit_files

RULES = GitRules(protocols=("http",))


class Files(http.server.SimpleHTTPRequestHandler):
    """Files of a folder; what begins with /moved lies elsewhere."""

    def log_message(self, *given):
        """Says nothing."""

    def send_head(self):
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
            return None
        return super().send_head()


@pytest.fixture
def port(tmp_path):
    """A server of one repository, /r.git, in the form that needs no program."""
    commit_files(tmp_path / "source", {"a": "hello"})
    subprocess.run(["git", "clone", "--quiet", "--bare", str(tmp_path / "source"), str(tmp_path / "r.git")], check=True)
    subprocess.run(["git", "-C", str(tmp_path / "r.git"), "update-server-info"], check=True)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def answering(url, peer="127.0.0.1"):
    """A look at a server that ends at ``url``."""

    @contextmanager
    def ask(wanted, field, way=None):
        yield ServerAnswer(url, None, (), Deadline(1), peer)

    return ask


def test_git_goes_to_the_server_that_was_looked_at(port, tmp_path) -> None:
    git = Git(RULES, ask=answering(f"http://new.test:{port}/r.git{ASKING}"))
    git.clone("http://old.test/r", "", tmp_path / "copy")  # neither name is known to anybody
    assert (tmp_path / "copy" / "a").read_text() == "hello"
    assert git.facts(tmp_path / "copy").remote == "http://old.test/r"
    with pytest.raises(UserError, match="failed"):
        Git(RULES, ask=answering(f"http://new.test:{port}/r.git{ASKING}", "127.0.0.2")).newest("http://old.test/r", "")


def test_git_follows_no_redirect_of_its_own(port, tmp_path) -> None:
    with pytest.raises(UserError, match="redirect|302"):
        Git(RULES, ask=answering(f"http://new.test:{port}/moved/r.git{ASKING}")).clone("http://old.test/r", "", tmp_path / "copy")


@pytest.mark.parametrize("address", ["https://localtest.example/a", "https://[64:ff9b::7f00:1]/a"])
def test_a_name_that_means_this_machine_is_refused(monkeypatch, address) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", lambda *asked, **more: found)
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    for do in (Git().newest, partial(Git().clone, target=None)):
        with pytest.raises(UserError, match="this machine or its network|out to the internet"):
            do(address, "")


def test_a_server_that_leads_to_something_else_is_refused() -> None:
    with pytest.raises(UserError, match="no git repository"):
        find_server("https://example.org/a", ("https",), answering("https://example.org/login"))
    assert find_server("https://example.org/a/", ("https",), answering(f"https://x.org/b{ASKING}", "2001:db8::1")).config() == {
        "url.https://x.org/b.insteadOf": "https://example.org/a/",
        "http.curloptResolve": "x.org:443:[2001:db8::1]",
    }


@pytest.mark.parametrize(
    ("error", "words"),
    [(socket.gaierror(-2, "Name or service not known"), "Name or service not known"), (TimeoutError("timed out"), "timed out")],
)
def test_a_server_that_cannot_be_reached_is_named_without_the_systems_number(error, words) -> None:
    def ask(wanted, field, way=None):
        raise error

    with pytest.raises(UserError) as raised:
        find_server("https://example.org/a", ("https",), ask)
    assert raised.value.what == f"example.org cannot be reached: {words}."


def test_what_is_asked_is_what_git_would_ask() -> None:
    asked: list[Outgoing] = []

    @contextmanager
    def ask(wanted, field, way=None):
        asked.append(wanted)
        yield ServerAnswer(wanted.url, None, (), Deadline(1), "")

    told = find_server("https://example.org/a.git", ("https",), ask).config()
    assert told == {"url.https://example.org/a.git.insteadOf": "https://example.org/a.git"}
    assert (asked[0].url, asked[0].schemes) == ("https://example.org/a.git/info/refs?service=git-upload-pack", ("https",))
