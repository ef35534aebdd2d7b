"""A canvas puts its hidden fields into the form and tells the page's script what it is."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import Host, Page, Tab, hookimpl
from app.testing.web import running_client
from extensions.image_canvas.api import Canvas, add_fields, draw_canvas, field_key

FIELDS = ("picture", "painted", "extend")
CANVAS = Canvas("some_canvas", "A <bold> canvas", "mask", extends=True)


class WithCanvas:
    """An extension whose tab holds a canvas."""

    def __init__(self) -> None:
        self.keys: list[bool] = []

    @hookimpl
    def register_tabs(self, host: Host) -> Iterable[Tab]:
        def build(page: Page) -> None:
            with page.open_form("some") as form:
                fields = add_fields(page, CANVAS)
                draw_canvas(page, CANVAS)
                self.keys = [form.component(field_key(CANVAS.name, name)) is getattr(fields, name) for name in FIELDS]

        return [Tab("some", "Some", 5, build)]


def test_the_canvas_and_its_fields_are_on_the_page(make_host):
    host, plugin = make_host("image_canvas"), WithCanvas()
    host.hooks.register("with_canvas", plugin)
    with running_client(host) as client:
        props = {each["props"].get("elem_id"): each["props"] for each in client.get("/config").json()["components"]}
    assert plugin.keys == [True, True, True]
    drawn = props["some_canvas"]["value"]
    assert 'data-form="some"' in drawn and 'data-kind="mask"' in drawn and 'data-extends="yes"' in drawn
    assert 'data-brush="#ffffff"' in drawn
    assert "A &lt;bold&gt; canvas" in drawn
    assert [props[f"some_canvas_{name}"]["visible"] for name in FIELDS] == ["hidden"] * 3
