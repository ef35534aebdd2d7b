"""torch's forms of a file, made by torch and by hand: tensors come back bit for bit, and whatever is ambiguous or too much is refused."""

from __future__ import annotations

import struct
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import app.weights.pickled_tensors as pickled_tensors
from app.errors import ModelFileError
from app.testing.pickles import deflate_zip, number, program, tensor, text, write_zip
from app.weights.headers import read_header
from app.weights.pickles.reading import read_pickle
from app.weights.tensors import load_tensors, load_tree

LOCAL, ENTRY, END = "<4s5H3L2H", "<4s6H3L5H2L", "<4s4H2LH"
FORMATS = (
    "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool complex64 complex128"
).split()


@pytest.fixture(params=["zip", "legacy", "deflated", "network"])
def save(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a value in one of the forms."""

    def write(value: object) -> Path:
        path = tmp_path / "model.pt"
        torch.save(value, path, _use_new_zipfile_serialization=request.param != "legacy")
        if request.param == "network":
            monkeypatch.setattr(pickled_tensors, "is_network_path", lambda path: True)
        return deflate_zip(path, tmp_path / "deflated.pt") if request.param == "deflated" else path

    return write


def is_same(left: torch.Tensor, right: torch.Tensor) -> bool:
    """Equal in shape, format and every bit."""
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return left.contiguous().reshape(-1).view(torch.uint8).equal(right.contiguous().reshape(-1).view(torch.uint8))


@pytest.mark.parametrize("name", FORMATS)
def test_every_number_format(name: str, save: Any) -> None:
    dtype = getattr(torch, name)
    raw = torch.randint(0, 2 if name == "bool" else 120, (4 * dtype.itemsize,), dtype=torch.uint8)
    value = raw.view(dtype) if name != "bool" else raw.bool()
    assert is_same(load_tree(save({"x": value}))["x"], value)


def test_views_shared_tensors_and_parameters(save: Any) -> None:
    base = torch.arange(24.0)
    value = {
        "transposed": base.reshape(4, 6).t(),
        "part": base[5:9],
        "steps": base[::3],
        "shared": base,
        "parameter": torch.nn.Parameter(torch.ones(2, 2, dtype=torch.bfloat16)),
        "number": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "row": torch.ones(3).expand(1, 3),
        "empty part": torch.zeros(2, 0, 2)[1:],
        "dict": torch.nn.ParameterDict({"*": torch.zeros(1, 3)}),
        "list": torch.nn.ParameterList([torch.ones(2)]),
    }
    loaded = load_tensors(save(value))
    for name in list(value)[:9]:
        assert is_same(loaded[name], value[name].detach()), name
    assert is_same(loaded["dict.*"], torch.zeros(1, 3)) and is_same(loaded["list.0"], torch.ones(2))


def test_a_tensor_of_numpy_in_any_order(tmp_path: Path) -> None:
    value = {"big": np.arange(6, dtype=">f4").reshape(2, 3), "columns": np.asfortranarray(np.arange(6).reshape(2, 3)), "n": np.float16(1.5)}
    torch.save(value, tmp_path / "x.pt")
    tree = load_tree(tmp_path / "x.pt")
    assert tree["big"].tolist() == [[0, 1, 2], [3, 4, 5]] and tree["columns"].tolist() == [[0, 1, 2], [3, 4, 5]] and tree["n"] == 1.5
    assert tree["big"].dtype == torch.float32


def test_a_file_of_a_big_endian_machine(tmp_path: Path) -> None:
    data = struct.pack(">4f", 1, 2, 3, 4)
    path = write_zip(tmp_path / "x.pt", tensor(), {"data/0": data, "byteorder": b"big"})
    assert load_tree(path).tolist() == [[1, 2], [3, 4]]


def test_tensors_of_devices_without_storages(tmp_path: Path) -> None:
    class Saved:
        def __init__(self, dtype: torch.dtype) -> None:
            self.dtype = dtype

        def __reduce__(self) -> Any:
            return torch._utils._rebuild_device_tensor_from_numpy, (np.ones(3, np.float32), self.dtype, "mps:0", False)

    torch.save({"x": Saved(torch.float32)}, tmp_path / "x.pt")
    assert load_tensors(tmp_path / "x.pt")["x"].tolist() == [1, 1, 1]
    torch.save({"x": Saved(torch.float16)}, tmp_path / "x.pt")
    with pytest.raises(ModelFileError, match="another number format"):
        load_tensors(tmp_path / "x.pt")


def test_what_is_referred_to_twice_is_there_once(tmp_path: Path) -> None:
    shared = torch.ones(3)
    torch.save({"a": shared, "b": [shared]}, tmp_path / "x.pt")
    tree = load_tree(tmp_path / "x.pt")
    assert tree["a"] is tree["b"][0]


def test_the_header_tells_names_shapes_and_texts(save: Any) -> None:
    weights = {"a.weight": torch.ones(2, 3).half(), "n": torch.tensor(1)}
    header = read_header(save({"state_dict": weights, "epoch": 4, "name": "abc", "rate": 0.5, "none": None, "opt": {"m": torch.ones(1)}}))
    assert header.container == "pickle"
    assert {name: (info.dtype, info.shape) for name, info in header.tensors.items()} == {"a.weight": ("F16", (2, 3)), "n": ("I64", ())}
    assert header.metadata == {"epoch": "4", "name": "abc", "rate": "0.5", "none": "null"}


def test_a_state_dict_without_tensors_is_no_model(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "weight": torch.ones(1)}, tmp_path / "x.pt")
    assert list(read_header(tmp_path / "x.pt").tensors) == ["weight"]


def test_two_tensors_of_one_name_are_refused(tmp_path: Path) -> None:
    torch.save({"a.b": torch.ones(1), "a": {"b": torch.ones(1)}}, tmp_path / "x.pt")
    with pytest.raises(ModelFileError, match=r"two tensors of the name 'a\.b'"):
        read_header(tmp_path / "x.pt")


def test_endless_names_are_refused_where_they_matter(tmp_path: Path) -> None:
    torch.save({"k" * 5000: "a text", "a": torch.ones(1)}, tmp_path / "x.pt")
    assert list(read_header(tmp_path / "x.pt").tensors) == ["a"] and read_header(tmp_path / "x.pt").metadata == {}
    torch.save({"k" * 5000: torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(ModelFileError, match="too long"):
        read_header(tmp_path / "x.pt")


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(ModelFileError, match=r"x\.pt: has no tensor 'b'"):
        load_tensors(tmp_path / "x.pt", ["a", "b"])


def test_a_safetensors_file_under_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.ones(2)}, tmp_path / "x.safetensors")
    path = (tmp_path / "x.safetensors").rename(tmp_path / "x.ckpt")
    assert read_header(path).container == "safetensors"
    assert load_tensors(path)["a"].tolist() == [1, 1] and load_tree(path)["a"].tolist() == [1, 1]


# --- what is refused ---


def spoiled(path: Path, change: Any) -> Path:
    """The file with its bytes changed."""
    raw = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(raw) or raw))
    return path


def two_names(folder: Path) -> Path:
    """A record whose own header tells another name than the directory does."""

    def change(raw: bytearray) -> None:
        place = raw.index(b"archive/data/0")
        raw[place : place + 14] = b"archive/data/1"

    return spoiled(write_zip(folder / "x.pt", tensor()), change)


def overlapping(folder: Path) -> Path:
    """The directory says that a record begins inside another one."""

    def change(raw: bytearray) -> None:
        entry = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1)
        raw[entry + 42 : entry + 46] = bytes(4)

    return spoiled(write_zip(folder / "x.pt", tensor()), change)


def shifted(folder: Path) -> Path:
    """A zip file behind something that begins like one."""
    path = write_zip(folder / "x.pt", tensor())
    (folder / "y.pt").write_bytes(b"PK\x03\x04 hidden ")
    with zipfile.ZipFile(folder / "y.pt", "a") as file, zipfile.ZipFile(path) as old:
        for name in old.namelist():
            file.writestr(name, old.read(name))
    return (folder / "y.pt").replace(path)


def far_away(folder: Path) -> Path:
    """The end says that the directory lies beyond every file."""

    def change(raw: bytearray) -> bytes:
        place = struct.pack("<4sLQL", b"PK\x06\x07", 0, (1 << 64) - 1, 1)
        return bytes(raw[:-22]) + place + struct.pack(END, b"PK\x05\x06", 0, 0, 3, 3, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    return spoiled(write_zip(folder / "x.pt", tensor()), change)


def bomb(folder: Path) -> Path:
    """A small file that unpacks to gigabytes."""
    path = write_zip(folder / "x.pt", tensor(1 << 27, (1 << 27,), (1,)), {"data/0": bytes(1 << 29)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    return path


def program_bomb(folder: Path) -> Path:
    return write_zip(folder / "x.pt", text(" " * (65 << 20)), compression=zipfile.ZIP_DEFLATED)


def many_views(folder: Path) -> Path:
    """A small storage that thousands of tensors claim whole."""
    whole = tensor(1 << 20, (1 << 20,), (1,))
    return write_zip(folder / "x.pt", b"](" + whole * 80 + b"e", {"data/0": bytes(4 << 20)})


REFUSED = {
    "names differ": (two_names, "calls itself otherwise"),
    "overlap": (overlapping, "archive/"),
    "shifted": (shifted, "in front of its first record"),
    "far away": (far_away, "cut short"),
    "bomb": (bomb, "unpacks to"),
    "program bomb": (program_bomb, "more than a model file needs"),
    "many views": (many_views, "more than it can hold"),
    "expanded": (lambda folder: write_zip(folder / "x.pt", tensor(4, (1 << 40,), (0,))), "more than it can hold"),
    "outside": (lambda folder: write_zip(folder / "x.pt", tensor(4, (2, 2), (2, 2))), "larger than its storage"),
    "offset": (lambda folder: write_zip(folder / "x.pt", tensor(4, (2, 2), (2, 1), 1)), "larger than its storage"),
    "negative": (lambda folder: write_zip(folder / "x.pt", tensor(4, (2, 2), (-2, 1))), "impossible size"),
    "small record": (lambda folder: write_zip(folder / "x.pt", tensor(), {"data/0": bytes(15)}), "a storage of 15"),
    "behind the end": (lambda folder: spoiled(write_zip(folder / "x.pt", tensor()), lambda raw: raw + b"x"), "behind its end"),
    "comment": (lambda folder: spoiled(write_zip(folder / "x.pt", tensor()), lambda raw: raw[:-2] + b"\x01\x00x"), "behind its end"),
    "cut": (lambda folder: spoiled(write_zip(folder / "x.pt", tensor()), lambda raw: raw[:-30]), "cut short"),
    "behind the program": (lambda folder: write_zip(folder / "x.pt", b"N.cos\nsystem\n"), "behind the end of its data.pkl"),
    "unknown record": (lambda folder: write_zip(folder / "x.pt", b"N", {"extra/evil.py": b"x"}), "extra/evil.py"),
    "odd storage": (lambda folder: write_zip(folder / "x.pt", b"N", {"data/0.py": b"x"}), "data/0.py"),
    "hidden program": (lambda folder: write_zip(folder / "x.pt", b"N", {"sub/data.pkl": program(b"N")}), "2 data.pkl"),
}


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_plain_is_refused(make: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        load_tree(make(tmp_path))
    assert "x.pt" in caught.value.what and words in caught.value.what


def legacy(value: object) -> bytes:
    target = BytesIO()
    torch.save(value, target, _use_new_zipfile_serialization=False)
    return target.getvalue()


def test_a_legacy_file_is_read_to_its_very_end(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    raw = legacy({"a": torch.ones(4)})
    for content, words in ((raw + b"N.", "behind its last storage"), (raw[:-1], "cut short"), (raw[:20], "middle of an instruction")):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=words):
            read_header(path)


def test_a_legacy_file_that_ends_as_a_zip_is_refused(tmp_path: Path) -> None:
    write_zip(tmp_path / "harmless.pt", tensor())
    path = tmp_path / "x.pt"
    path.write_bytes(legacy({"a": torch.ones(4)}) + (tmp_path / "harmless.pt").read_bytes())
    with pytest.raises(ModelFileError, match="ends as a zip archive"):
        read_header(path)


def test_old_parts_of_storages_are_found(tmp_path: Path) -> None:
    """Before 0.4 torch referred to parts of a storage as (key, first element, count)."""
    whole = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("7") + text("cpu") + number(6)
    part = whole + b"(" + text("v") + number(2) + number(3) + b"ttQ"
    body = b"ctorch._utils\n_rebuild_tensor\n(" + part + number(1) + b"(" + number(2) + b"t(" + number(1) + b"ttR"
    parts = [number(0x1950A86A20F9469CFC6C), number(1001), b"}", body, b"]" + text("7") + b"a"]
    path = tmp_path / "x.pt"
    path.write_bytes(b"".join(map(program, parts)) + struct.pack("<q6f", 6, *range(6)))
    assert load_tree(path).tolist() == [3, 4]


def test_large_headers_are_read(tmp_path: Path) -> None:
    names = [f"model.block.{index}.weight" for index in range(4000)]
    torch.save({"state_dict": {name: torch.zeros(1) for name in names}}, tmp_path / "x.ckpt")
    assert list(read_header(tmp_path / "x.ckpt").tensors) == names


LARGE = 5 << 30


@pytest.mark.skipif(sys.platform == "win32", reason="needs files with holes")
def test_files_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    """As torch writes them: sizes and places in the fields for large files."""
    body = program(tensor(LARGE // 4, (2, 2), (2, 1), LARGE // 4 - 4))
    records = [("archive/data/0", LARGE, 0), ("archive/data.pkl", len(body), zlib.crc32(body))]
    path, directory, full = tmp_path / "x.pt", b"", 0xFFFFFFFF
    with path.open("wb") as file:
        for name, size, crc in records:
            place, raw = file.tell(), name.encode()
            large = struct.pack("<HHQQ", 1, 16, size, size)
            file.write(struct.pack(LOCAL, b"PK\x03\x04", 45, 0, 0, 0, 0, crc, full, full, len(raw), len(large)) + raw + large)
            file.write(body) if size == len(body) else file.seek(size, 1)
            large = struct.pack("<HHQQQ", 1, 24, size, size, place)
            fields = (b"PK\x01\x02", 45, 45, 0, 0, 0, 0, crc, full, full, len(raw), len(large), 0, 0, 0, 0, full)
            directory += struct.pack(ENTRY, *fields) + raw + large
        start = file.tell()
        end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, len(directory), start)
        place = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
        file.write(directory + end + place + struct.pack(END, b"PK\x05\x06", 0, 0, 2, 2, len(directory), full, 0))
        file.seek(records[0][1] + 30 + len(records[0][0]) + 20 - 4)
        file.write(struct.pack("<f", 7))
    assert load_tree(path).tolist() == [[0, 0], [0, 7]]
    assert zipfile.is_zipfile(path) and zipfile.ZipFile(path).namelist() == ["archive/data/0", "archive/data.pkl"]


def test_zip_files_with_ends_for_large_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w") as file:
        for name, data in (("archive/data.pkl", program(tensor())), ("archive/data/0", struct.pack("<4f", 1, 2, 3, 4))):
            with file.open(name, "w", force_zip64=True) as record:
                record.write(data)
    assert load_tree(path).tolist() == [[1, 2], [3, 4]]
    assert read_pickle(path).regions["0"].size_bytes == 16
