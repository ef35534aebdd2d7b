"""Puts the whole page together once, as a start does, so that what fails only there is known too."""

from __future__ import annotations

from app.host import Host


def rehearse(host: Host) -> None:
    """Enter and leave the lifespans, ask for routes, tabs and panels and draw them; afterwards the reports say what failed."""
    from app.web.server import create_app  # gradio takes a second or two to import

    with host.rehearsing():
        create_app(host)
