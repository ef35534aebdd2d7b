"""Requests to servers that users name: which are refused, and that a name means one address only."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPException

import pytest

from app.errors import UserError
from app.outgoing.addresses import check_outgoing_url
from app.outgoing.asking import Outgoing, Way, ask_server, ask_watched, check_name, environment_proxy
from app.outgoing.watching import Deadline

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

    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", look_up)
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


BY_NAME = "127.0.0.1 10.0.0.1 ::127.0.0.1 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::808:808 2002:7f00:1:: 192.88.99.1 fec0::1 100::1 2001:0:1::1"


@pytest.mark.parametrize("address", BY_NAME.split())
def test_a_name_with_any_address_inside_is_refused(monkeypatch, address):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("8.8.8.8", address)]
    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", lambda *asked, **more: found)
    with pytest.raises(UserError, match="this machine or its network"), ask_server(Outgoing("GET", "http://example.org/"), "url"):
        pass


@pytest.mark.parametrize("place", ["http://127.0.0.1./", "http://[::ffff:10.0.0.1]/", "http://printer.LAN/", "http://2130706433/"])
def test_a_redirect_is_judged_as_the_first_address_is(place):
    way = Way(is_refused=lambda ip: str(ip) != "127.0.0.1" or "here" not in asked)
    asked = ["here"]

    def lead(client):
        client.recv(1000)
        asked.clear()
        client.sendall(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\n\r\n".encode())

    wanted = Outgoing("GET", "", redirects=3)
    with server(lead) as url, Deadline(5) as watch, pytest.raises(UserError, match="this machine or its network"):
        with ask_watched(replace(wanted, url=url), "url", way, watch):
            pass


def test_a_redirect_to_another_scheme_is_refused():
    with server(lambda client: client.sendall(b"HTTP/1.1 302 Found\r\nLocation: ftp://example.org/\r\n\r\n")) as url:
        with pytest.raises(UserError, match="without"), ask_server(Outgoing("GET", url, allows_private=True, redirects=2), "url"):
            pass


def test_secrets_stay_with_the_first_server():
    seen = []

    def take(client):
        seen.append(client.recv(4000))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with server(take) as second:

        def lead(client):
            seen.append(client.recv(4000))
            client.sendall(f"HTTP/1.1 302 Found\r\nLocation: {second}\r\n\r\n".encode())

        with server(lead) as url:
            wanted = Outgoing("GET", url, allows_private=True, redirects=1, secret_headers={"Authorization": "Bearer x"})
            with ask_server(wanted, "url") as answer:
                assert answer.read(10, "url") == b"ok"
    assert [b"Bearer x" in each for each in seen] == [True, False]


@pytest.mark.parametrize("body", [b"Content-Length: 9\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"])
def test_a_body_that_breaks_off_is_no_answer(body):
    with server(lambda client: client.sendall(b"HTTP/1.1 200 OK\r\n" + body)) as url:
        with ask_server(Outgoing("GET", url, allows_private=True), "url") as answer, pytest.raises((HTTPException, OSError)):
            answer.read(100, "url")


def test_a_body_that_is_too_large_or_drips_is_not_read_to_its_end():
    release = threading.Event()

    def drip(client):
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not release.wait(0.05):
            try:
                client.sendall(b"x")
            except OSError:
                return

    with server(lambda client: client.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20)) as url:
        with ask_server(Outgoing("GET", url, allows_private=True), "url") as answer, pytest.raises(UserError, match="larger"):
            answer.read(10, "url")
    with server(drip) as url, pytest.raises(TimeoutError):
        with ask_server(Outgoing("GET", url, allows_private=True, limit_s=0.5), "url") as answer:
            answer.read(1000, "url")
    release.set()


def test_the_environment_names_a_proxy(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "example.org")
    assert environment_proxy("https://example.com/").address == "http://proxy:3128"
    assert environment_proxy("https://example.org/") is environment_proxy("https://[") is None


def test_a_name_that_is_slow_to_find_is_not_waited_for(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr("app.outgoing.connecting.socket.getaddrinfo", lambda *asked, **more: release.wait(30) and [])
    check_name("slow.example", "callback.url", 0.2)
    release.set()
