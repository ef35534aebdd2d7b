"""What other extensions may use of the styles."""

from __future__ import annotations

from app.api import Host
from extensions.styles.files import read_style_files, read_styles
from extensions.styles.text import Style, apply_styles, extract_styles

__all__ = ["Style", "apply_styles", "extract_styles", "installed_styles", "read_styles"]

DEFAULT_FILE = "styles.csv"


def installed_styles(host: Host) -> list[Style]:
    """The styles of this installation, read anew, in file order."""
    flag = host.options.flag("styles-file")
    patterns = [str(pattern) for pattern in flag] if isinstance(flag, list) else []
    return read_style_files(host.paths.data, patterns or [DEFAULT_FILE])
