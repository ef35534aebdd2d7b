"""The Muon optimiser: momentum whose matrices are orthogonalised (Jordan et al. 2024), scaled to AdamW's step size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch

from .parallel import processes, rank, sum_over_processes

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonalised(matrices: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz iteration: (K, m, n) to nearly orthogonal matrices of the same shape, in bfloat16."""
    a, b, c = COEFFICIENTS
    x = matrices.to(torch.bfloat16)
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) * 1.02 + 1e-7)
    for _ in range(ITERATIONS):
        product = x @ x.transpose(1, 2)
        x = a * x + (b * product + c * product @ product) @ x
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """For matrices and convolution weights; give vectors, tables, first and last layers to AdamW."""

    def __init__(self, parameters: Iterable[torch.nn.Parameter], rate: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": rate, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Updates every parameter; each process orthogonalises its part, equal shapes together, and all share the result."""
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[torch.nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                self._momentum(parameter, group["momentum"])
                alike[parameter.shape[0], parameter[0].numel()].append(parameter)
            ordered = [parameter for parameters in alike.values() for parameter in parameters]
            updates = {parameter: torch.zeros_like(parameter, memory_format=torch.contiguous_format) for parameter in ordered}
            for (rows, columns), parameters in alike.items():
                mine = parameters[rank() :: processes()]
                if mine:
                    found = orthogonalised(torch.stack([self._direction(p, group["momentum"]) for p in mine]))
                    for parameter, update in zip(mine, found.float(), strict=True):
                        updates[parameter] = update.mul_(0.2 * max(rows, columns) ** 0.5)
            shared = sum_over_processes([updates[parameter] for parameter in ordered])
            for parameter, update in zip(ordered, shared, strict=True):
                parameter.sub_(update.view(parameter.shape), alpha=group["lr"])

    def _momentum(self, parameter: torch.nn.Parameter, momentum: float) -> None:
        state, gradient = self.state[parameter], parameter.grad
        assert gradient is not None
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradient)
        state["momentum"].lerp_(gradient, 1 - momentum)

    def _direction(self, parameter: torch.nn.Parameter, momentum: float) -> torch.Tensor:
        assert parameter.grad is not None
        return parameter.grad.lerp(self.state[parameter]["momentum"], momentum).flatten(1)


class Both:
    """Muon for the hidden matrices of some models and AdamW for everything else, used as one optimiser."""

    def __init__(self, named: Iterable[tuple[str, torch.nn.Parameter]], rate: float, outer: tuple[str, ...]) -> None:
        hidden, others = [], []
        for name, parameter in named:
            (others if parameter.ndim < 2 or name.startswith(outer) else hidden).append(parameter)
        self._parts: dict[str, torch.optim.Optimizer] = {}
        if hidden:
            self._parts["muon"] = Muon(hidden, rate)
        if others:
            self._parts["adam"] = torch.optim.AdamW(others, rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)

    def set_rate(self, rate: float) -> None:
        """The learning rate of the next step."""
        for optimiser in self._parts.values():
            for group in optimiser.param_groups:
                group["lr"] = rate

    def step(self) -> None:
        """Updates all parameters and forgets their gradients."""
        for optimiser in self._parts.values():
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, object]:
        """Both states."""
        return {name: optimiser.state_dict() for name, optimiser in self._parts.items()}

    def load_state_dict(self, state: dict[str, dict[str, object]]) -> None:
        """Takes up the states that `state_dict` gave."""
        for name, optimiser in self._parts.items():
            optimiser.load_state_dict(state[name])
