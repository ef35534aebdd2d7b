"""Scripts and styles of the host and of extensions: found by convention, served without a network, named in the page's head."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import PathLike
from starlette.types import Receive, Scope, Send

from app import hookspecs
from app.values.ui import Asset, PageFiles
from app.web.asset_bundle import KEPT, bundle_address, bundle_response, bundled
from app.web.asset_bundle import PREFIX as BUNDLE

if TYPE_CHECKING:
    from app.host import Host

CORE_FOLDER = Path(__file__).parent / "assets"
CORE = "core"
STATIC = "static"
PREFIX = "paintbox/assets"


def find_assets(host: Host) -> list[Asset]:
    """The top-level .js and .css files of the host and of every active extension's ``static`` folder, in load order, then further ones."""
    own = [
        Asset(owner, file.suffix[1:], str(file))
        for owner, folder in asset_folders(host)
        for file in sorted(folder.iterdir())
        if file.suffix in (".js", ".css") and file.is_file()
    ]
    return [*own, *(asset for files in further_files(host).values() for asset in _assets_of(files))]


def asset_folders(host: Host) -> Iterator[tuple[str, Path]]:
    """Owners and their folders of files for the browser; the host's comes first."""
    yield CORE, CORE_FOLDER
    for report in host.extensions:
        if report.folder is not None and host.extensions.is_active(report.id) and (report.folder / STATIC).is_dir():
            yield report.id, report.folder / STATIC


def further_files(host: Host) -> dict[str, PageFiles]:
    """What extensions give beside their folders, by name; no name of a folder is given away."""
    taken = {owner for owner, _ in asset_folders(host)}
    found: dict[str, PageFiles] = {}
    for owned in host.hooks.collect(hookspecs.register_assets, host=host):
        if owned.value.name not in taken:
            found.setdefault(owned.value.name, owned.value)
    return found


def _assets_of(files: PageFiles) -> Iterator[Asset]:
    for name in files.files:
        path = files.folder / name
        if path.suffix in (".js", ".mjs", ".css") and path.is_file():
            yield Asset(files.name, path.suffix[1:], str(path), name)


def mount_assets(app: FastAPI, host: Host) -> None:
    """Serve each folder below ``/paintbox/assets/<owner>``, and what is put together of them."""
    app.mount(f"/{PREFIX}", _Folders(host), name="assets")

    @app.get("/" + BUNDLE + ".{kind}", include_in_schema=False)
    def bundle(kind: Literal["js", "css"]) -> Response:
        return bundle_response(bundled(find_assets(host), host, kind), kind)


class _Folders:
    """ASGI application: looks up whose file is asked for at every request, because extensions come and go."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the owner's folder."""
        owner, _, name = str(scope["path"]).removeprefix(scope.get("root_path", "")).lstrip("/").partition("/")
        folder = dict(asset_folders(self._host)).get(owner)
        if folder is None:
            files = further_files(self._host).get(owner)
            folder = files.folder if files is not None and name in files.files else None
        if folder is None:
            raise HTTPException(404)
        await _Files(directory=folder)({**scope, "root_path": f"{scope.get('root_path', '')}/{owner}"}, receive, send)


class _Files(StaticFiles):
    """Files of which a browser may keep those whose address names their state (``?v=``); it asks again for others, such as modules."""

    def file_response(self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200) -> Response:
        """The file, or that it is still the same."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = KEPT if scope.get("query_string", b"").startswith(b"v=") else "no-cache"
        return answer


def head_html(host: Host, views: Iterable[str] = ()) -> str:
    """Tags for the page's head; addresses are relative, so that they work behind a subpath; a changed file gets a new address.

    Gradio inserts them by script, which runs scripts in any order: so only the first is named here, and it loads the others in order.
    ``views`` are modules that it fetches when nothing else is to do.
    """
    assets = find_assets(host)
    scripts, styles = bundled(assets, host, "js"), bundled(assets, host, "css")
    first, *others = [_address(asset) for asset in assets if asset.kind in ("js", "mjs") and asset not in scripts]
    later = [*_page_scripts(host), *([bundle_address(scripts, "js")] if scripts else []), *others]
    sheets = [bundle_address(styles, "css"), *(_address(asset) for asset in assets if asset.kind == "css" and asset not in styles)]
    tags = [f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets]
    return "\n".join([*tags, f'<script src="{first}" data-scripts="{" ".join(later)}" data-views="{escape(" ".join(views))}"></script>'])


def _page_scripts(host: Host) -> list[str]:
    """Scripts that extensions want before their own files: those that depend on the state of this moment."""
    return [escape(address.value) for address in host.hooks.collect(hookspecs.register_page_scripts, host=host)]


def _address(asset: Asset) -> str:
    path = Path(asset.path)
    return escape(f"{PREFIX}/{quote(asset.owner)}/{quote(asset.name or path.name)}?v={path.stat().st_mtime_ns:x}")
