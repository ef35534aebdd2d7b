"""A running site with model files, small files of each sort, and a file server whose manners a test decides."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.testing.web import running_client
from extensions.model_files.keeping import WORK

ROUTE = "/paintbox/v1/models"
EXTENSIONS = ("model_files", "model_recognition", "lora", "stable_diffusion", "textual_inversion", "checkpoints", "vae")


def made(tensors, size_bytes=4, metadata=None):
    """A safetensors file of these names and shapes, filled with zeros."""
    header, position = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for name, shape in tensors.items():
        count = size_bytes
        for number in shape:
            count *= number
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, position + count]}
        position += count
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + bytes(position)


def lora(rank=2, layers=1, **metadata):
    """A tiny LoRA of SD1."""
    tensors = {}
    for number in range(layers):
        base = f"lora_unet_down_blocks_{number}_attentions_0_transformer_blocks_0_attn1_to_q"
        tensors |= {f"{base}.lora_down.weight": (rank, 320), f"{base}.lora_up.weight": (320, rank), f"{base}.alpha": ()}
    return made(tensors, metadata={"ss_base_model_version": "sd_v1", **metadata})


@dataclass
class Models:
    """A client at the machine itself, the host, and short forms of the calls."""

    client: object
    host: object

    @property
    def folder(self) -> Path:
        return Path(self.host.paths.models)

    def call(self, method, path, **more):
        return self.client.request(method, f"{ROUTE}/{path}", **more)

    def upload(self, data, name="style.safetensors", chunk=1 << 20, **new):
        """Send a file in chunks; the last answer, or the first one that is no success."""
        answer = self.call("POST", "uploads", json={"name": name, "size_bytes": len(data), **new})
        if answer.status_code != 201:
            return answer
        upload = answer.json()["id"]
        for offset in range(0, len(data), chunk):
            answer = self.call("PUT", f"uploads/{upload}", params={"offset": offset}, content=data[offset : offset + chunk])
            if answer.status_code != 200:
                return answer
        return answer

    def put(self, data, name, **wish):
        """Upload and finish."""
        answer = self.upload(data, name)
        assert answer.status_code == 200, answer.text
        return self.call("POST", f"uploads/{answer.json()['id']}/finish", json=wish)

    def write(self, name, data=b"", kind="Lora"):
        path = self.folder / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data or lora())
        self.host.models.refresh()
        return path

    def files(self, kind="Lora"):
        """Everything below a folder, by its path."""
        root = self.folder / kind
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()) if root.is_dir() else []

    def waiting(self):
        """What is left of uploads and downloads."""
        root = Path(self.host.paths.data) / "tmp" / "model_files"
        return sorted(path.name for path in root.rglob("*") if path.is_file()) if root.is_dir() else []

    def download(self, url, **request):
        answer = self.call("POST", "downloads", json={"url": url, **request})
        assert answer.status_code == 202, answer.text
        return self.host.jobs.wait(answer.json()["job"], 60)


@pytest.fixture
def models(make_host) -> Iterator[Models]:
    host = make_host(*EXTENSIONS, nowebui=True, hash_models=False)
    with running_client(host) as client:
        yield Models(client, host)


@dataclass
class FileServer:
    """Serves ``files`` by path. ``breaks``: bytes after which each next connection ends; ``seen``: (path, headers) of every request."""

    address: str = ""
    files: dict = field(default_factory=dict)
    redirects: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    breaks: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    seen: list = field(default_factory=list)
    ranges: bool = True
    tells_length: bool = True
    silent: threading.Event | None = None

    def url(self, path):
        return self.address + path

    def asked(self, path):
        return [headers for seen, headers in self.seen if seen == path]


class Handler(BaseHTTPRequestHandler):
    serves: FileServer

    def log_message(self, *given):
        """Says nothing."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.serves.seen.append((path, {key.lower(): value for key, value in self.headers.items()}))
        if path in self.serves.redirects:
            target, more = self.serves.redirects[path]
            return self.answer(302, {"Location": target, **more})
        if self.serves.answers:
            return self.answer(*self.serves.answers.pop(0))
        if path not in self.serves.files:
            return self.answer(404, {})
        self.send_file(self.serves.files[path], self.serves.headers.get(path, {}))

    def answer(self, status, headers):
        self.send_response(status)
        for key, value in {"Content-Length": "0", **headers}.items():
            self.send_header(key, value)
        self.end_headers()

    def send_file(self, data, headers):
        begin = self.begin(headers)
        self.send_response(206 if begin is not None else 200)
        if begin is not None:
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        body = data[begin or 0 :]
        for key, value in headers.items():
            self.send_header(key, value)
        if self.serves.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end = self.serves.breaks.pop(0) if self.serves.breaks else len(body)
        self.wfile.write(body[:end])
        if self.serves.silent is not None:
            self.wfile.flush()
            self.serves.silent.wait(20)
        self.close_connection = True

    def begin(self, headers):
        wanted = self.headers.get("Range", "")
        condition = self.headers.get("If-Range")
        is_same = condition is None or condition in (headers.get("ETag"), headers.get("Last-Modified"))
        return int(wanted[len("bytes=") :].rstrip("-")) if wanted and self.serves.ranges and is_same else None


@pytest.fixture
def server() -> Iterator[FileServer]:
    serves = FileServer()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"serves": serves}))
    listening.daemon_threads = True
    serves.address = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield serves
    if serves.silent is not None:
        serves.silent.set()
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def net(models, server):
    """Let downloads reach the test's server: over http, at this machine, and without pauses."""

    def allow(**more):
        work = models.host.stash[WORK]
        rules = {"allows_http": True, "is_refused": lambda ip: False, "retry_s": (0.0, 0.0, 0.0), "timeout_s": 5.0}
        work.network = replace(work.network, **{**rules, **more})

    allow()
    return allow
