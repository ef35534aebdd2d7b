"""Scripts get the settings of the keys; the rules themselves are tested in Chromium."""

from __future__ import annotations

from typing import Any

import pytest

from app.api import UserError
from app.testing.web import running_client


def test_scripts_get_the_settings(make_host: Any) -> None:
    host = make_host("prompt_editing")
    host.settings.set({"keyedit_precision_attention": 0.05})
    with pytest.raises(UserError, match="keyedit_precision_extra"):
        host.settings.set({"keyedit_precision_extra": 2.0})
    with running_client(host) as client:
        known = client.get("/paintbox/v1/page/settings").json()
    assert (known["keyedit_precision_attention"], known["keyedit_precision_extra"], known["keyedit_move"]) == (0.05, 0.05, True)
    assert known["keyedit_delimiters"] == r".,\/!?%^*;:{}=`~() "
    assert known["keyedit_delimiters_whitespace"] == ["Tab", "Carriage Return", "Line Feed"]
