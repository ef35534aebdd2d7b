"""Why a pickled file is refused, told by the parts that read it; who called them adds the name of the file."""

from __future__ import annotations


class Refused(Exception):
    """Base of both; ``str()`` is the part of a sentence after "it"."""


class Unsafe(Refused):
    """The file asks for something that no model needs: "asks for os.system"."""


class Damaged(Refused):
    """The file is cut short, of another kind, or beyond the limits: "ends in the middle of an instruction"."""
