"""The list of hypernetworks, as API clients read it."""

from __future__ import annotations

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker
from extensions.hypernetworks.testing import write_hypernetwork


def test_files_are_listed_by_name_and_path_and_found_after_a_refresh(tmp_path):
    folder = tmp_path / "models" / "hypernetworks"
    style = write_hypernetwork(folder / "below" / "style.pt", [8])
    write_hypernetwork(folder / "None.pt", [8])
    host = temporary_host(tmp_path, ["hypernetworks", "samplers", "noise_schedules"], options={"nowebui": True})
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        assert client.get("/sdapi/v1/hypernetworks").json() == [{"name": "style", "path": str(style)}]
        another = write_hypernetwork(folder / "Another.pt", [8])
        assert client.post("/sdapi/v1/refresh-hypernetworks").status_code == 200
        assert client.get("/sdapi/v1/hypernetworks").json() == [
            {"name": "Another", "path": str(another)},
            {"name": "style", "path": str(style)},
        ]
