"""One script and one style sheet out of those of the host and of the extensions that come with it: two requests instead of sixty."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

from app.values.ui import Asset

if TYPE_CHECKING:
    from app.host import Host

PREFIX = "paintbox/bundle"
CORE = "core"
KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
KEPT = "private, max-age=31536000, immutable"
"""For addresses that name the state of what they give."""


def bundled(assets: Iterable[Asset], host: Host, kind: str) -> list[Asset]:
    """Those that go into the bundle of a kind, in load order; the first script stands alone, because it loads the others."""
    own = {report.id for report in host.extensions if report.is_builtin} | {CORE}
    found = [asset for asset in assets if asset.kind == kind and asset.owner in own and not asset.name]
    return found[1:] if kind == "js" else found


def bundle_address(assets: Iterable[Asset], kind: str) -> str:
    """Where the bundle is found; changed files give another address."""
    states = [f"{asset.path}:{Path(asset.path).stat().st_mtime_ns}" for asset in assets]
    return f"{PREFIX}.{kind}?v={hashlib.sha256(chr(10).join(states).encode()).hexdigest()[:12]}"


def bundle_response(assets: Iterable[Asset], kind: str) -> Response:
    """The bundle; a script that fails is reported as its own error and leaves the others alone."""
    parts = [_part(asset, kind) for asset in assets]
    return Response("\n".join(parts), media_type=KINDS[kind], headers={"Cache-Control": KEPT})


def _part(asset: Asset, kind: str) -> str:
    path = Path(asset.path)
    text = path.read_text(encoding="utf-8")
    named = f"/* {asset.owner}/{path.name} */"
    if kind == "css":
        return f"{named}\n{text}"
    return f"try {{ (() => {{\n{text}\n}})(); }} catch (error) {{ reportError(error); }} {named}"
