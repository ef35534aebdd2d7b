"""Recorded pickled files: harmless ones give what was saved, hostile and damaged ones are refused by name, and none leaves a trace."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import torch

from app.errors import ModelFileError
from app.testing.vectors import vector_cases, vector_tensors, vectors_folder
from app.weights.header_reader import ApartReader
from app.weights.headers import read_header
from app.weights.tensors import load_tensors, load_tree

pytestmark = pytest.mark.vectors
TENSORS = "files/expected.safetensors"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, in which a payload would leave its mark."""
    folder = tmp_path / "current"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def apart() -> Iterator[ApartReader]:
    reader = ApartReader()
    yield reader
    reader.close()


@pytest.mark.parametrize("case", vector_cases("files.json", "pickle"), ids=itemgetter("file"))
def test_a_file_is_read_or_refused(case: dict[str, Any], tmp_path: Path, place: Path, apart: ApartReader) -> None:
    path = Path(shutil.copy(vectors_folder() / case["file"], tmp_path))
    outcomes = [outcome(path, read) for read in (read_header, apart.read, load_tensors, load_tree)]
    assert len({isinstance(result, ModelFileError) for result in outcomes}) == 1
    assert str(outcomes[0]) == str(outcomes[1]) or not isinstance(outcomes[0], ModelFileError)
    result = outcomes[-1]
    if case["expect"] == "refuse":
        assert isinstance(result, ModelFileError) and path.name in str(result)
    elif case["expect"] == "load":
        assert is_as_recorded(result, case["content"])
        assert outcomes[0] == outcomes[1]


def outcome(path: Path, read: Any) -> Any:
    try:
        return read(path)
    except ModelFileError as error:
        return error


def is_as_recorded(value: Any, told: Any) -> bool:
    """Whether a value is what the notes say about it."""
    if isinstance(value, torch.Tensor):
        shape = told.get("tensor", told.get("array"))
        numbers = value.flatten()[:4].tolist()
        numbers = [number.real if isinstance(number, complex) else float(number) for number in numbers]
        is_near = len(numbers) == len(told["values"]) and all(map(math.isclose, numbers, told["values"]))
        return list(value.shape) == shape and str(value.dtype) == f"torch.{told['dtype']}" and is_near
    if isinstance(value, set):
        return sorted(value) == told["set"]
    if isinstance(value, bytes):
        return value == told["bytes"].encode()
    if isinstance(value, dict):
        return value.keys() == told.keys() and all(is_as_recorded(value[key], told[key]) for key in told)
    if isinstance(value, list | tuple):
        return len(value) == len(told) and all(map(is_as_recorded, value, told))
    return bool(value == (told["numpy_scalar"] if isinstance(told, dict) else told))


NAMED = {
    "os_system_zip.pt": "os.system",
    "builtin_eval_py2_zip.pt": "eval",
    "dotted_ordereddict.pt": "collections.OrderedDict.__class__",
    "inst_opcode.pt": "os.system",
    "newobj_ex.pt": "subprocess.Popen",
    "ext_opcode.pt": "extension registry",
    "numpy_object_dtype_setstate.pt": "Python objects",
    "full_module_linear.pt": "torch.nn.modules.linear.Linear",
    "second_object_in_stream.pt": "os.system",
    "tar_container.pt": "tar archive",
    "zip_two_pickles.pt": "2 data.pkl",
    "zip_same_name_twice.pt": "archive/data.pkl",
    "zip_path_traversal.pt": "../../PWNED",
    "zip_torchscript.pt": "program code",
    "zip_pickle_as_storage.pt": "archive/data/0.pkl",
    "polyglot_pickle_then_zip.pt": "ends as a zip archive",
    "wrong_ext_pickle.safetensors": "pickle",
    "missing_storage.pt": "missing",
    "memo_bomb.pt": "values",
    "html_page.pt": "web page",
    "text_file.ckpt": "Git LFS",
}


@pytest.mark.parametrize(("name", "words"), NAMED.items(), ids=NAMED)
def test_the_sentence_names_what_was_found(name: str, words: str, place: Path) -> None:
    path = vectors_folder() / "files" / "pickle" / "bad" / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    assert name in caught.value.what and words in caught.value.what


EMBEDDINGS = [
    case
    for case in vector_cases("files.json", "textual_inversion")
    if case["file"].endswith((".pt", ".bin")) and (vectors_folder() / case["file"]).is_file()
]


@pytest.mark.parametrize("case", EMBEDDINGS, ids=itemgetter("file"))
def test_embeddings_give_their_vectors(case: dict[str, Any], place: Path) -> None:
    path = vectors_folder() / case["file"]
    tensors = load_tensors(path)
    assert {name: info.shape for name, info in read_header(path).tensors.items()} == {n: tuple(t.shape) for n, t in tensors.items()}
    expected = vector_tensors(TENSORS)
    for name in case.get("tensors", []):
        wanted = expected[name].float()
        assert any(tensor.numel() == wanted.numel() and tensor.float().reshape(wanted.shape).equal(wanted) for tensor in tensors.values())


@pytest.mark.parametrize("case", vector_cases("files.json", "hypernetworks"), ids=itemgetter("file"))
def test_hypernetworks_are_trees_by_width(case: dict[str, Any], place: Path) -> None:
    tree = load_tree(vectors_folder() / case["file"])
    widths = [key for key in tree if isinstance(key, int)]
    assert widths and all(len(tree[width]) == 2 for width in widths)
    if case["loads"]:
        assert widths == case["sizes"] and tree.get("step") == case["step"]
        assert tree.get("layer_structure", [1, 2, 1]) == case["layer_structure"]
    header = read_header(vectors_folder() / case["file"])
    assert {f"{width}.0.{name}" for width in widths for name in tree[width][0]} <= header.tensors.keys()


@pytest.mark.parametrize("case", vector_cases("files.json", "aesthetic"), ids=itemgetter("file"))
def test_a_file_may_be_one_tensor(case: dict[str, Any], place: Path) -> None:
    path = vectors_folder() / case["file"]
    wanted = vector_tensors(TENSORS)[case["tensors"][0]]
    assert load_tree(path).equal(wanted) and load_tensors(path)[""].equal(wanted)
    assert str(load_tree(path).dtype) == f"torch.{case['dtype']}"
