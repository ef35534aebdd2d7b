"""The one door of all routes: refuses foreign origins, asks for credentials where an extension wants them, and names the user."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.contracts import User
from app.web.credentials import Realm, check_credentials, header_credentials, is_closed
from app.web.login import LOGIN_PATH, LOGOUT_PATH
from app.web.origins import OriginRules
from app.web.problems import problem
from app.web.sessions import Sessions

if TYPE_CHECKING:
    from app.host import Host

API_PREFIXES = ("/sdapi/", "/paintbox/", "/v1/", "/internal/progress", "/internal/pending-tasks")
PAGE_API_PREFIX = "/paintbox/"
"""Routes that the page itself calls: the page's session counts there as well as a password."""

DOCUMENTATION = ("/docs", "/openapi.json")
"""Pages about the API, for people of the page and programs of the API alike."""


class Guard:
    """ASGI middleware around the whole application; deny by default. Puts the User into ``request.state.user``."""

    def __init__(self, app: ASGIApp, host: Host, sessions: Sessions) -> None:
        self._app = app
        self._host = host
        self._sessions = sessions
        self._origins = OriginRules(host.options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refusal = await self._refusal(connection)
        if refusal is None:
            await self._app(scope, receive, await self._give_session(connection, self._framed(send)))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def _framed(self, send: Send) -> Send:
        policy = self._origins.framing

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start" and policy:
                MutableHeaders(scope=message).append("content-security-policy", policy)
            await send(message)

        return send_framed

    async def _refusal(self, connection: HTTPConnection) -> Response | None:
        """The answer to a request that must not go on; None when it may."""
        path = _path(connection)
        realm: Realm = "api" if path.startswith(API_PREFIXES) else "page"
        reason = self._origins.problem(connection.headers) or await self._strange_name(connection, realm)
        if reason:
            return problem(403, "Forbidden", reason)
        user = await self._user(connection, realm, path)
        if user is None and path not in (LOGIN_PATH, LOGOUT_PATH):
            return _ask(connection, realm, path)
        connection.state.user = user or User()
        return None

    async def _strange_name(self, connection: HTTPConnection, realm: Realm) -> str:
        """Why the name in the address is refused; where others can reach this machine, a password protects as well as a known name."""
        reason = self._origins.strange_name(connection.headers)
        if not reason or not self._host.options.is_exposed:
            return reason
        is_fine = await is_closed(self._host, realm) or await run_in_threadpool(self._origins.is_full_name, connection.headers)
        return "" if is_fine else reason

    async def _user(self, connection: HTTPConnection, realm: Realm, path: str) -> User | None:
        known = self._sessions.user(connection, for_api=realm == "api" and not path.startswith(PAGE_API_PREFIX))
        if known is not None:
            return known
        if not await is_closed(self._host, realm):
            return User()
        realms: tuple[Realm, ...] = (realm, "api") if path in DOCUMENTATION else (realm,)
        for each in realms:
            credentials = header_credentials(connection, each)
            user = await check_credentials(self._host, credentials) if credentials is not None else None
            if user is not None:
                return user
        return None

    async def _give_session(self, connection: HTTPConnection, send: Send) -> Send:
        """Where the page is open but the API is not, the page gets a session, so that its own calls are let through."""
        has_page = not self._host.options.nowebui
        wants = has_page and _path(connection) == "/" and self._sessions.user(connection) is None
        if not wants or not await is_closed(self._host, "api"):
            return send
        cookie = self._sessions.set_cookie(connection, self._sessions.open(connection.state.user))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        return send_with_cookie


def _ask(connection: HTTPConnection, realm: Realm, path: str) -> Response:
    """The login page for a person, a 401 for a program."""
    if realm == "page" and "text/html" in connection.headers.get("accept", ""):
        root = connection.scope.get("root_path", "")
        return RedirectResponse(f"{root}{LOGIN_PATH}?next={quote(path)}", status_code=303)
    answer = problem(401, "HTTPException", "Incorrect username or password")
    answer.headers["WWW-Authenticate"] = 'Basic realm="Paintbox"'
    return answer


def _path(connection: HTTPConnection) -> str:
    """The path below the root path, the way routes see it."""
    path, root = connection.scope["path"], connection.scope.get("root_path", "")
    return str(path).removeprefix(root) or "/"
