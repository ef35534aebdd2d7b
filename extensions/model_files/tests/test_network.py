"""Which addresses may be asked."""

from __future__ import annotations

import base64
import ipaddress
import select
import socket
import threading

import pytest

from app.api import UserError
from extensions.model_files.download import network_of
from extensions.model_files.network import Network, check_url, is_of_a_network
from extensions.model_files.params import ModelFileSettings

from .conftest import lora

INSIDE = "127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1"
INSIDE += " fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 192.0.2.1"


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_of_this_machine_and_its_networks_are_refused(address):
    assert is_of_a_network(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_not(address):
    assert not is_of_a_network(ipaddress.ip_address(address))


def test_flags_widen_the_rules_and_settings_do_not(make_host):
    for flags, expected in (({}, (False, True)), ({"model-download-http": True, "model-download-private": True}, (True, False))):
        host = make_host("model_files", nowebui=True, flags=flags)
        with host.rehearsing():
            network = network_of(host)
        assert (network.allows_http, network.is_refused(ipaddress.ip_address("10.0.0.1"))) == expected
        assert not any("http" in key or "private" in key for key in ModelFileSettings.model_fields)


def test_plain_http_is_refused_unless_it_is_allowed():
    assert check_url("http://example.com/a", Network(allows_http=True)).hostname == "example.com"
    with pytest.raises(UserError, match="https"):
        check_url("http://example.com/a", Network())


class Proxy:
    """Passes bytes on for whoever knows its password; ``seen`` are the first lines of what it was asked."""

    def __init__(self):
        self.seen, self._listening = [], socket.create_server(("127.0.0.1", 0))
        self.address = f"http://me:p%40ss@127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listening.close()

    def _serve(self):
        try:
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()
        except OSError:
            return

    def _pass_on(self, client):
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            asked += client.recv(1)
        self.seen.append(asked.split(b"\r\n")[0].decode())
        if base64.b64encode(b"me:p@ss") not in asked:
            client.sendall(b"HTTP/1.1 407 No\r\n\r\n")
            client.close()
            return
        host, _, port = self.seen[-1].split()[1].rpartition(":")
        with client, socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Fine\r\nX: y\r\n\r\n")
            ends = {client: server, server: client}
            while True:
                for each in select.select(list(ends), [], [])[0]:
                    data = each.recv(65536)
                    if not data:
                        return
                    ends[each].sendall(data)


@pytest.fixture
def proxy():
    proxy = Proxy()
    yield proxy
    proxy.close()


def test_downloads_go_through_the_proxy_that_is_named(models, server, net, proxy):
    net(proxy=proxy.address)
    server.files["/a.safetensors"] = lora()
    assert models.download(server.url("/a.safetensors")).state == "done"
    assert proxy.seen == [f"CONNECT {server.address.removeprefix('http://')} HTTP/1.1"]
    net(proxy=proxy.address.replace("p%40ss", "wrong"), retry_s=())
    failed = models.download(server.url("/a.safetensors"), name="b")
    assert "407" in failed.error and "wrong" not in failed.error
    net(proxy=proxy.address, is_refused=is_of_a_network)
    assert "network" in models.download(server.url("/a.safetensors"), name="c").error and len(proxy.seen) == 2
    net(proxy="socks5://127.0.0.1:1")
    assert "--model-download-proxy" in models.download(server.url("/a.safetensors"), name="d").error
