"""Where torch is taken from, and which pins hold for which build."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bootstrap import install
from bootstrap.install import answers, direct_requirements, has_torch, pins_for, torch_attempts
from bootstrap.machine import TORCH_INDEX, TorchBuild

CPU = TorchBuild("cpu", "", TORCH_INDEX + "cpu")
CUDA_12 = TorchBuild("cu126", "", TORCH_INDEX + "cu126")
MAC = TorchBuild("mps", "", "")
MIRROR = TorchBuild("index https://mirror.example/whl", "", "https://mirror.example/whl")
TORCH = "torch==2.13.0"


@pytest.mark.parametrize(
    ("build", "reachable", "attempts"),
    [
        (CPU, True, [["--extra-index-url", TORCH_INDEX + "cpu", "torch==2.13.0+cpu"], [TORCH]]),
        (CUDA_12, True, [["--extra-index-url", TORCH_INDEX + "cu126", "torch==2.13.0+cu126"], [TORCH]]),
        (MIRROR, True, [["--extra-index-url", "https://mirror.example/whl", "--force-reinstall", "--no-deps", TORCH], [TORCH]]),
        (CPU, False, [[TORCH]]),
        (MAC, False, [[TORCH]]),
    ],
)
def test_a_build_comes_from_its_own_index_else_the_pinned_version_from_anywhere(build, reachable, attempts):
    assert torch_attempts(build, TORCH, reachable) == attempts


def test_pins_of_the_cuda_13_build_do_not_bind_the_other_gpu_builds():
    pins = "nvidia-cudnn-cu13==9\ncuda-bindings==13 ; sys_platform == 'linux'\ntriton==3\nnumpy==2\ntorch==2.13.0\n"
    assert pins_for(CUDA_12, pins) == "numpy==2\ntorch==2.13.0\n"
    assert pins_for(CPU, pins) == pins


def test_torch_is_not_fetched_again_when_this_very_build_is_there(tmp_path):
    (tmp_path / "torch-2.13.0+cpu.dist-info").mkdir()
    assert has_torch(tmp_path, TORCH, CPU)
    assert not has_torch(tmp_path, TORCH, CUDA_12)
    assert not has_torch(tmp_path, "torch==2.14.0", CPU)


def test_requirements_are_read_from_the_project_file(tmp_path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["torch==2.13.0", "numpy"]\noptional-dependencies.test = ["pytest"]\n')
    assert direct_requirements(project) == ["torch==2.13.0", "numpy"]
    assert direct_requirements(project, extra="test") == ["pytest"]


@pytest.fixture
def index():
    """A package index on this machine: /cpu/torch/ exists and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200 if self.path == "/cpu/torch/" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_index_that_has_torch_answers_one_without_it_does_not(index, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert answers(f"{index}/cpu/torch/")
    assert not answers(f"{index}/other/torch/")


def test_an_index_that_refuses_or_has_a_senseless_address_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not answers(f"http://127.0.0.1:{port}/cpu/torch/")
    assert not answers("no address at all")


def test_an_index_that_keeps_silent_is_given_up(monkeypatch):
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not answers(f"http://127.0.0.1:{silent.getsockname()[1]}/cpu/torch/")


def test_a_name_look_up_that_hangs_is_given_up_too(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30) and [])
    started = time.monotonic()
    assert not answers("http://no-such-index.example/cpu/torch/")
    released.set()
    assert time.monotonic() - started < 25
