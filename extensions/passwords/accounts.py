"""Names and passwords as the command line gives them, and their comparison in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.api import UserError

if TYPE_CHECKING:
    from app.api import Host

PAGE_FLAG = "gradio-auth"
PAGE_FILE_FLAG = "gradio-auth-path"
API_FLAG = "api-auth"
Realm = Literal["page", "api"]


@dataclass(frozen=True)
class Accounts:
    """Who may use the page and who the API; None means everybody."""

    page: Mapping[str, str] | None
    api: Mapping[str, str] | None

    def of(self, realm: str) -> Mapping[str, str] | None:
        """The accounts of a realm; the page's passwords hold for an API that has none of its own."""
        return self.api if realm == "api" and self.api is not None else self.page


def read_accounts(host: Host) -> Accounts:
    """What the flags say; raises UserError that names the flag or file but never shows a password."""
    page = _entries(PAGE_FLAG, host.options.flag(PAGE_FLAG))
    path = host.options.flag(PAGE_FILE_FLAG)
    if isinstance(path, str):
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise UserError(f"--{PAGE_FILE_FLAG}: {path} cannot be read: {reason}.", hint="Check the path and its permissions.") from error
        page += _entries(f"{PAGE_FILE_FLAG} {path}", text.replace("\n", ","))
        if not page:
            raise UserError(f"--{PAGE_FILE_FLAG}: {path} holds no name and password.", hint="Write name:password on its lines.")
    api = _entries(API_FLAG, host.options.flag(API_FLAG))
    return Accounts(page=dict(page) or None, api=dict(api) or None)


def is_right(accounts: Mapping[str, str], username: str, password: str) -> bool:
    """True for a known name with its password; takes as long for an unknown name as for a wrong password."""
    expected = accounts.get(username)
    same = hmac.compare_digest((expected or "").encode(), password.encode())
    return same and expected is not None


def _entries(flag: str, value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    texts: Iterable[object] = value if isinstance(value, list) else [value]
    parts = [part.strip() for text in texts for part in str(text).split(",") if part.strip()]
    if not parts and not flag.startswith(PAGE_FILE_FLAG):
        raise UserError(f"--{flag} is empty.", hint=f"Write --{flag} name:password.")
    entries = [part.partition(":") for part in parts]
    if any(not name or not colon or not password for name, colon, password in entries):
        raise UserError(f"--{flag} has an entry that is not name:password.", hint="Separate several with commas.")
    return [(name, password) for name, _, password in entries]
