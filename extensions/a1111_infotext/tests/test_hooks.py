"""What the extension adds to a host: order of items, what is switched off, and where infotexts are found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from extensions.a1111_infotext import edit_infotext, read_metadata
from extensions.a1111_infotext.labels import AS_WRITTEN, LABELS, override_settings

ITEMS = {"Zoom": 2, "Version": "Paintbox", "VAE": "v", "Model": "m", "Steps": 20, "Seed": 1}


def _edited(owner: str = "", **settings: Any) -> list[str]:
    run: Any = SimpleNamespace(settings=settings, job=SimpleNamespace(owner=owner))
    nothing: Any = None
    return list(edit_infotext(ITEMS, nothing, nothing, run))


def test_items_come_in_a1111s_order() -> None:
    assert _edited() == ["Steps", "Seed", "Model", "VAE", "Zoom", "Version"]


def test_what_is_switched_off_is_left_out() -> None:
    assert _edited(add_model_name_to_info=False, add_version_to_infotext=False) == ["Steps", "Seed", "VAE", "Zoom"]


def test_the_user_is_named_at_the_end_where_the_setting_says_so_and_somebody_has_logged_in() -> None:
    assert _edited("ann", add_user_name_to_info=True)[-2:] == ["Version", "User"]
    assert "User" not in _edited("ann") and "User" not in _edited(add_user_name_to_info=True)


def test_exif_wins_over_png_text() -> None:
    host: Any = None
    reading = read_metadata({"parameters": "png", "exif_user_comment": "exif"}, host)
    assert reading is not None and reading.infotext == "exif"
    assert read_metadata({"Software": "Paint"}, host) is None


def test_what_the_beta_schedule_writes_is_read_back() -> None:
    pairs = ["Beta schedule alpha: 0.9", "Beta schedule beta: 0.3", "UniPC order: 2", "Noise Schedule: Zero Terminal SNR"]
    assert override_settings(pairs, labels=(*LABELS, *AS_WRITTEN)) == {
        "beta_dist_alpha": 0.9,
        "beta_dist_beta": 0.3,
        "uni_pc_order": 2,
        "sd_noise_schedule": "Zero Terminal SNR",
    }
