"""``docs``: writes the pages of docs/ that are made from the program: hooks, their values, settings, command line."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.cli.docs_contracts import contracts_page, described_values
from app.cli.docs_flags import flags_page
from app.cli.docs_hooks import hooks_page, named_values, values_of_extensions
from app.cli.docs_settings import settings_page
from app.host import build_host
from app.paths import CHECKOUT
from app.values.options import StartOptions

USAGE = """docs            write the pages of docs/ that are made from the program: hooks, settings, command line
docs --check    name those that are not current; exit code 1 when there are some
"""


def write_docs(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Write the pages; with ``--check`` only say, by the exit code, whether they are current."""
    if {"--help", "-h"} & set(arguments):
        sys.stdout.write(USAGE)
        return 0
    check = list(arguments) == ["--check"]
    stale = {path: text for path, text in make_pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        sys.stdout.write(f"{path.relative_to(CHECKOUT)} {'is not current' if check else 'written'}\n")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


def make_pages() -> dict[Path, str]:
    """Path and text of every page, made from a host with the built-in extensions alone."""
    with tempfile.TemporaryDirectory() as data:
        options = StartOptions(data_dir=data, safe_mode=True)
        host = build_host(options, "web", environment={}, with_packages=False)
        docs, named, further = CHECKOUT / "docs", named_values(host), values_of_extensions(host)
        return {
            docs / "hooks.md": hooks_page(host, described_values(named, further)),
            docs / "contracts.md": contracts_page(named, further),
            docs / "settings.md": settings_page(host),
            docs / "command-line.md": flags_page(host),
        }
