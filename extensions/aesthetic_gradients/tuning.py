"""Tunes copies of a text encoder's weights towards a direction, and lets the encoder use them for a while.

Gallego 2022, "Personalizing text-to-image generation via aesthetic gradients", arXiv:2209.12330: a few steps of Adam on the negative
similarity of a text's features and an aesthetic embedding. The encoder's own weights are never written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

PROJECTION = "text_projection"
FUSED_ON = ("cpu", "cuda")
"""Where one pass over the memory does all of Adam's step."""
TABLE = "embeddings.token_embedding.weight"
Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Goal:
    """``direction`` (1, features) of length 1; ``projection`` (features, width) from the encoder's last state to features."""

    direction: Tensor
    projection: Tensor
    steps: int
    learning_rate: float


def features_of(output: Any, tokens: Tensor, projection: Tensor) -> Tensor:
    """Features (B, features) of length 1 from the last state where each text ends, at the first of its largest tokens (B, T)."""
    ends = tokens.argmax(dim=-1)
    last: Tensor = output.last_hidden_state[torch.arange(len(tokens), device=tokens.device), ends]
    return nn.functional.normalize(last.float() @ projection.to(last.device).T, dim=-1)


def tuned_weights(encoder: nn.Module, tokens: Tensor, goal: Goal, check: Callable[[], None]) -> dict[str, Tensor]:
    """All of the encoder's weights in float32, tuned for texts of these tokens (B, T); ``check`` is called at each step, and may raise.

    Of the table of tokens only the rows that occur are tuned: the others have no gradient, so Adam leaves them.
    """
    whole = {name: parameter.detach().float() for name, parameter in encoder.named_parameters()}
    table = next(name for name in whole if name.endswith(TABLE))
    used, places = torch.unique(tokens, return_inverse=True)
    started, direction = {**whole, table: whole[table][used]}, goal.direction.to(tokens.device)
    with torch.enable_grad(), torch.autocast(tokens.device.type, enabled=False):
        leaves = {name: start.clone().requires_grad_() for name, start in started.items() if not name.startswith(PROJECTION)}
        weights = {**started, **leaves}
        optimizer = torch.optim.Adam(leaves.values(), lr=goal.learning_rate, fused=tokens.device.type in FUSED_ON)
        for _ in range(goal.steps):
            check()
            output = functional_call(encoder, weights, kwargs={"input_ids": places, "return_dict": True})
            loss = -(features_of(output, tokens, goal.projection) @ direction.T).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = {name: leaf.detach() for name, leaf in leaves.items()}
    rows = whole[table].clone()
    rows[used] = found[table]
    return {**whole, **found, table: rows}


class TunedEncoding:
    """While it is entered, the encoder tunes itself for whatever it is given to read, from its own weights each time."""

    def __init__(self, encoder: nn.Module, goal: Goal, check: Callable[[], None]) -> None:
        self._encoder = encoder
        self._goal = goal
        self._check = check
        self._own: dict[str, Tensor] = {}
        self._is_tuning = False

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The weights are the encoder's own again afterwards, also after an error: the very tensors."""
        handle = self._encoder.register_forward_pre_hook(self._before, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()
            self._give_back()

    def _before(self, encoder: nn.Module, given: object, named: dict[str, Any]) -> None:
        """Called before the encoder reads ``input_ids`` (B, T); the calls of the tuning itself come here too."""
        if self._is_tuning:
            return
        self._give_back()
        self._is_tuning = True
        try:
            tuned = tuned_weights(encoder, named["input_ids"], self._goal, self._check)
        finally:
            self._is_tuning = False
        for name, parameter in encoder.named_parameters():
            self._own[name] = parameter.data
            parameter.data = tuned[name]

    def _give_back(self) -> None:
        for name, parameter in self._encoder.named_parameters():
            if name in self._own:
                parameter.data = self._own.pop(name).to(parameter.data.device)


def read_features(encoder: nn.Module, projection: Tensor, read: Callable[[], object]) -> Tensor:
    """Features (1, features) of the first text that the encoder reads while ``read`` runs, on the CPU."""
    found: list[Tensor] = []

    def keep(module: nn.Module, given: object, named: dict[str, Any], output: Any) -> None:
        found.append(features_of(output, named["input_ids"], projection)[:1].cpu())

    handle = encoder.register_forward_hook(keep, with_kwargs=True)
    try:
        read()
    finally:
        handle.remove()
    return found[0]
