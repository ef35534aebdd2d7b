"""What the tensor library tells of a device's memory."""

from __future__ import annotations

import pytest
import torch

from app.device_memory import TorchMemory, told_memory


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


def test_the_memory_of_a_card_is_told_as_a1111s_clients_know_it(monkeypatch) -> None:
    stats = {"active_bytes.all.current": 3, "active_bytes.all.peak": 4, "inactive_split_bytes.all.peak": 2, "num_ooms": 1}
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (5, 9))
    monkeypatch.setattr(torch.cuda, "memory_stats", lambda device: stats)
    assert told_memory("cuda:1") == {
        "system": {"free": 5, "used": 4, "total": 9},
        "active": {"current": 3, "peak": 4},
        "allocated": {"current": 0, "peak": 0},
        "reserved": {"current": 0, "peak": 0},
        "inactive": {"current": 0, "peak": 2},
        "events": {"retries": 0, "oom": 1},
    }
    assert told_memory("cpu") == {}
