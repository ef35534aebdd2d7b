"""The environment of a worker: the allocator's settings on glibc, and what the user decided is kept."""

from __future__ import annotations

import pytest

from extensions.local_executor.launch import ALLOCATOR, WORKER_ENVIRONMENT, worker_environment


def test_the_allocator_is_set_on_glibc_alone():
    assert ALLOCATOR.items() <= worker_environment({}, uses_glibc=True).items()
    assert not ALLOCATOR.keys() & worker_environment({}, uses_glibc=False).keys()


@pytest.mark.parametrize(
    "given", [{"MALLOC_ARENA_MAX": "2"}, {"MALLOC_TRIM_THRESHOLD_": "1"}, {"LD_PRELOAD": "/usr/lib/libtcmalloc_minimal.so"}]
)
def test_whoever_decides_about_the_allocator_decides_about_all_of_it(given):
    environment = worker_environment(given, uses_glibc=True)
    assert {name: environment[name] for name in environment if name.startswith("MALLOC_")} == {
        name: value for name, value in given.items() if name.startswith("MALLOC_")
    }


def test_what_the_program_was_started_with_wins():
    environment = worker_environment({"HF_HUB_OFFLINE": "0", "PATH": "/bin"})
    assert (environment["HF_HUB_OFFLINE"], environment["PATH"]) == ("0", "/bin")
    assert environment["TRANSFORMERS_OFFLINE"] == WORKER_ENVIRONMENT["TRANSFORMERS_OFFLINE"]
