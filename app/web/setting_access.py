"""Which settings anybody may change, and which only those who may run programs here: by a folder, files of this machine could be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection

from app.errors import UserError
from app.settings_paths import check_requested_path
from app.values.base import Json
from app.web.access import EXTENSIONS, asked_access

if TYPE_CHECKING:
    from app.host import Host
    from app.settings_option import Option

HINT = "Set it in config.json, or start with --allowed-path for the folder, or with --extension-users for the account."


def check_changes(values: Mapping[str, Json], asking: HTTPConnection, host: Host) -> None:
    """Raise UserError (403) when one of these settings may not be changed so by who asks."""
    for key, value in values.items():
        option = host.settings.options.get(key)
        is_open = option is None or not (option.extra.get("guarded") or option.extra.get("is_path"))
        if not is_open and not asked_access(EXTENSIONS, asking, host).allowed:
            _check(key, value, host)


def asking_of(request: Any) -> HTTPConnection:
    """Who asks, behind a request as gradio hands it on."""
    asking: HTTPConnection = request.request
    return asking


def _check(key: str, value: Json, host: Host) -> None:
    """A value that the setting has already is no change."""
    option = host.settings.options.get(key)
    if option is None or value in (host.settings.get(key), option.default):
        return
    if option.extra.get("guarded"):
        raise UserError(f"The setting {key!r} can be changed at the machine itself only.", hint=HINT, field=key, status=403)
    if option.extra.get("is_path") and not _is_of_the_server(option, value, host):
        raise UserError(
            f"The setting {key!r} cannot be {value!r}: this server is shared with others, and that is none of its own folders.",
            hint=HINT,
            field=key,
            status=403,
        )


def _is_of_the_server(option: Option, value: Json, host: Host) -> bool:
    """Whether a folder is one of pictures, or one that the command line allows; a pattern of names is, unless it leads elsewhere."""
    if not isinstance(value, str) or not value:
        return True
    place = host.paths.resolve(value).resolve()
    if any(place.is_relative_to(host.paths.resolve(allowed).resolve()) for allowed in host.options.allowed_paths):
        return True
    if option.extra.get("is_source"):
        return False
    try:
        check_requested_path(option.key, value, host.settings.get(option.key))
    except UserError:
        return False
    return True
