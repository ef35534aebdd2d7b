"""Files as A1111 reads them: what loads, under which name, with which numbers; and headers of many makers."""

from __future__ import annotations

import gzip
import json
import shutil

import pytest
import torch

from app.api import ModelFileError, ModelHeader, TensorInfo
from app.testing.hosts import temporary_host
from app.testing.vectors import vector_cases, vector_tensors, vectors_folder
from extensions.textual_inversion.catalogue import facts_of, listed_file
from extensions.textual_inversion.files import checksum, read_vectors, short_hash
from extensions.textual_inversion.identify import identify

CASES = vector_cases("files.json", "textual_inversion")
HEADERS = sorted((vectors_folder() / "headers").glob("*.json.gz"))
ORDER = ("clip_l", "clip_g")


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("ti_vectors")
    shutil.copytree(vectors_folder() / "files" / "ti", data / "embeddings")
    built = temporary_host(data, ["textual_inversion", "model_recognition"], role="worker", options={"hash_models": False})
    with built.running():
        yield built


def found(host, case):
    record = host.models.find("embeddings", str(host.paths.embeddings / case["file"].rpartition("/")[2]))
    assert record is not None
    return listed_file(record)


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if case["loads"]], ids=lambda case: case["file"])
def test_a_file_that_loads(host, case):
    one = found(host, case)
    assert (one.problem, one.name, one.count, sum(one.widths)) == ("", case["name"], case["vectors"], case["shape"])
    assert facts_of(one) == {key: case[key] for key in ("step", "sd_checkpoint", "sd_checkpoint_name")}
    assert short_hash(one.record, host) == case["shorthash"]
    rows = read_vectors(vectors_folder() / case["file"])
    names = sorted(case["tensors"], key=lambda name: ORDER.index(name.rpartition("/")[2]) if len(case["tensors"]) > 1 else 0)
    expected = vector_tensors("files/expected.safetensors")
    assert all(torch.equal(one, expected[name]) for one, name in zip(rows, names, strict=True))
    if "checksum" in case:
        assert checksum(rows[0]) == case["checksum"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if not case["loads"]], ids=lambda case: case["file"])
def test_a_file_that_does_not(host, case):
    one = found(host, case)
    path = vectors_folder() / case["file"]
    if path.suffix == ".png":
        assert one is None
        return
    assert one.count == 0
    assert path.name in one.problem
    with pytest.raises(ModelFileError, match=path.name):
        read_vectors(path)


@pytest.mark.vectors
@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_headers_of_many_makers(path):
    case = json.loads(gzip.decompress(path.read_bytes()))
    nesting = "".join(f"{name}." for name in case.get("pickle", {}).get("nesting", []))
    dtype = case["dtype"] if isinstance(case["dtype"], str) else "F16"
    tensors = {nesting + name: TensorInfo(dtype, tuple(shape)) for name, shape in case["tensors"].items()}
    identity = identify(ModelHeader(path, case["container"], 1, tensors, case["metadata"]))
    expected = case["expect"]
    if expected["kind"] != "embedding":
        assert identity is None
        return
    assert (identity.kind, identity.supported) == ("embedding", expected["supported"])
    if identity.supported:
        assert identity.family == expected["family"]
        assert identity.variant == f"{expected['vectors']}x{'+'.join(str(width) for width in expected['widths'].values())}"
