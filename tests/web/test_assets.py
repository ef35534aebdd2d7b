"""Scripts and styles of extensions: found, named in the head, served, and gone with their extension while the program runs."""

from __future__ import annotations

import re
from pathlib import Path

from app.api import PageFiles, hookimpl
from app.paths import CHECKOUT
from app.testing.web import page_head
from tests.web.conftest import SiteMaker


class Giving:
    """Gives files of a folder that is no extension's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @hookimpl
    def register_assets(self, host):
        return [PageFiles("further", self.folder, ("b.mjs", "sub/a.js", "a.css", "gone.js")), PageFiles("core", self.folder, ("b.mjs",))]


def test_further_files_are_loaded_in_their_order_and_nothing_else_is_served(make_site: SiteMaker, tmp_path: Path) -> None:
    folder = tmp_path / "further"
    (folder / "sub").mkdir(parents=True)
    for name in ("b.mjs", "sub/a.js", "a.css", "secret.js"):
        (folder / name).write_text(f"/* {name} */")
    site = make_site(nowebui=True)
    site.host.hooks.register("giving", Giving(folder))
    head = page_head(site.host)
    names = ["further/a.css", "further/b.mjs", "further/sub/a.js"]
    assert [head.index(name) for name in names] == sorted(head.index(name) for name in names)
    assert "gone.js" not in head
    assert site.client.get("/paintbox/assets/further/sub/a.js").text == "/* sub/a.js */"
    for path in ("further/secret.js", "further/../further/secret.js", "further/", "core/b.mjs", "nobody/a.js"):
        assert site.client.get(f"/paintbox/assets/{path}").status_code == 404
    assert site.client.get("/paintbox/assets/core/base.js").status_code == 200
    site.host.hooks.unregister("giving")
    assert site.client.get("/paintbox/assets/further/sub/a.js").status_code == 404


def test_styles_of_an_extension_do_not_reach_into_the_dialogs_of_others() -> None:
    bare = re.compile(r"^(?:\.dark )?\.page-dialog [a-z]", re.MULTILINE)
    assert [str(sheet) for sheet in CHECKOUT.glob("extensions/*/static/**/*.css") if bare.search(sheet.read_text(encoding="utf-8"))] == []
