"""What is left in control groups, and which errors mean that memory ran out."""

from __future__ import annotations

import pytest

from app.memory import _left_in_cgroups, available_bytes, gib, give_back, is_out_of_memory

MIB = 1 << 20


def _group(folder, limit, used, droppable=0):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {droppable}\nactive_file 5\n")


def test_every_limit_from_the_own_group_up_counts(tmp_path):
    own = tmp_path / "cgroup"
    own.write_text("0::/pod/worker\n")
    root = tmp_path / "fs"
    _group(root / "pod" / "worker", "max", 7)
    _group(root / "pod", 100 * MIB, 90 * MIB, droppable=30 * MIB)
    assert list(_left_in_cgroups(root, own)) == [40 * MIB]
    _group(root / "pod" / "worker", 50 * MIB, 60 * MIB)
    assert list(_left_in_cgroups(root, own)) == [0, 40 * MIB]


@pytest.mark.parametrize("text", ["", "12:memory:/old\n", "0::/nowhere\n"])
def test_systems_without_such_groups_have_no_limit(tmp_path, text):
    own = tmp_path / "cgroup"
    own.write_text(text)
    assert list(_left_in_cgroups(tmp_path, own)) == []
    assert list(_left_in_cgroups(tmp_path, tmp_path / "missing")) == []


def test_this_machine_has_some_memory():
    give_back("cpu")
    assert available_bytes("cpu") > MIB
    assert gib(3 << 29) == "1.5 GiB"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("CUDA out of memory."), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_of_this_kind(error, expected):
    assert is_out_of_memory(error) is expected
