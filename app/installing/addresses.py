"""What may be given to git and used as a folder's name: checked before anything is started with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from app.errors import UserError
from app.outgoing.addresses import is_host, is_plainly_inside

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(1, 10))})


@dataclass(frozen=True)
class GitRules:
    """Which protocols git may speak; people have no way to change that."""

    protocols: tuple[str, ...] = ("https",)


def check_git_address(text: str, rules: GitRules) -> str:
    """The address of a git repository; raises UserError that says what is wrong with it."""
    address = text.strip()
    if not address or address.startswith("-") or "::" in address.partition("/")[0] or re.search(r"[\s\x00-\x1f\x7f\\]", address):
        raise UserError("This is not the address of a git repository.", hint="It begins with https://.", field="url")
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise UserError("The address cannot be understood.", field="url") from None
    if parts.scheme not in rules.protocols:
        raise UserError("Extensions are fetched over https:// only.", hint="Give an address that begins with https://.", field="url")
    if parts.username is not None or parts.password is not None:
        raise UserError("The address holds a name or a password, and addresses are shown.", hint="Give it without them.", field="url")
    if parts.query or parts.fragment or parts.scheme == "https" and not is_host(host):
        raise UserError("This is not the address of a git repository.", hint="It is the one that `git clone` takes.", field="url")
    if parts.scheme == "https" and ("." not in host.rstrip(".") and ":" not in host or is_plainly_inside(host)):
        raise UserError(f"{host} does not lead out to the internet.", field="url")
    return address


def check_branch(text: str) -> str:
    """A branch or tag, "" for the repository's own choice; raises UserError."""
    branch = text.strip()
    if branch and (not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".lock", "/", "."))):
        raise UserError(f"{branch!r} is not the name of a branch.", field="branch")
    return branch


def check_folder_name(text: str, field: str = "name") -> str:
    """The name of an extension's folder; raises UserError."""
    name = text.strip()
    if not _FOLDER.fullmatch(name) or name.endswith(".") or is_reserved(name):
        hint = "Use letters, digits, dots, hyphens and underscores."
        raise UserError(f"{name!r} cannot be the name of an extension's folder.", hint=hint, field=field)
    return name


def is_reserved(name: str) -> bool:
    """True for a name that means a device on Windows, with any ending."""
    return name.partition(".")[0].rstrip().lower() in _RESERVED


def name_of_address(address: str) -> str:
    """The folder's name that an address suggests, as git would choose it."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]", "_", last).strip(".-") or "extension"


def without_secrets(address: str) -> str:
    """An address as it may be shown: without name and password."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.username is None and parts.password is None:
        return address
    return urlunsplit(SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, parts.fragment))
