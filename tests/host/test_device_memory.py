"""What the tensor library tells of a device's memory."""

from __future__ import annotations

import pytest
import torch

from app.device_memory import TorchMemory


@pytest.mark.parametrize("device", ["cpu", "mps", "xpu"])
def test_other_devices_tell_nothing(device) -> None:
    assert TorchMemory().free_bytes(device) is None


def test_a_cuda_device_is_asked_after_the_allocator_has_given_back_what_it_holds(monkeypatch) -> None:
    calls = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: calls.append("empty"))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (calls.append(str(device)), (5, 9))[1])
    assert TorchMemory().free_bytes("cuda:1") == 5
    assert calls == ["empty", "cuda:1"]


@pytest.mark.parametrize(
    ("error", "exhausted"),
    [(torch.OutOfMemoryError("CUDA out of memory"), True), (MemoryError(), True), (RuntimeError("size mismatch"), False)],
)
def test_an_exhausted_memory_is_told_from_other_errors(error, exhausted) -> None:
    assert TorchMemory().is_exhausted(error) is exhausted
