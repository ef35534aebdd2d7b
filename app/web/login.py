"""The login form and its routes: a right password opens a session."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app import hookspecs
from app.contracts import Credentials
from app.web.credentials import check_credentials
from app.web.sessions import Sessions

if TYPE_CHECKING:
    from app.host import Host

LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
FORM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in - Stable Diffusion</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }}
form {{ display: grid; gap: .75rem; width: min(20rem, 86vw); }}
input, button {{ font: inherit; padding: .5rem .6rem; width: 100%; box-sizing: border-box; }}
.error {{ color: #c0392b; margin: 0; }}
</style></head><body><form method="post" action="{action}">
<h1>Log in</h1>{message}
<label>Name <input name="username" autocomplete="username" autofocus required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<input type="hidden" name="next" value="{next}"><button>Log in</button>
</form></body></html>"""


def login_router(host: Host, sessions: Sessions) -> APIRouter:
    """GET and POST /login, POST /logout."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN_PATH)
    def show(request: Request, next: str = "/") -> Response:
        return _form(request, next)

    @router.post(LOGIN_PATH)
    async def log_in(request: Request) -> Response:
        fields = parse_qs((await request.body()).decode(errors="replace"))
        name, password, target = (fields.get(key, [""])[0] for key in ("username", "password", "next"))
        user = await check_credentials(host, Credentials(name, password, "page"))
        if user is None:
            return _form(request, target, "Wrong name or password.", status=401)
        answer = RedirectResponse(request.scope.get("root_path", "") + local_path(target), status_code=303)
        same = Credentials(name, password, "api")
        for_api = await run_in_threadpool(host.hooks.first, hookspecs.authenticate, credentials=same, host=host)
        answer.headers.append("set-cookie", sessions.set_cookie(request, sessions.open(user, for_api=for_api is not None)))
        return answer

    @router.post(LOGOUT_PATH)
    def log_out(request: Request) -> Response:
        sessions.close(request)
        answer = RedirectResponse(request.scope.get("root_path", "") + LOGIN_PATH, status_code=303)
        answer.delete_cookie(sessions.cookie)
        return answer

    return router


def local_path(target: str) -> str:
    """``target`` if it is a path of this site, else "/": a login form must not send people elsewhere."""
    parts = urlsplit(target)
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if is_local else "/"


def _form(request: Request, target: str, message: str = "", status: int = 200) -> HTMLResponse:
    note = f'<p class="error" role="alert">{escape(message)}</p>' if message else ""
    action = escape(request.scope.get("root_path", "") + LOGIN_PATH)
    return HTMLResponse(FORM.format(action=action, message=note, next=escape(target)), status_code=status)
