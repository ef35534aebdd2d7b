"""The Python client against a server behind a real socket, whose worker draws with a tiny model."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.testing.hosts import temporary_host
from app.testing.web import served, with_tiny_worker
from paintbox_client import Client, Job, NoServerError, PaintboxError, Progress, RefusedError

SMALL = {"steps": 2, "width": 64, "height": 64}


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    extensions = ("a1111_api", "passwords", "samplers", "noise_schedules", "img2img")
    options = {"nowebui": True, "flags": {"api-auth": "me:pw"}}
    host = temporary_host(tmp_path_factory.mktemp("live"), extensions, options=options)
    worker = with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with served(host) as address:
        yield address, worker


@pytest.fixture
def client(live) -> Client:
    return Client(live[0], user="me", password="pw")


@pytest.fixture
def held(live) -> Iterator[None]:
    """The worker waits before its first step."""
    _, worker = live
    worker.hold.clear()
    yield
    worker.hold.set()


def test_a_picture_is_drawn_watched_and_saved(client: Client, tmp_path: Path) -> None:
    job = client.txt2img("a cat", seed=5, negative_prompt="dog", batch_count=2, **SMALL)
    seen: list[Progress] = []
    facts = job.wait(seen.append)
    assert facts.state == "done"
    assert [(picture.kind, picture.seed) for picture in facts.pictures] == [("grid", 5), ("sample", 5), ("sample", 6)]
    assert seen[-1].fraction == 1.0
    assert facts.pictures[1].infotext.startswith("a cat\nNegative prompt: dog\nSteps: 2")
    assert Image.open(io.BytesIO(job.download(facts.pictures[1]))).size == (64, 64)
    files = job.save(tmp_path / "pictures")
    assert [file.suffix for file in files] == [".png"] * 3 and all(file.is_file() for file in files)


def test_a_picture_begins_with_a_picture(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "orange.png"
    Image.new("RGB", (64, 64), "orange").save(file)
    job = client.img2img("a cat", file, denoising_strength=0.0, **SMALL)
    job.wait()
    assert "Denoising strength: 0" in job.pictures[0].infotext


def test_jobs_are_listed_ordered_and_cancelled(client: Client, held: None) -> None:
    running, *waiting = [client.txt2img(prompt, **SMALL) for prompt in ("a", "b", "c")]
    waiting[1].move(0)
    assert [job.look().position for job in waiting] == [1, 0]
    assert [job.id for job in client.jobs(state="queued")] == [waiting[1].id, waiting[0].id]
    for job in (*waiting, running):
        job.cancel()
    assert client.job(waiting[0].id).facts.state == "cancelled"
    with pytest.raises(PaintboxError, match="cancelled"):
        running.wait()


def test_one_key_is_one_job(client: Client, held: None) -> None:
    first, again = (client.txt2img("a", idempotency_key="k1", **SMALL) for _ in range(2))
    assert first.id == again.id
    with pytest.raises(RefusedError, match="another request"):
        client.txt2img("b", idempotency_key="k1", **SMALL)
    first.cancel()


def test_waiting_goes_on_when_the_line_breaks(client: Client, held: None, live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = client.txt2img("a", **SMALL)
    events, lines = Job.events, []

    def breaking(self: Job):
        lines.append(len(lines))
        if len(lines) == 1:
            live[1].hold.set()
            raise NoServerError("broken")
        return events(self)

    monkeypatch.setattr(Job, "events", breaking)
    assert job.wait().state == "done" and lines


def test_errors_say_what_is_wrong(client: Client, live) -> None:
    with pytest.raises(RefusedError) as caught:
        client.txt2img("a", steps=0)
    assert caught.value.status == 422 and "steps" in caught.value.field
    with pytest.raises(RefusedError) as caught:
        client.job("nonsense")
    assert caught.value.status == 404
    with pytest.raises(RefusedError) as caught:
        Client(live[0], user="me", password="wrong").samplers()
    assert caught.value.status == 401
    for address in ("http://127.0.0.1:9", "ftp://127.0.0.1"):
        with pytest.raises(NoServerError):
            Client(address).worker()


def test_what_there_is_can_be_asked(client: Client) -> None:
    assert [title.partition(".")[0] for title in client.checkpoints()] == ["first", "second"]
    assert "Euler a" in client.samplers()
    client.set_options({"s_noise": 0.9})
    assert client.options()["s_noise"] == 0.9
    client.set_options({"s_noise": 1.0})
    assert client.worker()["type"] == "worker"


def test_many_threads_share_a_client(client: Client) -> None:
    jobs: list[Job] = []
    threads = [threading.Thread(target=lambda: jobs.append(client.txt2img("a", **SMALL))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {job.wait().state for job in jobs} == {"done"}


def test_it_needs_only_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import paintbox_client;"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(name for name in names if name not in sys.stdlib_module_names and name != 'paintbox_client'))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"
