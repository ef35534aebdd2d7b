"""Programs that describe pictures: over the API, in the Extras tab, and what is said where there is none."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.api import JobState, Run, UserError, hookimpl
from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker
from extensions.interrogation.api import Describe, Interrogator, Shown
from extensions.interrogation.routes import InterrogateBody, InterrogationFailedError, caption_of, submit

INFOTEXT = "a (red:1.3) cat, <lora:x:1> [soft], BREAK hat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5"


class Colours:
    """One that names the colour of the first pixel."""

    @hookimpl
    def register_interrogators(self) -> Iterable[Interrogator]:
        def load() -> Describe:
            def describe(shown: Shown, run: Run) -> str:
                if shown.image.size == (1, 1):
                    raise UserError("One pixel is too little.", field="image")
                return "red" if shown.image.getpixel((0, 0)) == (255, 0, 0) else "another colour"

            return describe

        return [Interrogator("Colour tagger", load, role="clip")]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _client(tmp_path_factory.mktemp("bare"), ("interrogation",))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _client(tmp_path_factory.mktemp("words"), ("interrogation", "infotext_captions", "a1111_infotext"), Colours())


def _client(folder: Path, extensions: tuple[str, ...], *plugins: object) -> Iterator[Any]:
    host = temporary_host(folder, extensions)
    for plugin in plugins:
        host.hooks.register("colours", plugin)
    worker = with_tiny_worker(host)
    with running_client(host) as client:
        client.host, client.worker = host, worker
        yield client


def png(size: int = 4, infotext: str = "") -> bytes:
    info, data = PngInfo(), BytesIO()
    if infotext:
        info.add_text("parameters", infotext)
    Image.new("RGB", (size, size), (255, 0, 0)).save(data, "PNG", pnginfo=info)
    return data.getvalue()


def ask(client: Any, data: bytes | None, model: str = "clip") -> Any:
    image = None if data is None else base64.b64encode(data).decode()
    return client.post("/sdapi/v1/interrogate", json={"image": image, "model": model})


def test_where_nobody_describes_pictures(bare: Any) -> None:
    assert ask(bare, png()).status_code == 404
    assert "Model not found" in ask(bare, png()).json()["detail"]
    assert ask(bare, None).status_code == 404
    assert bare.get("/paintbox/v1/extras/operations").json() == []


def test_a_picture_is_described_by_role_or_name(client: Any) -> None:
    assert ask(client, png()).json() == {"caption": "red"}
    assert ask(client, png(), "colour TAGGER").json() == {"caption": "red"}
    assert ask(client, png(), "deepdanbooru").status_code == 404
    assert ask(client, b"words").status_code == 422
    refused = ask(client, png(1))
    assert (refused.status_code, refused.json()["field"]) == (422, "image")


def test_a_client_that_goes_away_takes_its_job_along(client: Any) -> None:
    async def gone() -> bool:
        asyncio.get_running_loop().call_later(5, client.worker.hold.set)
        return True

    client.worker.hold.clear()
    job = submit(InterrogateBody(image=base64.b64encode(png()).decode()), "", client.host)
    with pytest.raises(InterrogationFailedError):
        asyncio.run(caption_of(client.host, job.id, gone))
    client.worker.hold.set()
    assert client.host.jobs.get(job.id).state is JobState.CANCELLED


def test_captions_are_written_beside_the_results(client: Any) -> None:
    (block,) = client.get("/paintbox/v1/extras/operations").json()
    assert block["title"] == "Caption"
    assert block["fields"][0]["choices"] == ["Colour tagger", "Prompt from the picture's parameters"]
    ref = client.post("/paintbox/v1/inputs", content=png(infotext=INFOTEXT)).json()["ref"]
    for name, caption in (("Colour tagger", "red"), ("Prompt from the picture's parameters", "a red cat, soft, hat")):
        request = {"uploads": [{"ref": ref, "name": "cat.png"}], "is_batch": True, "operations": {"caption": {"interrogator": name}}}
        job = client.post("/paintbox/v1/jobs", json={"kind": "extras", "request": request}).json()["id"]
        with client.stream("GET", f"/paintbox/v1/jobs/{job}/events") as stream:
            for _ in stream.iter_lines():
                continue
        ended = client.get(f"/paintbox/v1/jobs/{job}").json()
        file = Path(client.host.paths.data) / "outputs/extras-images" / ended["result"]["images"][0]["file"]
        assert file.with_suffix(".txt").read_text() == caption
    unknown = {"uploads": [{"ref": ref, "name": "cat.png"}], "operations": {"caption": {"interrogator": "nobody"}}}
    assert client.post("/paintbox/v1/jobs", json={"kind": "extras", "request": unknown}).status_code == 422


def test_a_picture_that_was_never_brought_is_refused_before_the_job_waits(client: Any) -> None:
    refused = client.post("/paintbox/v1/jobs", json={"kind": "interrogate", "request": {"ref": f"{'0' * 32}.img"}})
    assert (refused.status_code, refused.json()["field"]) == (422, "ref")


def test_a_picture_without_parameters_has_no_prompt_to_tell(client: Any) -> None:
    assert ask(client, png(), "Prompt from the picture's parameters").json() == {"caption": ""}


def describe_batch(client: Any, **request: Any) -> dict[str, Any]:
    answer = client.post("/paintbox/v1/jobs", json={"kind": "interrogate_batch", "request": request})
    if answer.status_code >= 400:
        return {"status": answer.status_code, **answer.json()}
    return client.host.jobs.wait(answer.json()["id"], 60).model_dump(mode="json")


def test_pictures_of_a_folder_are_described_in_files_of_their_names(client: Any, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(png())
    (tmp_path / "dog.png").write_bytes(png(1))
    (tmp_path / "notes.md").write_text("no picture")
    for count in (1, 2):
        job = describe_batch(client, input_dir=str(tmp_path))
        assert (job["state"], job["result"]["info"]["written"], job["result"]["info"]["pictures"]) == ("done", 1, 2)
        assert (tmp_path / "cat.txt").read_text() == "red\n" * count
    assert job["result"]["comments"] == ["dog: One pixel is too little."]
    ref = client.post("/paintbox/v1/inputs", content=png()).json()["ref"]
    out = tmp_path / "words"
    describe_batch(client, input_dir=str(tmp_path), uploads=[{"ref": ref, "name": "own.png"}], output_dir=str(out))
    assert sorted(path.name for path in out.iterdir()) == ["cat.txt", "own.txt"]


def test_what_a_batch_lacks_is_named(client: Any, bare: Any, tmp_path: Path) -> None:
    ref = client.post("/paintbox/v1/inputs", content=png()).json()["ref"]
    upload = {"ref": ref, "name": "own.png"}
    assert "no folder for the text files" in describe_batch(client, uploads=[upload])["detail"]
    assert describe_batch(client, uploads=[{**upload, "name": "../own.png"}], output_dir=str(tmp_path))["status"] == 422
    unknown = describe_batch(client, uploads=[{"ref": "0" * 32, "name": "own.png"}], output_dir=str(tmp_path))
    assert (unknown["status"], unknown["field"]) == (422, "uploads")
    assert describe_batch(client)["field"] == "input_dir"
    assert describe_batch(client, input_dir=str(tmp_path / "none"))["status"] == 422
    assert describe_batch(bare, input_dir=str(tmp_path))["status"] == 404
    assert "no picture in" in describe_batch(client, input_dir=str(tmp_path))["error"]
