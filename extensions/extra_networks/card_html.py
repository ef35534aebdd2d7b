"""One card as HTML, for programs that ask as A1111's page does: the text that a click inserts, the file, the preview, the description."""

from __future__ import annotations

from html import escape

from extensions.extra_networks.cards import Card


def card_html(card: Card, tab: str) -> str:
    """The card in the tab ``tab``; all texts are escaped, and nothing in it is run."""
    facts = {
        "class": "card",
        "data-tabname": tab,
        "data-name": card.title,
        "data-sort-path": card.name,
        "data-sort-name": card.title.lower(),
        "data-path": card.path,
        "data-prompt": card.network + card.prompt,
        "data-neg-prompt": card.negative,
        "data-hash": card.sha256 or "",
    }
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in facts.items())
    preview = f'<img src="{escape(card.preview)}" class="preview" loading="lazy" alt="">' if card.preview else ""
    description = f'<span class="description">{escape(card.description)}</span>'
    actions = f'<div class="actions"><span class="name">{escape(card.title)}</span>{description}</div>'
    return f"<div {attributes}>{preview}{actions}</div>"
