"""Which addresses may be asked."""

from __future__ import annotations

import ipaddress

import pytest

from app.api import UserError
from extensions.model_files.network import Network, check_url, is_of_a_network

INSIDE = "127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1"
INSIDE += " fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 192.0.2.1"


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_of_this_machine_and_its_networks_are_refused(address):
    assert is_of_a_network(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_not(address):
    assert not is_of_a_network(ipaddress.ip_address(address))


def test_plain_http_is_refused_unless_it_is_allowed():
    assert check_url("http://example.com/a", Network(allows_http=True)).hostname == "example.com"
    with pytest.raises(UserError, match="https"):
        check_url("http://example.com/a", Network())
