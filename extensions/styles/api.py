"""What other extensions may use of the styles."""

from __future__ import annotations

import logging
from dataclasses import replace

from app.api import Host, UserError
from extensions.styles.files import format_styles, list_style_files, read_style_files, read_styles, read_text
from extensions.styles.text import Style, apply_named, apply_styles, extract_styles

__all__ = [
    "Style",
    "apply_named",
    "apply_styles",
    "extract_styles",
    "format_styles",
    "installed_styles",
    "listed_styles",
    "read_styles",
    "style_patterns",
]

logger = logging.getLogger(__name__)
DEFAULT_FILE = "styles.csv"


def installed_styles(host: Host) -> list[Style]:
    """The styles of this installation, read anew, in file order."""
    return _with_those_of_extensions(read_style_files(host.paths.data, style_patterns(host)), host)


def listed_styles(host: Host) -> list[Style]:
    """The styles as users see them: where there are several files, a divider stands before the styles of each."""
    return _with_those_of_extensions(list_style_files(host.paths.data, style_patterns(host)), host)


def _with_those_of_extensions(own: list[Style], host: Host) -> list[Style]:
    """The user's styles, and those of extensions whose names are not taken; a file that cannot be read is left out and told."""
    styles = {style.name: style for style in own}
    for path in host.extensions.parts(DEFAULT_FILE):
        try:
            found = read_styles(read_text(path))
        except UserError as error:
            logger.warning("%s", error)
            continue
        for style in found:
            styles.setdefault(style.name, replace(style, file=str(path)))
    return list(styles.values())


def style_patterns(host: Host) -> list[str]:
    """The style files of this installation, relative to the data folder; * and ? stand for any name."""
    flag = host.options.flag("styles-file")
    return [str(pattern) for pattern in flag] if isinstance(flag, list) and flag else [DEFAULT_FILE]
