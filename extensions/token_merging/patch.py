"""Self-attention on merged tokens, by hooks on the U-Net."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from app.api import LoadedModel
from extensions.token_merging.merging import Merging, find_merging


class TokenMerging:
    """A ModelPatch by hooks, for the highest level: compares before a block's norm, merges after it, parts after the self-attention."""

    def __init__(self, ratio: float) -> None:
        self.key = f"token merging {ratio}"
        self._ratio = ratio

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Hook the U-Net for the length of the context."""
        unet, size = model.modules()["unet"], [0, 0]

        def remember(module: nn.Module, inputs: tuple[Any, ...]) -> None:
            size[:] = inputs[0].shape[-2:]

        with ExitStack() as hooks:
            hooks.callback(unet.register_forward_pre_hook(remember).remove)
            for block in unet.modules():
                for handle in self._hooked(block, size):
                    hooks.callback(handle.remove)
            yield

    def _hooked(self, block: Any, size: list[int]) -> list[Any]:
        if not (hasattr(block, "attn1") and hasattr(block, "norm1")):
            return []
        found: list[Merging | None] = [None]

        def compare(module: nn.Module, inputs: tuple[Any, ...]) -> None:
            found[0] = find_merging(inputs[0], size[0], size[1], self._ratio) if inputs[0].shape[1] == size[0] * size[1] else None

        def merge(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...] | None:
            return (found[0].merge(inputs[0]), *inputs[1:]) if found[0] else None

        def part(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor | None:
            return found[0].unmerge(output) if found[0] else None

        norm, attention = block.norm1, block.attn1
        return [norm.register_forward_pre_hook(compare), attention.register_forward_pre_hook(merge), attention.register_forward_hook(part)]
