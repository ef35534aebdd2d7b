"""Names and passwords from the command line, for the page and for the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from app.api import Credentials, StashKey, User, hookimpl
from extensions.passwords.accounts import Accounts, is_right, read_accounts

if TYPE_CHECKING:
    from app.api import Host

ACCOUNTS = StashKey[Accounts]("accounts")


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """In the web process: read the passwords once."""

    @contextmanager
    def accounts() -> Iterator[None]:
        host.stash[ACCOUNTS] = read_accounts(host)
        try:
            yield
        finally:
            del host.stash[ACCOUNTS]

    return () if host.role == "worker" else (accounts(),)


@hookimpl
def requires_login(realm: str, host: Host) -> bool | None:
    """True where passwords were given."""
    return True if host.stash[ACCOUNTS].of(realm) is not None else None


@hookimpl
def authenticate(credentials: Credentials, host: Host) -> User | None:
    """The user whose name and password these are; jobs, drafts and pictures belong to that name."""
    accounts = host.stash[ACCOUNTS].of(credentials.realm)
    return User(credentials.username) if accounts and is_right(accounts, credentials.username, credentials.password) else None
