"""The line at the bottom of the page: links and versions."""

from __future__ import annotations

import platform
from html import escape
from importlib import metadata
from typing import TYPE_CHECKING

from app.version import HOST_VERSION

if TYPE_CHECKING:
    from app.host import Host

RELOAD = '<button type="button" class="footer-link" data-reload-page>Reload UI</button>'


def footer_html(host: Host) -> str:
    """Links to the API and the versions of what matters; torch is asked for its metadata, never imported."""
    versions = {
        "python": platform.python_version(),
        "torch": _version("torch"),
        "diffusers": _version("diffusers"),
        "gradio": _version("gradio"),
    }
    active = len(host.extensions.active())
    parts = [f'<span translate="yes">version: {escape(HOST_VERSION)}</span>']
    parts += [f"<span>{escape(name)}: {escape(value)}</span>" for name, value in versions.items()]
    parts.append(f'<span translate="yes">extensions: {active}</span>')
    if host.options.safe_mode or host.options.no_extensions:
        safe = '<span translate="yes">safe mode: only what comes with Paintbox</span>'
        parts.append(safe if host.options.safe_mode else '<span translate="yes">no extensions</span>')
    return (
        f'<div class="footer-links"><a href="docs">API</a> • {RELOAD}</div><div class="versions" translate="no">{" • ".join(parts)}</div>'
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
