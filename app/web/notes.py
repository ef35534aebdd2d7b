"""Small pieces of HTML that tell the user what happened; every text is escaped here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from app.errors import UserError, sentence_before
from app.values.networks import NetworkUse


def error_note(message: str, hint: str = "") -> str:
    """A sentence about what went wrong, and how to fix it."""
    tail = f' <span class="hint">{escape(hint)}</span>' if hint else ""
    return f'<p class="note error" role="alert">{escape(sentence_before(message, hint))}{tail}</p>'


def user_error_note(error: UserError) -> str:
    """The note for a UserError."""
    return error_note(error.what, error.hint)


def comment_notes(comments: Iterable[str], alerts: Collection[str] = ()) -> str:
    """Warnings of a finished job, one paragraph each; those among ``alerts`` come first and look like errors."""
    calm = "".join(f'<p class="note">{escape(comment)}</p>' for comment in comments if comment not in alerts)
    return "".join(map(error_note, alerts)) + calm


def network_notes(networks: Iterable[NetworkUse]) -> str:
    """What became of each file beside the checkpoint; those that did not take effect as a whole are marked."""
    marked = [(escape(network.sentence()), network.is_whole) for network in networks]
    items = "".join(f"<li>{text}</li>" if is_whole else f'<li class="warning">{text}</li>' for text, is_whole in marked)
    return f'<ul class="networks" aria-label="Networks used">{items}</ul>' if items else ""


def failure_note(title: str, message: str, traceback: str = "") -> str:
    """Names an extension that failed, with its traceback folded away."""
    details = f"<details><summary>Details for its author</summary><pre>{escape(traceback)}</pre></details>" if traceback else ""
    return f'<div class="note failure"><b>{escape(title)}</b>: {escape(message)}{details}</div>'


def folded_notes(title: str, notes: Iterable[str]) -> str:
    """One line that opens to notes."""
    return f'<details class="note failure"><summary><b>{escape(title)}</b></summary>{"".join(notes)}</details>'


def infotext_html(infotext: str) -> str:
    """An infotext as a paragraph, line by line."""
    lines = "<br>".join(escape(line) for line in infotext.splitlines())
    return f"<p>{lines}</p>" if lines else ""
