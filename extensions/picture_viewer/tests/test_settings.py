"""Scripts get the viewer's settings and its parts; what it does is tested in Chromium."""

from __future__ import annotations

from typing import Any

from app.testing.web import running_client


def test_scripts_get_settings_and_parts(make_host: Any) -> None:
    host = make_host("picture_viewer")
    host.settings.set({"js_modal_lightbox": False, "sd_webui_modal_lightbox_toolbar_opacity": 0.5})
    with running_client(host) as client:
        known = client.get("/paintbox/v1/page/settings").json()
        for name in ("viewer.js", "sight.js", "tools.js", "viewer.css"):
            assert client.get(f"/paintbox/assets/picture_viewer/view/{name}").status_code == 200
    assert (known["js_modal_lightbox"], known["js_modal_lightbox_initially_zoomed"]) == (False, True)
    assert known["sd_webui_modal_lightbox_toolbar_opacity"] == 0.5
    assert "outdir_samples" not in known, "only settings that are marked for the page are told"
