"""Who may install and change extensions, whose programs run here: by default only somebody at this machine, without accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.errors import UserError
from app.web.asking import owner_of
from app.web.model_access import Access, is_trusted_here

if TYPE_CHECKING:
    from app.host import Host
    from app.values.options import StartOptions

OPEN_FLAG, USERS_FLAG = "--enable-insecure-extension-access", "--extension-users"


def extension_access(user: str, is_here: bool, options: StartOptions) -> Access:
    """``user``: name of the account, "" without accounts; ``is_here``: from this machine itself, where there are no accounts."""
    if options.open_extensions:
        return Access(allowed=True)
    if user:
        if user in options.extension_users:
            return Access(allowed=True)
        return Access(
            allowed=False,
            reason=f"The account {user!r} may not change extensions: start with {USERS_FLAG} {user}, or {OPEN_FLAG} for everybody.",
        )
    if is_here:
        return Access(allowed=True)
    return Access(
        allowed=False,
        reason="Extensions may be changed at the machine itself only (its page opened as http://127.0.0.1), "
        f"unless Paintbox is started with {OPEN_FLAG}.",
    )


def asked_extension_access(asking: HTTPConnection, host: Host) -> Access:
    """What holds for the one who asks."""
    return extension_access(owner_of(asking), is_trusted_here(asking, host), host.options)


def may_change_extensions(host: Host) -> Any:
    """For ``dependencies`` of a route or router that changes extensions: refuses (403) those who may not."""

    def check(asking: HTTPConnection) -> None:
        access = asked_extension_access(asking, host)
        if not access.allowed:
            raise UserError(access.reason, status=403)

    return Depends(check)
