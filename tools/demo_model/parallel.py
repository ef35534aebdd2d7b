"""Trains with one single-threaded process per core, whose gradients are averaged after every step.

Threads that meet at a barrier after every small operation waste most of a core when the machine has other work too;
processes that meet once a step do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import distributed


def join(rank: int, processes: int, port: int) -> None:
    """Makes this process number `rank` of the training group."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=processes)


def average_gradients(parameters: Sequence[torch.nn.Parameter], share: float) -> float:
    """Averages all gradients over the group, and the used share of the time, which it returns."""
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([*(gradient.reshape(-1) for gradient in gradients), torch.tensor([share])])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.grad = flat[start : start + count].view_as(parameter)
        start += count
    return float(flat[-1])


def sum_over_processes(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The sums of each tensor over the group, flattened."""
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    return list(flat.split([tensor.numel() for tensor in tensors]))


def rank() -> int:
    """This process's number in the group; 0 writes the files."""
    return distributed.get_rank()


def processes() -> int:
    """How many processes train together."""
    return distributed.get_world_size()


def wait_for_all() -> None:
    """Returns when every process of the group has come here."""
    distributed.barrier()
