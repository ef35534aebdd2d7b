"""What a user can set of the networks of the panel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from app.api import Json, Params, Value

NOTHING = ("", "none")
LORA = "LoRA"
OTHER_MODULE = "other module "
"""Stands before the name of a network of another kind than LoRA, which the old extension could load."""
SWITCHES = 2
ROW_ARGUMENTS = 4


class NetworkRow(Value):
    """One row of the panel: the file by its name, "name(hash)" too, and how strongly it changes U-Net and text encoders.

    ``blocks``: factors by block, numbers with commas or the name of a preset (see the extension ``lora``); "" for none.
    """

    model: str = ""
    unet: float = Field(1.0, ge=-10.0, le=10.0, allow_inf_nan=False)
    text_encoder: float = Field(1.0, ge=-10.0, le=10.0, allow_inf_nan=False)
    blocks: str = ""
    enabled: bool = True


ROWS = TypeAdapter(tuple[NetworkRow, ...])


class AdditionalNetworksParams(Params):
    """Off unless ticked; ``networks`` is a JSON list of NetworkRow, as a list or as its text."""

    feature: ClassVar[str] = "additional_networks"
    script: ClassVar[str] = "Additional networks for generating"
    switch: ClassVar[str] = "enabled"

    enabled: bool = Field(
        False, title="Enable", json_schema_extra={"infotext": "AddNet Enabled", "elem_id": "additional_networks-checkbox"}
    )
    separate_weights: bool = Field(
        False,
        title="Separate UNet/Text Encoder weights",
        json_schema_extra={"infotext": "AddNet Separate Weights", "elem_id": "additional_networks_separate_weights"},
    )
    networks: str = Field("", title="Networks", json_schema_extra={"elem_id": "additional_networks_rows"})

    @field_validator("networks", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """One form for equal rows; ValueError that says which row is wrong, and why."""
        if value in (None, "", [], ()):
            return ""
        try:
            rows = ROWS.validate_json(value) if isinstance(value, str) else ROWS.validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(int(part) + 1 if isinstance(part, int) else part) for part in first["loc"])
            raise ValueError(f"row {place}: {first['msg']}" if place else str(first["msg"])) from None
        return json.dumps([row.model_dump(mode="json") for row in rows]) if rows else ""

    @property
    def rows(self) -> tuple[NetworkRow, ...]:
        """The rows, also those that are off."""
        return ROWS.validate_json(self.networks) if self.networks else ()

    @property
    def used(self) -> tuple[NetworkRow, ...]:
        """The rows that change something; without separate weights the U-Net's counts for the text encoders too."""
        if not self.enabled:
            return ()
        rows = [row for row in self.rows if row.enabled and row.model.strip().lower() not in NOTHING]
        if not self.separate_weights:
            rows = [row.model_copy(update={"text_encoder": row.unet}) for row in rows]
        return tuple(row for row in rows if row.unet or row.text_encoder)

    @classmethod
    def labels(cls, fields: Mapping[str, str]) -> frozenset[str]:
        """The declared ones, and the numbered ones of every row."""
        from extensions.additional_networks.infotext import row_labels

        return super().labels(fields) | row_labels(fields)

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """The rows that it names; the switches follow from them."""
        from extensions.additional_networks.infotext import read_rows

        rows = read_rows(fields, host)
        separate = any(row.unet != row.text_encoder for row in rows)
        return {"enabled": bool(rows), "separate_weights": separate, "networks": [row.model_dump(mode="json") for row in rows]}

    @classmethod
    def from_script(cls, arguments: Sequence[Json]) -> dict[str, Json]:
        """Two switches, then module, model, weight of the U-Net and of the text encoder of each row; what follows them is left out."""
        rows: list[Json] = []
        given = list(arguments[SWITCHES:])
        while len(given) >= ROW_ARGUMENTS and isinstance(given[0], str) and isinstance(given[1], str | None):
            module, model, unet, text = given[:ROW_ARGUMENTS]
            named = str(model or "") if module == LORA or str(model or "").lower() in NOTHING else f"{OTHER_MODULE}{module}: {model}"
            rows.append({"model": named, "unet": unet, "text_encoder": text})
            del given[:ROW_ARGUMENTS]
        return {**dict(zip(("enabled", "separate_weights"), arguments, strict=False)), "networks": rows}
