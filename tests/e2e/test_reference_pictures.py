"""Whole pictures against the reference program's own, through the whole program, on a full-size checkpoint made by a formula.

A handful of the recorded requests; all of them when PAINTBOX_VECTORS names another folder. ``benchmarks/reference_pictures.py`` draws all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from app.testing.vectors import VARIABLE, vectors_folder
from tests.e2e.server import running_program
from tools.formula_model.cases import Case, difference, prepare, read_cases
from tools.formula_model.write import SHA256, write_checkpoint

pytestmark = [pytest.mark.vectors, pytest.mark.e2e, pytest.mark.slow]
FOLDER = vectors_folder() / "e2e"
HANDFUL = (
    "sampler-dpmpp-2m-sde",
    "prompt-and-weights",
    "img2img-denoise-0.6",
    "inpaint-fill-2",
    "hires-latent",
    "lora-1",
    "embedding-positive",
    "vae-second",
)
FLAGS = ("--precision", "full", "--no-half", "--no-hashing")
PATIENCE_S = 600


def wanted() -> list[Case]:
    """The cases that are drawn here."""
    possible = read_cases(FOLDER)
    return possible if os.environ.get(VARIABLE) else [case for case in possible if case.id in HANDFUL]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server whose only checkpoint is the formula's."""
    data, models = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("formula")
    checkpoint = models / "e2e.safetensors"
    assert write_checkpoint(checkpoint) == SHA256
    prepare(FOLDER, data, wanted())
    try:
        with running_program(data, *FLAGS, "--ckpt", str(checkpoint)) as program, program.client() as client:
            client.timeout = PATIENCE_S
            yield client
    finally:
        checkpoint.unlink()


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("case", wanted(), ids=lambda case: case.id)
def test_the_picture_is_the_reference_programs_own(case: Case, client: httpx.Client) -> None:
    def send(path: str, body: object) -> dict[str, object]:
        answer = client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    found = difference(case, send)
    assert found.is_within(case), found
