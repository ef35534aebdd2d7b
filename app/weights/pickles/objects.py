"""Objects that exist only while a pickle is read: they are filled in steps, and become plain values at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.weights.pickles.refusal import Damaged


@dataclass(slots=True, eq=False)
class Dropped:
    """An object of a class whose contents are left out."""

    name: str


@dataclass(slots=True, eq=False)
class ParameterContainer:
    """torch's ParameterDict or ParameterList: a module that holds nothing but parameters."""

    is_list: bool
    parameters: dict[object, object] = field(default_factory=dict)

    def fill(self, state: dict[object, object]) -> None:
        """Take the parameters out of a module's attributes; newer versions keep some beside the others, named by ``_keys``."""
        parameters = state.get("_parameters")
        if isinstance(parameters, dict):
            self.parameters.update(parameters)
        keys = state.get("_keys")
        for key in keys if isinstance(keys, dict) else ():
            if isinstance(key, str) and key in state:
                self.parameters[key] = state[key]


@dataclass(slots=True, eq=False)
class NumberFormat:
    """numpy's dtype of plain numbers; ``dtype`` by safetensors' name."""

    dtype: str
    is_big_endian: bool = False


@dataclass(slots=True, eq=False)
class NumberArray:
    """numpy's array, empty until its state comes."""

    format: NumberFormat | None = None
    shape: tuple[int, ...] = ()
    is_column_major: bool = False
    data: bytes = b""


def plain_text(value: object, what: str) -> str:
    """``value`` as a text; raises Damaged."""
    if not isinstance(value, str):
        raise Damaged(f"has {what} that is no text")
    return value
