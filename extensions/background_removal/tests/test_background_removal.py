"""The operation is there only where rembg is; a stand-in of the package shows what it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from app.api import UserError
from extensions.background_removal import models, register_image_operations
from extensions.background_removal.removal import RemovalParams, check, remove
from extensions.extras.api import Picture


def test_nothing_is_offered_without_the_package_or_without_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    host: Any = None
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    monkeypatch.setattr("extensions.background_removal.models.find_spec", lambda name: None)
    assert register_image_operations(host) == []
    monkeypatch.setattr("extensions.background_removal.models.find_spec", lambda name: object())
    assert register_image_operations(host) == [], "no model lies there, and none is fetched"
    (tmp_path / "silueta.onnx").touch()
    (tmp_path / "u2net.onnx").touch()
    assert models.models_there() == ["u2net", "silueta"]
    (operation,) = register_image_operations(host)
    assert operation.title == "Remove background"
    with pytest.raises(UserError, match="other"):
        check(RemovalParams(model="other"), host)


def test_the_package_is_asked_for_the_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, Any] = {}
    stand_in = ModuleType("rembg")

    def removed(image: Image.Image, **more: Any) -> Image.Image:
        asked.update(more)
        return image.convert("RGBA")

    stand_in.new_session = lambda name: f"session {name}"  # type: ignore[attr-defined]
    stand_in.remove = removed  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rembg", stand_in)
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    (tmp_path / "u2net.onnx").touch()
    run: Any = type("Run", (), {"host": None})()
    (made,) = remove(Picture(Image.new("RGB", (4, 4)), Path("x.png")), RemovalParams(alpha_matting=True), run)
    assert asked == {"session": "session u2net", "only_mask": False, "alpha_matting": True}
    assert made.image.mode == "RGBA"
    assert made.facts == {"Rembg model": "u2net"}
