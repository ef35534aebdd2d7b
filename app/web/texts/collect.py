"""Collects every text of Paintbox and of its extensions that a table of translations should have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app import hookspecs
from app.values.declared_texts import field_texts, params_texts
from app.values.networks import SENTENCES
from app.web.assets import CORE, asset_folders
from app.web.texts.markup import markup_texts
from app.web.texts.python import python_texts
from app.web.texts.scripts import script_texts

if TYPE_CHECKING:
    from app.host import Host

LABELS = ("label", "info", "placeholder")
CHOOSING = ("radio", "checkboxgroup")
ENGLISH = frozenset({"docs_page.py", "login.py"})
"""Pages without the script that translates: the reference of the API, and what is shown before anybody has logged in."""
GRADIOS = (
    "number input for {}",
    "range slider for {}",
    "or",
    "More tabs",
    "Empty value",
    "Info",
    "Warning",
    "Error",
    "Success",
    "Thumbnail {} of {}",
)
"""What gradio writes of its own."""
LETTERS = re.compile(r"[A-Za-z]{2}")
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def collect_texts(host: Host, *, errors: bool = True) -> dict[str, str]:
    """Text -> where it was first found, in a steady order; without ``errors`` no sentences of Python code (errors, notes).

    Draws the page, so it takes a second or two and needs gradio.
    """
    found: dict[str, str] = {}
    sources = (
        ("settings", _of_settings(host)),
        ("parameters", _of_params(host)),
        ("script fields", _of_scripts(host)),
        ("titles", _of_titles(host)),
        ("handed in", _of_extensions(host)),
        ("extensions", _of_manifests(host)),
        ("gradio", GRADIOS),
        ("networks", SENTENCES),
        ("page", _of_page(host)),
    )
    for where, texts in (*sources, *_of_code(host, errors)):
        for text in texts:
            found.setdefault(text.strip(), where)
    return {text: where for text, where in found.items() if is_translatable(text)}


def _of_code(host: Host, errors: bool) -> Iterator[tuple[str, list[str]]]:
    """Places and their texts: of scripts and pages, and with ``errors`` of Python code; tests and terminals speak to nobody here."""
    for owner, folder in _code_folders(host):
        for file in sorted(path for path in folder.rglob("*") if path.suffix in READERS and (errors or path.suffix != ".py")):
            parts = file.relative_to(folder).parts
            if "tests" in parts or "testing" in parts or (owner == CORE and (parts[0] == "cli" or parts[-1] in ENGLISH)):
                continue
            yield f"{owner}/{'/'.join(parts)}", READERS[file.suffix](file.read_text(encoding="utf-8"))


def _page_texts(source: str) -> list[str]:
    """Those of a page that is a file of its own, and of the scripts in it."""
    return [*markup_texts(source), *(text for script in SCRIPT.findall(source) for text in script_texts(script))]


READERS: Mapping[str, Callable[[str], list[str]]] = MappingProxyType({".js": script_texts, ".py": python_texts, ".html": _page_texts})
"""By the suffix of a file of code."""


def is_translatable(text: str) -> bool:
    """Whether there are words in it: numbers and signs are the same in every language."""
    return bool(LETTERS.search(text.replace("{}", "")))


def _code_folders(host: Host) -> Iterator[tuple[str, Path]]:
    """The folders in which extensions' code and the host's own lie."""
    yield CORE, next(folder for owner, folder in asset_folders(host) if owner == CORE).parent.parent
    for report in host.extensions:
        if report.folder is not None and host.extensions.is_active(report.id):
            yield report.id, report.folder


def _of_settings(host: Host) -> Iterator[str]:
    for option in host.settings.options.values():
        if not option.extra.get("hidden"):
            yield from (option.section.category, option.section.title)
            yield from field_texts(option.key, option.field)
            yield from (label for label, value in option.control.choices or () if _is_said(label, value))


def _is_said(label: str, value: object) -> bool:
    """Whether the label of a choice is words for it, and not its name with something more."""
    return label.isascii() and str(value) not in label.split(": ") and str(value) != label


def _of_params(host: Host) -> Iterator[str]:
    for params in host.params:
        yield from params_texts(params, unnamed=False)


def _of_scripts(host: Host) -> Iterator[str]:
    for script in host.scripts:
        yield script.title
        yield from params_texts(script.params)


def _of_titles(host: Host) -> Iterator[str]:
    """What else has a title that the page shows."""
    yield from (kind.title for kind in host.job_kinds)
    yield from (way.title for way in host.attention)
    yield from (folder.title for folder in host.model_folders)
    yield from (network.title for network in host.network_types)


def _of_extensions(host: Host) -> Iterator[str]:
    """What extensions hand in."""
    yield from (owned.value for owned in host.hooks.collect(hookspecs.register_texts, host=host))


def _of_manifests(host: Host) -> Iterator[str]:
    for report in host.extensions:
        yield from (report.title, report.description)


def _of_page(host: Host) -> Iterator[str]:
    from app.web.page import build_page

    blocks = build_page(host)
    try:
        for component in blocks.get_config_file()["components"]:
            yield from _of_component(component["type"], component["props"])
    finally:
        blocks.close(verbose=False)


def _of_component(kind: str, props: dict[str, Any]) -> Iterable[str]:
    value = props.get("value")
    if kind in ("html", "markdown"):
        return markup_texts(value) if isinstance(value, str) else ()
    if props.get("visible") in (False, "hidden"):
        return ()
    texts = [props.get(name) for name in LABELS]
    texts += [value] if kind == "button" else []
    texts += [label for label, _ in props.get("choices") or ()] if kind in CHOOSING else []
    return [text for text in texts if isinstance(text, str)]
