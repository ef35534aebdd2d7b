"""ComfyUI's node graph as an untrusted input: links are followed without recursion, each node at most once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.api import Json
from extensions.a1111_infotext.api import JsonObject, number_of, text_of

MOST_NODES = 5000
"""Larger graphs are not read."""
MOST_HOPS = 200
"""A value behind more links than that is not found."""
VALUE_INPUTS = ("value", "seed", "noise_seed", "int", "float", "number", "Number")
TEXT_INPUTS = ("text", "value", "string", "String", "prompt", "wildcard_text", "text_g", "populated_text", "result")


@dataclass(frozen=True)
class Node:
    """One node: its class and its inputs, which are values or links ``[node id, output]``."""

    id: str
    kind: str
    inputs: JsonObject


class Graph:
    """The nodes by id."""

    def __init__(self, prompt: JsonObject) -> None:
        nodes = (_node(node_id, value) for node_id, value in prompt.items())
        self._nodes = {node.id: node for node in nodes if node is not None}

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def linked(self, node: Node | None, name: str) -> Node | None:
        """The node behind an input; None when it holds a value or leads nowhere."""
        return self._target(node.inputs.get(name)) if node else None

    def links(self, node: Node, names: Collection[str] | None = None) -> list[Node]:
        """The nodes behind the named inputs, or behind all."""
        wanted = node.inputs if names is None else [name for name in node.inputs if name in names]
        return [found for name in wanted if (found := self.linked(node, name)) is not None]

    def walk(self, start: Node | None, names: Collection[str] | None) -> Iterator[Node]:
        """``start`` and all nodes behind the named inputs (None: all), nearest first, each once."""
        waiting, seen = [start] if start else [], set[str]()
        while waiting:
            node = waiting.pop(0)
            if node.id in seen:
                continue
            seen.add(node.id)
            yield node
            waiting.extend(self.links(node, names))

    def number(self, node: Node, name: str) -> int | float | None:
        """The number in an input, or in the node behind it."""
        return number_of(self._value(node, name, VALUE_INPUTS, (int, float)))

    def text(self, node: Node, name: str) -> str:
        """The text in an input, or in the node behind it; "" when there is none."""
        return text_of(self._value(node, name, TEXT_INPUTS, (str,)))

    def _value(self, node: Node, name: str, names: Collection[str], types: tuple[type, ...]) -> Json:
        """The value of an input; a link is followed to a node that has a value of these types in one of ``names``."""
        value = node.inputs.get(name)
        for _ in range(MOST_HOPS):
            target = self._target(value)
            if target is None:
                return value if isinstance(value, types) else None
            values = [target.inputs[each] for each in names if each in target.inputs]
            plain = next((each for each in values if isinstance(each, types)), None)
            if plain is not None:
                return plain
            links = [each for each in (*values, *target.inputs.values()) if self._target(each) is not None]
            if not links:
                return None
            value = links[0]
        return None

    def _target(self, value: Json) -> Node | None:
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str | int):
            return self._nodes.get(str(value[0]))
        return None


def _node(node_id: str, value: Json) -> Node | None:
    if not isinstance(value, dict):
        return None
    inputs = value.get("inputs")
    return Node(node_id, text_of(value.get("class_type")), inputs if isinstance(inputs, dict) else {})
