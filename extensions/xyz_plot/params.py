"""What a user can set of a plot, in the order of A1111's ``script_args``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from app.api import Json, ScriptParams
from extensions.xyz_plot.values_text import join_csv, split_csv

NOTHING = "Nothing"
LETTERS = ("X", "Y", "Z")


def _as_text(value: object) -> object:
    """Clients send a number or a list where a text of values is meant."""
    if isinstance(value, list | tuple):
        return join_csv([str(part) for part in value])
    return "" if value is None else str(value) if isinstance(value, int | float) else value


def _as_list(value: object) -> object:
    return () if value in (None, "") else (value,) if isinstance(value, str) else value


Typed = Annotated[str, BeforeValidator(_as_text)]
Chosen = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


def _type(letter: str, default: str) -> Any:
    extra: dict[str, Json] = {"index": True, "choices": [default], "infotext": f"{letter} Type"}
    return Field(default, title=f"{letter} type", json_schema_extra=extra)


def _values(letter: str) -> Any:
    extra: dict[str, Json] = {"infotext": f"{letter} Values"}
    return Field("", max_length=200_000, title=f"{letter} values", json_schema_extra=extra)


def _chosen(letter: str) -> Any:
    return Field((), title=f"{letter} values", description="Chosen from those that there are.")


class PlotParams(ScriptParams):
    """Types are titles of axes; values are chosen (``*_dropdown``) where the axis has choices, unless ``csv_mode`` has them typed."""

    feature: ClassVar[str] = "xyz_plot"

    x_type: str = _type("X", "Seed")
    x_values: Typed = _values("X")
    x_values_dropdown: Chosen = _chosen("X")
    y_type: str = _type("Y", NOTHING)
    y_values: Typed = _values("Y")
    y_values_dropdown: Chosen = _chosen("Y")
    z_type: str = _type("Z", NOTHING)
    z_values: Typed = _values("Z")
    z_values_dropdown: Chosen = _chosen("Z")
    draw_legend: bool = Field(True, title="Draw legend")
    include_lone_images: bool = Field(False, title="Include Sub Images")
    include_sub_grids: bool = Field(False, title="Include Sub Grids")
    no_fixed_seeds: bool = Field(False, title="Keep -1 for seeds")
    vary_seeds_x: bool = Field(False, title="Vary seeds for X")
    vary_seeds_y: bool = Field(False, title="Vary seeds for Y")
    vary_seeds_z: bool = Field(False, title="Vary seeds for Z")
    margin_size: int = Field(0, ge=0, le=500, title="Grid margins (px)", json_schema_extra={"step": 2})
    csv_mode: bool = Field(False, title="Use text inputs instead of dropdowns")

    @classmethod
    def form_choices(cls, host: Any, form: str) -> Mapping[str, Sequence[str]]:
        """The axes of the form."""
        from extensions.xyz_plot.axes import axes_of

        titles = list(axes_of(host, form))
        return {f"{letter.lower()}_type": titles for letter in LETTERS}

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """Types and values; the others are not written."""
        said: dict[str, Json] = {}
        for letter in LETTERS:
            name, text = letter.lower(), fields.get(f"{letter} Values", "")
            said |= {f"{name}_type": fields.get(f"{letter} Type", NOTHING), f"{name}_values": text}
            said[f"{name}_values_dropdown"] = list[Json](split_csv(text))
        return said

    @classmethod
    def labels(cls, fields: Mapping[str, str]) -> frozenset[str]:
        """Those of random seeds that were drawn too: they are told, not read."""
        return super().labels(fields) | {f"Fixed {letter} Values" for letter in LETTERS}

    def axis(self, letter: str) -> tuple[str, str, tuple[str, ...]]:
        """Type, typed values and chosen values of the axis "X", "Y" or "Z"."""
        name = letter.lower()
        return getattr(self, f"{name}_type"), getattr(self, f"{name}_values"), getattr(self, f"{name}_values_dropdown")

    def varies_seeds(self, letter: str) -> bool:
        """Whether each value of the axis has a seed of its own."""
        return bool(getattr(self, f"vary_seeds_{letter.lower()}"))
