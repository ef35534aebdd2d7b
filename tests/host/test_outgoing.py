"""Requests to servers that users name: which are refused, and that a name means one address only."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import pytest

from app.errors import UserError
from app.outgoing import Outgoing, ask_server, check_outgoing_url

BAD = ("ftp://example.com/", "file:///etc/passwd", "http://", "http:///x", "//example.com", "http://a b/", "http://example.com:0/")
BAD += ("http://example.com:99999/", "http://x\r\ny/", "http://me:pw@example.com/", "http://[::1", "nonsense", "")


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_address_of_a_server_is_refused(url):
    with pytest.raises(UserError, match="callback.url"):
        check_outgoing_url(url, "callback.url")


INSIDE = ("http://127.0.0.1:7860/", "http://10.0.0.1/", "http://169.254.169.254/latest", "https://[::1]/", "http://[::ffff:127.0.0.1]/")
INSIDE += ("http://localhost/x", "http://LOCALHOST.:80/", "http://a.localhost/", "http://printer.local/", "http://0/", "http://127.0.0.1./")
INSIDE += ("http://0x7f.1/", "http://2130706433/", "http://017700000001/")


@pytest.mark.parametrize("url", INSIDE)
def test_addresses_inside_are_refused_at_once_unless_allowed(url):
    with pytest.raises(UserError, match="this machine or its network"):
        check_outgoing_url(url, "callback.url")
    assert check_outgoing_url(url, "callback.url", allows_private=True)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://localhost.example.com/", "http://8.8.8.8/", "http://mylocal/", "http://134744072/"]
)
def test_names_and_addresses_outside_are_not(url):
    assert check_outgoing_url(url, "callback.url")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_names_and_odd_numbers_that_mean_this_machine_are_refused_when_they_are_looked_up(host):
    with pytest.raises(UserError, match="this machine or its network"), ask_server(Outgoing("GET", f"http://{host}/"), "url"):
        pass


@contextmanager
def server(answer):
    """A server that takes one connection and does what ``answer`` says with it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            client, _ = listening.accept()
            with client:
                answer(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_redirects_are_not_followed():
    with server(lambda client: client.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n")) as url:
        with ask_server(Outgoing("GET", url, allows_private=True), "url") as answer:
            assert answer.status == 302


def test_a_name_is_looked_up_once_and_connected_to_what_was_judged(monkeypatch):
    looked_up = []

    def look_up(host, port, **more):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("app.outgoing.socket.getaddrinfo", look_up)
    with server(lambda client: client.sendall(b"HTTP/1.1 204 No\r\n\r\n")) as url:
        with ask_server(Outgoing("GET", url.replace("127.0.0.1", "example.test"), allows_private=True), "url") as answer:
            assert answer.status == 204
    assert looked_up == ["example.test"]


def test_a_server_that_drips_is_cut_off():
    release = threading.Event()

    def drip(client):
        client.sendall(b"HTTP/1.1 200 OK\r\n")
        while not release.wait(0.05):
            try:
                client.sendall(b"X-More: 1\r\n")
            except OSError:
                return

    with server(drip) as url, pytest.raises(OSError):
        with ask_server(Outgoing("GET", url, allows_private=True, limit_s=0.5), "url"):
            pass
    release.set()
