"""The client: asks a running server for pictures and for what there is on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, Unpack

from paintbox_client.connection import Server, basic, segment, with_query
from paintbox_client.job import JOBS, Job
from paintbox_client.values import JobFacts

ADDRESS = "http://127.0.0.1:7860"
Image = bytes | str | Path
"""The bytes of a picture's file, or its path."""


class Drawing(TypedDict, total=False):
    """What decides a picture beside its prompt; what is left out is decided by the server.

    ``params`` holds each feature's fields by its id, ``settings`` settings for this request only; ``save`` is "outputs" to have the
    pictures saved on the server as its settings say, "spool" to have them kept for a day at most.
    """

    negative_prompt: str
    styles: list[str]
    checkpoint: str | None
    sampler: str
    scheduler: str
    steps: int
    cfg_scale: float
    width: int | None
    height: int | None
    seed: int
    subseed: int
    subseed_strength: float
    batch_count: int
    batch_size: int
    params: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    save: str


class Submission(Drawing, total=False):
    """What is drawn, and how the job enters the queue: of one's own waiting jobs the higher ``priority`` goes first.

    Asking again with the same ``idempotency_key`` gives the same job. ``callback_url`` gets a POST when the job has ended, signed with
    ``callback_secret``.
    """

    priority: int
    idempotency_key: str
    callback_url: str
    callback_secret: str


ENTRY = ("priority", "idempotency_key", "callback_url", "callback_secret")


class Client:
    """``user`` and ``password`` as given to ``--api-auth`` or ``--gradio-auth``, or ``api_key`` as given to ``--api-key``."""

    def __init__(self, address: str = ADDRESS, *, user: str = "", password: str = "", api_key: str = "", timeout_s: float = 60.0) -> None:
        authorization = f"Bearer {api_key}" if api_key else basic(user, password) if user else ""
        self._server = Server(address, authorization, timeout_s)

    def txt2img(self, prompt: str, **wanted: Unpack[Submission]) -> Job:
        """Put a job into the queue that draws from a prompt; raises RefusedError that names a wrong field, NoServerError."""
        return self._submit({"prompt": prompt, **_drawing(wanted)}, wanted)

    def img2img(
        self, prompt: str, image: Image, *, mask: Image | None = None, denoising_strength: float = 0.75, **wanted: Unpack[Submission]
    ) -> Job:
        """The same, beginning with a picture; what is white in the mask is drawn anew, and all of the picture without one."""
        drawing = _drawing(wanted)
        params = dict(drawing.get("params", {}))
        masked = {"mask": self.upload(mask)} if mask is not None else {}
        given = {"init_images": [self.upload(image)], "denoising_strength": denoising_strength, **masked}
        params["img2img"] = {**given, **params.get("img2img", {})}
        return self._submit({"prompt": prompt, **drawing, "params": params}, wanted)

    def upload(self, image: Image) -> str:
        """Bring a picture to the server; returns the name by which requests begin with it."""
        data = image if isinstance(image, bytes) else Path(image).read_bytes()
        name = "" if isinstance(image, bytes) else Path(image).name
        answer = self._server.data("POST", with_query("/paintbox/v1/inputs", name=name or None), data)
        return str(json.loads(answer)["ref"])

    def job(self, job_id: str) -> Job:
        """A job by its id; raises RefusedError (404) for one that is not known, or somebody else's."""
        return Job(self._server, JobFacts.of(self._server.json("GET", f"{JOBS}/{segment(job_id)}")))

    def jobs(self, *, state: str | None = None, source: str | None = None, limit: int = 50, before: str | None = None) -> list[Job]:
        """One's own jobs, the newest first; ``before`` is the id of the last one of the page before."""
        path = with_query(JOBS, state=state, source=source, limit=limit, before=before)
        return [Job(self._server, JobFacts.of(each)) for each in self._server.json("GET", path)]

    def worker(self) -> Mapping[str, Any]:
        """What the worker is doing: ``state``, ``model``, ``device``."""
        found: Mapping[str, Any] = self._server.json("GET", "/paintbox/v1/worker")
        return found

    def checkpoints(self) -> list[str]:
        """Titles of the checkpoints."""
        return [model["title"] for model in self._server.json("GET", "/sdapi/v1/sd-models")]

    def samplers(self) -> list[str]:
        """Names of the samplers."""
        return [sampler["name"] for sampler in self._server.json("GET", "/sdapi/v1/samplers")]

    def options(self) -> dict[str, Any]:
        """All settings."""
        found: dict[str, Any] = self._server.json("GET", "/sdapi/v1/options")
        return found

    def set_options(self, values: Mapping[str, Any]) -> None:
        """Change settings for everybody; returns when a new checkpoint is loaded."""
        self._server.json("POST", "/sdapi/v1/options", dict(values))

    def _submit(self, request: Mapping[str, Any], wanted: Submission) -> Job:
        url = wanted.get("callback_url", "")
        callback = {"callback": {"url": url, "secret": wanted.get("callback_secret", "")}} if url else {}
        key = wanted.get("idempotency_key", "")
        body = {"kind": "generate", "request": request, "source": "client", "priority": wanted.get("priority", 0), **callback}
        return Job(self._server, JobFacts.of(self._server.json("POST", JOBS, body, {"Idempotency-Key": key} if key else {})))


def _drawing(wanted: Submission) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if name not in ENTRY}
