"""The page loads the menu; what it does is tested in Chromium."""

from __future__ import annotations

from typing import Any

from app.testing.web import running_client


def test_the_page_names_script_and_style_and_the_server_has_them(make_host: Any) -> None:
    with running_client(make_host("generate_forever")) as client:
        page = client.get("/").text
        for name in ("generate_forever.js", "generate_forever.css"):
            assert f"paintbox/assets/generate_forever/{name}" in page
            assert client.get(f"/paintbox/assets/generate_forever/{name}").status_code == 200
