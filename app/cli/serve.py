"""The command that people start: builds the host, starts the workers and serves the page until it is stopped."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from app import hookspecs
from app.cli.parse import CommandLine, parse_command_line
from app.contracts import WANTS_RESTART
from app.errors import RESTART, UserError
from app.host import Host, build_host
from app.installing.at_start import install_declared
from app.installing.packages import add_package_folder
from app.installing.store import ExtensionStore
from app.logs import console_log
from app.net import open_door, open_socket
from app.paths import make_paths

logger = logging.getLogger(__name__)


def serve(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve until Ctrl-C or SIGTERM; both end cleanly with exit code 0, a wish to be started again with RESTART. Raises UserError."""
    line = parse_command_line(arguments, environment)
    with console_log(line.options.loglevel, line.options.secrets), _terminate_as_interrupt():
        for note in line.notes:
            logger.info("%s", note)
        try:
            with open_socket(line.options) as listener:
                return _serve_on(listener, line, environment)
        except KeyboardInterrupt:
            logger.info("Stopped.")
    return 0


def _serve_on(listener: socket.socket, line: CommandLine, environment: Mapping[str, str]) -> int:
    from app.web.serving import run_server

    if line.options.install_packages and not (line.options.safe_mode or line.options.no_extensions):
        paths = make_paths(line.options)
        add_package_folder(paths.extension_packages)
        install_declared(ExtensionStore(paths, user="a start of Paintbox"))
    host = build_host(line.options, "web", environment=environment)
    try:
        with host.running():
            refuse_without_guard(host, line.secret_owners)
            warn_of_open_door(host)
            run_server(host, listener)
    except KeyboardInterrupt:
        logger.info("Starting again." if WANTS_RESTART in host.stash else "Stopped.")
    return RESTART if WANTS_RESTART in host.stash else 0


def refuse_without_guard(host: Host, secret_owners: Mapping[str, str]) -> None:
    """Raise UserError when a password was given and the extension that asks for it is not in use."""
    for flag, owner in secret_owners.items():
        if not host.extensions.is_active(owner):
            reason = host.extensions.get(owner).error
            raise UserError(
                f"--{flag} was given, but the extension {owner!r} that asks for the password is not in use: {reason}",
                hint="Mend or enable it, or leave out the flag.",
            )


def warn_of_open_door(host: Host) -> None:
    """Log that everybody in the network may use the page, or the API where there is no page, when that is so."""
    realm = "api" if host.options.nowebui else "page"
    if host.options.is_exposed and host.hooks.first(hookspecs.requires_login, realm=realm, host=host) is None:
        logger.warning("%s Set a password: --help names the flags.", open_door(host.options))


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does, so that workers and files are closed."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.stdout.flush()
