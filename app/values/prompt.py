"""What is read out of prompts and travels: the tags that ask for networks."""

from __future__ import annotations

from app.values.base import Value


class PromptTag(Value):
    """A tag ``<type:item:item>`` of a prompt; an item with one ``=`` is a named one."""

    type: str
    items: tuple[str, ...]

    @property
    def positional(self) -> tuple[str, ...]:
        """The items without a name, in order."""
        return tuple(item for item in self.items if item.count("=") != 1)

    @property
    def named(self) -> dict[str, str]:
        """The named items; of one name the last counts."""
        pairs = (item.partition("=") for item in self.items if item.count("=") == 1)
        return {name: value for name, _, value in pairs}

    def __str__(self) -> str:
        return f"<{':'.join((self.type, *self.items))}>"
