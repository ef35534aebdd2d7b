"""Hashes of all checkpoints on request."""

from __future__ import annotations

from pathlib import Path

from app.testing import HostMaker
from app.testing.tiny import write_tiny_checkpoint
from app.testing.web import running_client

ADDRESS = "/paintbox/v1/checkpoint-hashes"


def test_every_checkpoint_gets_its_hash(make_host: HostMaker) -> None:
    host = make_host("settings_actions", "stable_diffusion", nowebui=True)
    for seed, name in enumerate(("one", "two")):
        write_tiny_checkpoint(Path(host.paths.models) / "Stable-diffusion" / f"{name}.safetensors", seed)
    host.models.refresh("checkpoint")
    with running_client(host) as client:
        answer = client.post(ADDRESS, params={"threads": 2}).json()
        assert answer["message"] == "2 of 2 missing hashes were computed." and answer["problems"] == []
        assert all(record.sha256 for record in host.models.records("checkpoint"))
        assert client.post(ADDRESS).json()["hashed"] == []
        assert client.post(ADDRESS, params={"threads": 0}).status_code == 422


def test_no_hashing_is_respected(make_host: HostMaker) -> None:
    with running_client(make_host("settings_actions", "checkpoints", nowebui=True, hash_models=False)) as client:
        assert client.post(ADDRESS).status_code == 409
