"""Which addresses may be asked."""

from __future__ import annotations

import ipaddress

import pytest

from app.api import UserError
from extensions.model_files.download import network_of
from extensions.model_files.network import Network, check_url, is_of_a_network
from extensions.model_files.params import ModelFileSettings

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
