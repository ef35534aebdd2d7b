"""What other extensions may use of the styles."""

from __future__ import annotations

from app.api import Host
from extensions.styles.files import format_styles, list_style_files, read_style_files, read_styles
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

DEFAULT_FILE = "styles.csv"


def installed_styles(host: Host) -> list[Style]:
    """The styles of this installation, read anew, in file order."""
    return read_style_files(host.paths.data, style_patterns(host))


def listed_styles(host: Host) -> list[Style]:
    """The styles as users see them: where there are several files, a divider stands before the styles of each."""
    return list_style_files(host.paths.data, style_patterns(host))


def style_patterns(host: Host) -> list[str]:
    """The style files of this installation, relative to the data folder; * and ? stand for any name."""
    flag = host.options.flag("styles-file")
    return [str(pattern) for pattern in flag] if isinstance(flag, list) and flag else [DEFAULT_FILE]
