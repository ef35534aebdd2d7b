"""The list of model files that tools of the page choose from."""

from __future__ import annotations

from pathlib import Path

from app.testing.hosts import HostMaker
from app.testing.tiny import write_tiny_checkpoint
from app.testing.web import running_client, with_tiny_worker


def test_model_files_are_listed_by_the_kinds_of_their_folders(make_host: HostMaker) -> None:
    host = make_host(nowebui=True)
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        (folder,) = client.get("/paintbox/v1/model-index").json().items()
        assert folder[0] == "checkpoint" and folder[1]["title"] == "Checkpoints"
        (model,) = folder[1]["models"]
        assert (model["name"], model["family"], model["kind"], model["problem"]) == ("first.safetensors", "tiny", "checkpoint", "")
        assert str(host.paths.models) not in str(folder)
        write_tiny_checkpoint(Path(host.paths.models) / "Stable-diffusion" / "sub" / "second.safetensors")
        listed = client.get("/paintbox/v1/model-index", params={"kind": ["checkpoint", "nothing"], "refresh": True}).json()
        assert [model["name"] for model in listed["checkpoint"]["models"]] == ["first.safetensors", "sub/second.safetensors"]
        assert list(listed) == ["checkpoint"]
