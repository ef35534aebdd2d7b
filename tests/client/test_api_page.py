"""The examples of docs/api.md, run in their order against a server with a tiny model."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from pathlib import Path

import httpx
import pytest

from app.__main__ import main
from app.paths import CALLED_FROM, CHECKOUT
from app.testing.hosts import temporary_host
from app.testing.web import served, with_tiny_worker

PAGE = CHECKOUT / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:7860"
SHELL_COMMAND = ["python3", "webui.py", "generate"]
EXTENSIONS = ("a1111_api", "openai_api", "samplers", "noise_schedules", "img2img", "upscalers")


def examples() -> list[tuple[str, str]]:
    return re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run_shell(text: str, folder: Path, address: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line)
        if words[:3] == SHELL_COMMAND:
            assert main([*words[2:], "--server", address], {CALLED_FROM: str(folder)}) == 0
        else:
            run_curl(words, folder)


def run_curl(words: list[str], folder: Path) -> None:
    """What curl would do, which is not on every machine; other options than these fail."""
    parser = argparse.ArgumentParser("curl", exit_on_error=False)
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-F", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("-o")
    given = parser.parse_args(words[1:])
    assert words[0] == "curl"
    fields = dict(field.split("=", 1) for field in given.F)
    files = {name: (value[1:], (folder / value[1:]).read_bytes()) for name, value in fields.items() if value.startswith("@")}
    answer = httpx.request(
        "POST" if given.d or fields else "GET",
        given.url,
        headers=dict(header.split(": ", 1) for header in given.H),
        content=given.d,
        data={name: value for name, value in fields.items() if name not in files},
        files=files,
        timeout=120,
    )
    assert answer.is_success, (words, answer.text)
    if given.o:
        (folder / given.o).write_bytes(answer.content)


def test_the_examples_of_the_page_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    data.mkdir()
    host = temporary_host(data, EXTENSIONS, options={"nowebui": True})
    with_tiny_worker(host, "first.safetensors")
    monkeypatch.chdir(tmp_path)
    with served(host) as address:
        for kind, text in examples():
            text = text.replace(ADDRESS, address)
            if kind == "sh":
                run_shell(text, tmp_path, address)
            else:
                exec(compile(text, str(PAGE), "exec"), {})
    made = {file.name for file in tmp_path.iterdir()}
    assert {"boat.png", "night.png", "lake.png", "night-1.png", "night-2.png", "pictures"} <= made
    assert json.loads((tmp_path / "job.json").read_text())["priority"] == 1
    assert json.loads((tmp_path / "edit.json").read_text())["data"][0]["url"].startswith(address)
