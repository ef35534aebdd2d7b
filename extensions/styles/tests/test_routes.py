"""The list of styles, as API clients read it."""

from __future__ import annotations

from pathlib import Path

from app.testing.hosts import temporary_host
from app.testing.web import running_client


def test_styles_of_several_files_are_listed_with_dividers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,prompt,negative_prompt\nInk,in ink,colours\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,prompt,negative_prompt\nOil,oil,\n", encoding="utf-8")
    host = temporary_host(tmp_path, ["styles"], options={"nowebui": True, "flags": {"styles-file": ["*.csv"]}})
    with running_client(host) as client:
        listed = client.get("/sdapi/v1/prompt-styles").json()
    assert listed[0] == {"name": "------------------ A -------------------", "prompt": None, "negative_prompt": None}
    assert [(style["name"], style["prompt"], style["negative_prompt"]) for style in listed[1::2]] == [
        ("Ink", "in ink", "colours"),
        ("Oil", "oil", ""),
    ]
