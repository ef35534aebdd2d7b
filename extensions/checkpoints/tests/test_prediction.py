"""What a checkpoint predicts can be decided by the user: remembered, obeyed by the next picture, and taken back."""

from __future__ import annotations

import pytest

from app.testing.web import running_client, with_tiny_worker
from extensions.checkpoints.panel import decision_note, hash_mark
from extensions.checkpoints.switch import current

ROUTE = "/paintbox/v1/checkpoints/prediction-type"


@pytest.fixture
def served(make_host):
    host = make_host("checkpoints", "samplers", "noise_schedules", "txt2img")
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        yield client, host


def picture(host):
    request = {"prompt": "tree", "seed": 7, "steps": 3, "sampler": "Euler"}
    job = host.jobs.wait(host.jobs.submit("generate", request, owner="", source="test", settings=host.settings.changed()).id, 60)
    assert job.state == "done", job.error
    with open(job.result.images[0].path, "rb") as file:
        return file.read()


def test_the_choice_is_remembered_and_decides_the_next_picture(served):
    client, host = served
    state = client.get(ROUTE, params={"checkpoint": "first"}).json()
    assert (state["prediction_type"], state["zero_terminal_snr"]) == ("epsilon", False)
    assert state["found"] == {"prediction_type": "epsilon", "zero_terminal_snr": False}
    assert client.get(ROUTE).json() == state, "the one in use, where none is named"
    assert decision_note(host) == ""
    assert state["chosen"] == {"prediction_type": None, "zero_terminal_snr": None}
    plain = picture(host)
    changed = client.put(ROUTE, json={"checkpoint": "first.safetensors", "prediction_type": "v", "zero_terminal_snr": True}).json()
    assert changed["chosen"] == {"prediction_type": "v", "zero_terminal_snr": True}
    assert (changed["prediction_type"], changed["zero_terminal_snr"]) == ("v", True)
    assert changed["found"] == state["found"]
    assert "v prediction, zero terminal SNR, as you chose; the file says epsilon." in decision_note(host)
    assert client.get(ROUTE, params={"checkpoint": "first"}).json() == changed
    assert picture(host) != plain
    client.put(ROUTE, json={"checkpoint": "first"})
    assert client.get(ROUTE, params={"checkpoint": "first"}).json() == state
    assert picture(host) == plain


def test_the_page_is_told_the_hash_of_the_checkpoint_in_use(served):
    client, host = served
    record = host.models.find("checkpoint", "first")
    host.models.put_hash(record, "ab" * 32, None)
    assert f'data-sha256="{"ab" * 32}"' in hash_mark(host)
    assert client.get("/paintbox/v1/checkpoints/current").json() == {"title": current(host).title, "sha256": "ab" * 32}


def test_what_cannot_be_decided_is_refused_by_name(served):
    client, _ = served
    missing = client.put(ROUTE, json={"checkpoint": "nowhere", "prediction_type": "v"})
    assert missing.status_code == 404 and "nowhere" in missing.text
    assert client.put(ROUTE, json={"checkpoint": "first", "prediction_type": "x0"}).status_code == 422


@pytest.mark.parametrize(("flags", "status"), [({}, 403), ({"open_model_files": True}, 200)])
def test_who_may_not_change_model_files_may_look_and_not_decide(make_host, flags, status):
    """What one decides holds for everybody who draws with this file."""
    host = make_host("checkpoints", "samplers", "noise_schedules", nowebui=True, listen=True, **flags)
    with_tiny_worker(host, "first.safetensors")
    far = {"X-Forwarded-For": "192.168.1.7"}
    with running_client(host) as client:
        before = client.get(ROUTE, headers=far)
        answer = client.put(ROUTE, json={"checkpoint": "first", "prediction_type": "v"}, headers=far)
        after = client.get(ROUTE, headers=far).json()
    assert (before.status_code, answer.status_code) == (200, status)
    assert after["prediction_type"] == ("v" if status == 200 else "epsilon")
