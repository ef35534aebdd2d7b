"""A secret among the settings is not sent to A1111's clients, and their sending everything back leaves it alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.testing import HostMaker
from extensions.a1111_api.options import change_options, read_options

SECRET = """
from pydantic import BaseModel, Field
from app.api import SettingsSection, hookimpl

class Mine(BaseModel):
    my_token: str = Field("", json_schema_extra={"secret": True})

@hookimpl
def register_settings(host):
    return [SettingsSection("mine", "Mine", Mine)]
"""


def test_a_secret_is_neither_sent_nor_lost(make_host: HostMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", SECRET)
    host = make_host("a1111_api", "mine")
    with host.running():
        host.settings.set({"my_token": "abc"})
        options = read_options(host)
        assert "my_token" not in options and options["jpeg_quality"] == 80
        change_options({**options, "jpeg_quality": 70}, "", host, lambda changed: None)
        assert (host.settings.get("my_token"), host.settings.get("jpeg_quality")) == ("abc", 70)
