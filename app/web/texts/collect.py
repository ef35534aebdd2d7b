"""Collects every text of Paintbox and of its extensions that a table of translations should have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.values.control import control_of
from app.values.params import Params, field_extra
from app.web.assets import CORE, asset_folders
from app.web.texts.markup import markup_texts
from app.web.texts.python import python_texts
from app.web.texts.scripts import script_texts

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from app.host import Host

LABELS = ("label", "info", "placeholder")
CHOOSING = ("radio", "checkboxgroup")
LETTERS = re.compile(r"[A-Za-z]{2}")


def collect_texts(host: Host, *, errors: bool = True) -> dict[str, str]:
    """Text -> where it was first found, in a steady order; without ``errors`` no sentences of Python code (errors, notes).

    Draws the page, so it takes a second or two and needs gradio.
    """
    found: dict[str, str] = {}
    sources = (
        ("settings", _of_settings(host)),
        ("parameters", _of_params(host)),
        ("extensions", _of_manifests(host)),
        ("page", _of_page(host)),
    )
    for where, texts in (*sources, *_of_code(host, errors)):
        for text in texts:
            found.setdefault(text.strip(), where)
    return {text: where for text, where in found.items() if is_translatable(text)}


def _of_code(host: Host, errors: bool) -> Iterator[tuple[str, list[str]]]:
    """Places and their texts: those of scripts, and with ``errors`` those of Python code; tests and terminals speak to nobody here."""
    for owner, folder in _code_folders(host):
        for file in sorted(folder.rglob("*.js")) + (sorted(folder.rglob("*.py")) if errors else []):
            parts = file.relative_to(folder).parts
            if "tests" in parts or "testing" in parts or (owner == CORE and parts[0] == "cli"):
                continue
            source = file.read_text(encoding="utf-8")
            texts = script_texts(source) if file.suffix == ".js" else python_texts(source)
            yield f"{owner}/{'/'.join(parts)}", texts


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
            yield from _of_field(option.key, option.field)


def _of_params(host: Host) -> Iterator[str]:
    for feature in host.params:
        params: type[Params] = feature
        for field in params.model_fields.values():
            if field.title:
                yield from _of_field(field.title, field)


def _of_field(title: str, field: FieldInfo) -> Iterator[str]:
    """Label, help, unit, and the choices that are part of the declaration: those are words, others are names."""
    yield field.title or title
    yield field.description or ""
    yield str(field_extra(field).get("unit") or "")
    yield from (str(label) for label, _ in control_of(field, None).choices or ())


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
