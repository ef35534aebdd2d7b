"""The settings of the keys, under A1111's names."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_PAGE: JsonDict = {"page": True}
_Whitespace = Literal["Tab", "Carriage Return", "Line Feed"]


class KeySettings(BaseModel):
    """Steps, and where words end."""

    model_config = ConfigDict(frozen=True)

    keyedit_precision_attention: float = Field(
        0.1, ge=0.01, le=0.2, title="Precision for (attention:1.1) when editing the prompt with Ctrl+up/down", json_schema_extra=_PAGE
    )
    keyedit_precision_extra: float = Field(
        0.05, ge=0.01, le=0.2, title="Precision for <extra networks:0.9> when editing the prompt with Ctrl+up/down", json_schema_extra=_PAGE
    )
    keyedit_delimiters: str = Field(
        r".,\/!?%^*;:{}=`~() ", title="Word delimiters when editing the prompt with Ctrl+up/down", json_schema_extra=_PAGE
    )
    keyedit_delimiters_whitespace: list[_Whitespace] = Field(
        ["Tab", "Carriage Return", "Line Feed"],
        title="Ctrl+up/down whitespace delimiters",
        json_schema_extra=_PAGE,
    )
    keyedit_move: bool = Field(True, title="Alt+left/right moves prompt elements", json_schema_extra=_PAGE)
