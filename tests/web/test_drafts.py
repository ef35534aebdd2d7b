"""A draft that was kept while the defaults of its form have changed."""

from __future__ import annotations

from app.web.drafts import current


def test_a_draft_follows_a_new_default_and_keeps_what_was_typed() -> None:
    draft = {"steps": 20, "width": 512, "cfg_scale": 9, "#defaults": {"at": ["steps", "width"], "adjusted": []}}
    assert current(draft, ["steps"]) == {"width": 512, "cfg_scale": 9}
    assert current(draft, []) == {"steps": 20, "width": 512, "cfg_scale": 9}
    assert current({"steps": 30}, ["steps"]) == {"steps": 30}
