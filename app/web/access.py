"""Who may change model files and extensions: by default only somebody at this machine, without accounts.

What is put among the model files stays for everybody, and the programs of extensions run here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.errors import UserError
from app.values.base import Value
from app.web.asking import owner_of
from app.web.at_machine import is_trusted_here

if TYPE_CHECKING:
    from app.host import Host
    from app.values.options import StartOptions


class Access(Value):
    """Whether the one who asks may; ``reason`` says why not, and what would change it."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True)
class Right:
    """Something that not everybody may; ``is_open``: everybody may, ``users``: the accounts that may, as the command line says.

    ``not_this_user`` (with places for the name, quoted and as typed) and ``not_from_there`` are what the others are told.
    """

    is_open: Callable[[StartOptions], bool]
    users: Callable[[StartOptions], Collection[str]]
    not_this_user: str
    not_from_there: str


MODEL_FILES = Right(
    lambda options: options.open_model_files,
    lambda options: options.model_file_users,
    "The account {} may not change model files: start Paintbox with --model-file-users {}, "
    "or --enable-model-file-access for everybody.",
    "Model files may be changed at the machine itself only (its page opened as http://127.0.0.1), "
    "unless Paintbox is started with --enable-model-file-access.",
)
EXTENSIONS = Right(
    lambda options: options.open_extensions,
    lambda options: options.extension_users,
    "The account {} may not change extensions: start with --extension-users {}, or --enable-insecure-extension-access for everybody.",
    "Extensions may be changed at the machine itself only (its page opened as http://127.0.0.1), "
    "unless Paintbox is started with --enable-insecure-extension-access.",
)


def access_of(right: Right, user: str, is_here: bool, options: StartOptions) -> Access:
    """``user``: name of the account, "" without accounts; ``is_here``: from this machine itself, where there are no accounts."""
    if right.is_open(options) or (user in right.users(options) if user else is_here):
        return Access(allowed=True)
    return Access(allowed=False, reason=right.not_this_user.format(repr(user), user) if user else right.not_from_there)


def asked_access(right: Right, asking: HTTPConnection, host: Host) -> Access:
    """What holds for the one who asks."""
    return access_of(right, owner_of(asking), is_trusted_here(asking, host), host.options)


def may_change(right: Right, host: Host) -> Any:
    """For ``dependencies`` of a route or router that changes such things: refuses (403) those who may not."""

    def check(asking: HTTPConnection) -> None:
        access = asked_access(right, asking, host)
        if not access.allowed:
            raise UserError(access.reason, status=403)

    return Depends(check)
