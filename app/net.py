"""The address of the page, and taking its port."""

from __future__ import annotations

import errno
import os
import socket

from app.errors import UserError
from app.values.options import StartOptions

DOCUMENTATION_ADDRESS = ("192.0.2.1", 9)
"""An address that belongs to nobody (RFC 5737)."""


def page_address(options: StartOptions) -> str:
    """What to type into a browser on this machine."""
    name = "127.0.0.1" if options.host_name in ("0.0.0.0", "::") else options.host_name
    scheme = "https" if options.tls_certfile else "http"
    return f"{scheme}://[{name}]:{options.port}" if ":" in name else f"{scheme}://{name}:{options.port}"


def network_address(options: StartOptions) -> str:
    """What to type on another machine; "" where none can reach this one, or where the machine does not know its address."""
    if not options.is_exposed:
        return ""
    if options.host_name not in ("0.0.0.0", "::"):
        return page_address(options)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(DOCUMENTATION_ADDRESS)  # sends nothing: the system only chooses the address it would send from
        except OSError:
            return ""
        return page_address(options.model_copy(update={"server_name": probe.getsockname()[0]}))


def open_door(options: StartOptions) -> str:
    """What it means that other machines can reach a page, or an API alone, without a password."""
    if options.nowebui:
        return f"The API listens on {options.host_name} without a password: everybody who can reach this machine may use it."
    return f"The page listens on {options.host_name} without a password: everybody who can reach this machine may use it."


def open_socket(options: StartOptions) -> socket.socket:
    """Take the port; raises UserError that names it when it is in use or not allowed."""
    name, port = options.host_name, options.port
    try:
        family, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise UserError(f"The address {name!r} cannot be used: {error.strerror}.", hint="Check --server-name.") from error
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        raise _no_port(error, options) from error
    return listener


def _no_port(error: OSError, options: StartOptions) -> UserError:
    port = options.port
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 7860
        hint = f"Perhaps Paintbox runs already: look at {page_address(options)}. Otherwise start with --port {other}."
        return UserError(f"The port {port} is in use by another program.", hint=hint)
    if error.errno == errno.EACCES:
        return UserError(f"The port {port} is not allowed for this user.", hint="Choose one above 1023: --port 7860.")
    return UserError(f"{options.host_name}:{port} cannot be used: {error.strerror}.", hint="Check --server-name and --port.")
