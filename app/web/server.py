"""Puts the web application together: routes of the host and of extensions, files, the page, and the guard around them."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import hookspecs
from app.contracts import LOG_CALLS, Problem
from app.version import HOST_VERSION
from app.web.assets import head_html, mount_assets
from app.web.docs_page import add_docs_page
from app.web.draft_values import DraftForms
from app.web.drafts_routes import drafts_router
from app.web.extension_routes import ExtensionRoutes
from app.web.guard import Guard
from app.web.inputs_routes import inputs_router
from app.web.jobs_routes import jobs_router
from app.web.limits import BodyLimit
from app.web.login import login_router
from app.web.methods import OtherMethods
from app.web.models_routes import models_router
from app.web.page_server import BuiltPage, PageServer, page_root
from app.web.page_settings import page_settings_router
from app.web.problems import SHAPE, add_problem_handlers
from app.web.reload_routes import reload_router
from app.web.sessions import Sessions

if TYPE_CHECKING:
    from app.host import Host

logger = logging.getLogger(__name__)
LOGGED_PREFIXES = ("/sdapi/", "/v1/")
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif")
COMPRESSED_FROM_BYTES = 1000
COMPRESSION = 5
"""Most of what gzip can save, at a third of the time of its highest level; pictures and event streams are left as they are."""
VIEW = re.compile(r'data-view="([\w./-]+)"')
CODE_FONTS = ("ui-monospace", "Consolas", "Menlo", "DejaVu Sans Mono", "monospace")


def create_app(host: Host) -> FastAPI:
    """The application of one host; nothing in it imports torch, and nothing it serves loads anything from elsewhere."""
    app = FastAPI(title="Paintbox", version=HOST_VERSION, docs_url=None, redoc_url=None)
    sessions = Sessions(host.options.port)
    setattr(app.state, SHAPE, partial(_shaped, host))
    add_problem_handlers(app)
    app.include_router(login_router(host, sessions))
    forms = DraftForms()
    app.include_router(jobs_router(host))
    app.include_router(drafts_router(host, forms))
    app.include_router(inputs_router(host))
    app.include_router(page_settings_router(host))
    app.include_router(models_router(host))
    _add_internal_routes(app)
    add_docs_page(app)
    mount_assets(app, host)
    routes = ExtensionRoutes(app, host)
    if not host.options.nowebui:
        _mount_page(app, host, forms)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES, compresslevel=COMPRESSION)
    app.add_middleware(Guard, host=host, sessions=sessions, is_of_extension=routes.has)
    app.add_middleware(Timed, host=host)
    if host.options.cors_allow_origins or host.options.cors_allow_origins_regex:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(host.options.cors_allow_origins),
            allow_origin_regex=host.options.cors_allow_origins_regex or None,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=True,
        )
    return app


def _shaped(host: Host, problem: Problem) -> Problem | None:
    """The error in the form of the extension whose route it is."""
    owned = host.hooks.first(hookspecs.shape_problem, problem=problem, host=host)
    return owned.value if owned is not None else None


class Timed:
    """ASGI middleware: ``X-Process-Time`` in seconds on every answer, as A1111 has it, and a line in the log of calls."""

    def __init__(self, app: ASGIApp, host: Host) -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header when the answer starts, and log a call of the API when it has been answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_timed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                elapsed = f"{time.perf_counter() - began:.4f}".encode()
                message = {**message, "headers": [*message.get("headers", []), (b"x-process-time", elapsed)]}
            await send(message)

        try:
            await self._app(scope, receive, send_timed)
        finally:
            path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
            if LOG_CALLS in self._host.stash and path.startswith(LOGGED_PREFIXES):
                client = (scope.get("client") or ("?",))[0]
                logger.info("API %s %s %s %s %.3f s", scope["method"], path, status, client, time.perf_counter() - began)


def _add_internal_routes(app: FastAPI) -> None:
    @app.get("/internal/ping", include_in_schema=False)
    def ping() -> dict[str, str]:
        return {}


def _mount_page(app: FastAPI, host: Host, forms: DraftForms) -> None:
    """Gradio at the root; it shares no files: pictures go through the jobs' routes."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("GRADIO_TEMP_DIR", str(host.paths.data / "tmp" / "gradio"))  # the common default belongs to whoever came first
    page = PageServer(partial(_build_page, host, forms))
    outer = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, object] | None]:
        async with outer(app) as state, page.running():
            yield state

    app.router.lifespan_context = lifespan  # type: ignore[assignment]
    app.include_router(reload_router(page))
    app.mount("/", OtherMethods(page, app.router.routes))


def _build_page(host: Host, forms: DraftForms, number: int) -> BuiltPage:
    """An application with the page at its root, to which the page's own requests go, too."""
    import gradio as gr

    from app.web.page import build_page
    from app.web.page_signature import page_signature

    blocks = build_page(host, forms)
    signature = page_signature(blocks)
    root = page_root(number, signature)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            blocks.close(verbose=False)

    app: FastAPI = gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan),
        blocks,
        path=root,
        footer_links=[],
        run_history=False,
        root_path=f"{host.options.subpath.rstrip('/')}{root}",
        allowed_paths=list(host.options.allowed_paths),
        blocked_paths=[str(host.paths.config_file), str(host.paths.database)],
        max_file_size="200mb",
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=gr.themes.Default(font=FONTS, font_mono=CODE_FONTS),
        head=head_html(host, _views(blocks)),
        js=_theme_script(_theme(host)),
    )
    return BuiltPage(root, signature, app)


def _views(blocks: Any) -> list[str]:
    """The modules that fill places of the page when those are first shown."""
    texts = [getattr(block, "value", None) for block in blocks.blocks.values()]
    return list(dict.fromkeys(view for text in texts if isinstance(text, str) for view in VIEW.findall(text)))


def _theme(host: Host) -> str:
    """ "light", "dark", or "" where the browser decides."""
    chosen = str(host.settings.get("page_theme")).lower()
    return host.options.theme or ("" if chosen == "automatic" else chosen)


def _theme_script(theme: str) -> str | None:
    """Open the page in that theme unless the address names one."""
    if not theme:
        return None
    return f"() => {{ if (!location.search.includes('__theme=')) document.body.classList.toggle('dark', '{theme}' === 'dark'); }}"
