"""The page finds the menu; what it does is tested in Chromium."""

from __future__ import annotations

from typing import Any

from app.testing.web import running_client


def test_script_and_style_are_served(make_host: Any) -> None:
    with running_client(make_host("generate_forever")) as client:
        for name in ("generate_forever.js", "generate_forever.css"):
            assert client.get(f"/paintbox/assets/generate_forever/{name}").status_code == 200
