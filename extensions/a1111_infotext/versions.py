"""A1111's version numbers in infotexts, and what changed between them."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

NEW_TIMELINES = Version("1.6.0")
"""From here on prompt editing has new timelines, and DDIM and PLMS no longer pad conditionings."""
FULL_PRECISION_ALPHAS = Version("1.7.0-225")
"""From here on alphas_cumprod is not cast to half precision."""
REFINER_BY_SIGMA = Version("1.8.0")
"""From here on the refiner takes over by noise level and not by step."""
HIRES_STYLES = Version("1.8.0-139")
"""After this the prompts of the second pass contain the styles too."""

_GIT_DESCRIBE = re.compile(r"([^-]+-[^-]+)-.*")


def parse_version(text: str | None) -> Version | None:
    """The version; None for other programs and for nonsense. The commit behind ``v1.7.0-225-gabc`` does not count."""
    described = _GIT_DESCRIBE.match(text or "")
    try:
        return Version(described.group(1) if described else text or "")
    except InvalidVersion:
        return None
