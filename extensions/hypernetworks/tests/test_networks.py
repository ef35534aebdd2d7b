"""Networks of files compute what was recorded, through the hooks that draw with them; what cannot be used is refused by name."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from operator import itemgetter
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from app.api import ModelFileError, convert_to_safetensors, load_tensors, read_header
from app.testing.vectors import vector_cases, vector_tensors, vectors, vectors_folder
from extensions.hypernetworks.network import read_pairs
from extensions.hypernetworks.patch import HypernetworkPatch
from extensions.hypernetworks.testing import write_hypernetwork

CASES = vector_cases("files.json", "hypernetworks")
HEADERS = sorted((vectors_folder() / "headers").glob("hypernetwork-*.json.gz"))
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


class Projections(nn.Module):
    """An attention layer whose keys and values are what they are made of."""

    def __init__(self, width, dtype=torch.float32):
        super().__init__()
        self.to_k, self.to_v = (nn.Linear(width, width, bias=False, dtype=dtype) for _ in range(2))
        with torch.no_grad():
            for projection in (self.to_k, self.to_v):
                projection.weight.copy_(torch.eye(width))


def read(path):
    return read_pairs(load_tensors(path), read_header(path).metadata, path.name)


@torch.no_grad()
def keys_and_values(x, patches):
    layer = Projections(x.shape[-1], x.dtype)
    model = SimpleNamespace(modules=lambda: {"unet": nn.Sequential(layer)})
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch.apply(model))
        result = layer.to_k(x), layer.to_v(x)
    assert torch.equal(layer.to_k(x), x)
    assert torch.equal(layer.to_v(x), x)
    assert all(torch.equal(before[key], value) for key, value in layer.state_dict().items())
    return result


def recorded(case, pairs):
    """Pairs of what was computed and what was recorded."""
    tensors, name = vector_tensors("files/expected.safetensors"), case["tensors"]
    for width in (*case["sizes"], 7):
        x = tensors[f"{name}/{width}/in"]
        for strength in (1.0, 0.6):
            keys, values = keys_and_values(x, [HypernetworkPatch("x", pairs, strength)])
            yield keys, tensors[f"{name}/{width}/k_{strength}"]
            yield values, tensors[f"{name}/{width}/v_{strength}"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if case["loads"]], ids=itemgetter("file"))
def test_files_compute_what_was_recorded(case):
    for found, wanted in recorded(case, read(vectors_folder() / case["file"])):
        torch.testing.assert_close(found, wanted, **TOLERANCE)


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if case["loads"]], ids=itemgetter("file"))
def test_converted_to_safetensors_they_compute_the_same(case, tmp_path):
    target = tmp_path / "converted.safetensors"
    convert_to_safetensors(vectors_folder() / case["file"], target)
    for found, wanted in recorded(case, read(target)):
        torch.testing.assert_close(found, wanted, **TOLERANCE)


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if not case["loads"]], ids=itemgetter("file"))
def test_files_that_do_not_load_are_named(case):
    path = vectors_folder() / case["file"]
    with pytest.raises(ModelFileError, match=path.name):
        read(path)


@pytest.mark.vectors
def test_two_in_a_row():
    case = vectors("files.json").get("hypernetwork_stack")
    if not case:
        pytest.skip("not recorded")
    files = [read(vectors_folder() / file) for file in case["files"]]
    patches = [HypernetworkPatch("x", pairs, strength) for pairs, strength in zip(files, case["multipliers"], strict=True)]
    tensors = vector_tensors("files/expected.safetensors")
    keys, values = keys_and_values(tensors[f"{case['tensors']}/in"], patches)
    torch.testing.assert_close(keys, tensors[f"{case['tensors']}/k"], **TOLERANCE)
    torch.testing.assert_close(values, tensors[f"{case['tensors']}/v"], **TOLERANCE)


@pytest.mark.vectors
@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_layouts_of_full_size_are_built(path):
    header = json.loads(gzip.decompress(path.read_bytes()))
    tensors = {key: torch.empty(shape, device="meta") for key, shape in header["tensors"].items()}
    metadata = {}
    for key, field in header["pickle"]["siblings"].items():
        value = field.get("value")
        listed = {f"{key}.{index}": json.dumps(item) for index, item in enumerate(value)} if isinstance(value, list) else {}
        metadata |= listed or ({key: value if isinstance(value, str) else json.dumps(value)} if "value" in field else {})
    pairs = read_pairs(tensors, metadata, path.name)
    assert list(pairs) == header["expect"]["sizes"]
    assert sum(pair.keys for pair in pairs.values()) == len(tensors)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_they_compute_in_the_format_of_their_input(dtype, tmp_path):
    pairs = read(write_hypernetwork(tmp_path / "x.pt", [8]))
    x = torch.randn(1, 3, 8, generator=torch.Generator().manual_seed(1)).to(dtype)
    keys, values = keys_and_values(x, [HypernetworkPatch("x", pairs, 1.0)])
    exact, _ = keys_and_values(x.float(), [HypernetworkPatch("x", pairs, 1.0)])
    assert keys.dtype == values.dtype == dtype
    torch.testing.assert_close(keys.float(), exact, rtol=0.05, atol=0.05)
    assert not torch.equal(keys, values)


def test_the_key_changes_with_file_and_strength(tmp_path):
    pairs = read(write_hypernetwork(tmp_path / "x.pt", [8]))
    keys = {HypernetworkPatch(state, pairs, strength).key for state in ("a", "b") for strength in (0.5, 1.0)}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"layer_structure": [1, 3, 1]}, "width 8"),
        ({"layer_structure": [1, 2, 2]}, "begin and end with 1"),
        ({"layer_structure": [1, 2, 2, 1]}, "width 8"),
        ({"layer_structure": [1, *[2] * 90, 1]}, "too few"),
        ({"layer_structure": [1, "wide", 1]}, "layer_structure"),
        ({"layer_structure": [1, 1e400, 1]}, "width 8"),
        ({"layer_structure": [1, -2, 1]}, "width 8"),
        ({"is_layer_norm": True}, "width 8"),
        ({"activation_func": "threshold"}, "'threshold'"),
        ({"something": torch.zeros(1)}, "'something'"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(fields, words, tmp_path):
    path = write_hypernetwork(tmp_path / "odd.pt", [8], fields=fields)
    with pytest.raises(ModelFileError, match="odd.pt") as refused:
        read(path)
    assert words in refused.value.what


def test_a_lone_half_of_a_pair_is_refused(tmp_path):
    tensors = {key: value for key, value in load_tensors(Path(write_hypernetwork(tmp_path / "x.pt", [8]))).items() if ".0.linear" in key}
    with pytest.raises(ModelFileError, match="half"):
        read_pairs(tensors, {}, "half.pt")
