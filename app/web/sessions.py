"""Remembers who logged in on the page: random tokens in a cookie, users in memory."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection

from app.contracts import User

LIFETIME_S = 30 * 24 * 3600
CAPACITY = 10_000


class Sessions:
    """Sessions of one running program; they end with it. Thread-safe.

    ``cookie`` is the cookie's name; the port is part of it, because browsers share cookies between the ports of a machine.
    """

    def __init__(self, port: int) -> None:
        self.cookie = f"paintbox_session_{port}"
        self._users: OrderedDict[str, tuple[float, User]] = OrderedDict()
        self._of_the_api: set[str] = set()
        self._lock = threading.Lock()

    def open(self, user: User, *, for_api: bool = False) -> str:
        """A new token for a user who has proved who they are; ``for_api``: with a password that is also the API's."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._users[token] = (time.time() + LIFETIME_S, user)
            if for_api:
                self._of_the_api.add(token)
            while len(self._users) > CAPACITY:
                self._of_the_api.discard(self._users.popitem(last=False)[0])
        return token

    def user(self, connection: HTTPConnection, *, for_api: bool = False) -> User | None:
        """The user of the connection's cookie, while it is good; ``for_api``: and good for the API."""
        token = connection.cookies.get(self.cookie, "")
        with self._lock:
            ends, user = self._users.get(token, (0.0, None))
            is_good = ends > time.time() and (not for_api or token in self._of_the_api)
        return user if is_good else None

    def close(self, connection: HTTPConnection) -> None:
        """Forget the connection's session."""
        with self._lock:
            token = connection.cookies.get(self.cookie, "")
            self._users.pop(token, None)
            self._of_the_api.discard(token)

    def set_cookie(self, connection: HTTPConnection, token: str) -> str:
        """Value of a Set-Cookie header: no script can read the token and no other site can send it."""
        jar: SimpleCookie = SimpleCookie({self.cookie: token})
        jar[self.cookie].update({"path": "/", "max-age": str(LIFETIME_S), "samesite": "Lax"})
        jar[self.cookie]["httponly"] = True
        if connection.url.scheme == "https":
            jar[self.cookie]["secure"] = True
        return jar.output(header="").strip()
