"""The examples of docs/api.md, run in their order against a server with a tiny model."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

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
            assert words[0] == "curl"
            done = subprocess.run([*words, "--fail-with-body"], cwd=folder, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, (line, done.stdout, done.stderr)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples call curl")
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
