"""Facts that complete or overrule what a header says: learned while a file was loaded, or chosen by the user."""

from __future__ import annotations

from collections.abc import Mapping

from app.values.base import Json
from app.values.model import ModelIdentity
from app.weights.store import FileKey, ModelStore

LEARNED = ("prediction_type", "native_size_px")
"""Facts that complete an identity where the header left them open."""
CHOOSABLE = ("prediction_type", "zero_terminal_snr")
"""Facts in which the user has the last word."""
_CHOSEN = "chosen:"


class ModelFacts:
    """The facts of all files; what users chose is kept in memory, because every listing asks for it."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._chosen: Mapping[str, Mapping[FileKey, Json]] = {}
        self.reload()

    def reload(self) -> None:
        """Take in what another process has written meanwhile."""
        self._chosen = {name: self._store.facts(_CHOSEN + name) for name in CHOOSABLE}

    def chosen(self, key: FileKey) -> dict[str, Json]:
        """What the user decided about this state of the file."""
        values = {name: known.get(key) for name, known in self._chosen.items()}
        return {name: value for name, value in values.items() if value is not None}

    def choose(self, key: FileKey, values: Mapping[str, Json]) -> None:
        """Remember decisions by the names of ``CHOOSABLE``; None takes one back."""
        for name in CHOOSABLE:
            if name in values:
                self._store.put_fact(key, _CHOSEN + name, values[name])
        self.reload()

    def complete(self, identity: ModelIdentity | None, key: FileKey, *, with_choice: bool = True) -> ModelIdentity | None:
        """The identity with what was chosen, and with what was learned where the header left the kind of prediction open."""
        if identity is None or not identity.supported:
            return identity
        known = self.chosen(key) if with_choice else {}
        if identity.prediction_type is None:
            facts = {name: self._store.fact(key, name) for name in LEARNED if getattr(identity, name) is None}
            known = {**{name: value for name, value in facts.items() if value is not None}, **known}
        return ModelIdentity.model_validate({**identity.model_dump(), **known}) if known else identity
