"""A host with one good extension and a bad one."""

from __future__ import annotations

import pytest

GOOD = '''
"""Registers one sampler."""
from app.api import Sampler, hookimpl

@hookimpl
def register_samplers(host):
    return [Sampler("Good", lambda: None)]
'''


@pytest.fixture
def start(make_host, write_extension):
    """A host with the extension ``good`` and one ``bad`` of this code."""

    def run(code: str, **manifest):
        write_extension("good", GOOD)
        write_extension("bad", code, **manifest)
        return make_host("good", "bad")

    return run
