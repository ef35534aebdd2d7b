"""Names are confined on every system, whatever somebody calls a file."""

from __future__ import annotations

import ntpath
import posixpath
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.api import LONGEST_NAME_BYTES, ModelFolder, RunningHashes, UserError, name_problem
from extensions.model_files.names import check_folder, check_name, clean_name, suffix_of
from extensions.model_files.places import readable

LORA = ModelFolder("lora", "LoRA", "Lora", (".safetensors", ".pt"))
CHECKPOINT = ModelFolder("checkpoint", "Checkpoint", "S", (".safetensors", ".ckpt"), without=(".vae.safetensors",))
PIECES = (*"aé./\\:*?<>|\"' \t\n\0\x7f\u202e\ud800~", "CON", "..", "%2e", ".safetensors", "nul", "e\u0301")
NASTY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
NAMES = st.one_of(NASTY, st.text(max_size=300))


def is_confined(name):
    return name == posixpath.basename(name) == ntpath.basename(name) and name not in ("", ".", "..") and not name.startswith(".")


@given(NAMES)
@example("con.safetensors")
@example("a.safetensors:stream")
@example("COM¹.safetensors")
@example("x.safetensors.")
def test_what_is_accepted_is_one_visible_name(name):
    for wanted in (name, f"{name}.safetensors"):
        try:
            accepted = check_name(wanted, LORA)
        except UserError as error:
            assert error.field == "name"
            continue
        assert is_confined(accepted) and accepted.lower().endswith((".safetensors", ".pt"))
        assert accepted == unicodedata.normalize("NFC", accepted) and len(accepted.encode()) <= LONGEST_NAME_BYTES
        assert not ntpath.splitdrive(accepted)[0] and accepted.split(".")[0].lower() not in ("con", "nul", "aux", "prn", "com1")


@given(NAMES)
def test_a_sub_folder_stays_below(folder):
    try:
        accepted = check_folder(folder)
    except UserError as error:
        assert error.field == "folder"
        return
    assert not posixpath.isabs(accepted) and all(is_confined(part) for part in accepted.split("/") if accepted)
    assert posixpath.normpath(posixpath.join("/models", accepted)).startswith("/models")


@given(NAMES)
@example("C:\\fakepath\\my model.safetensors")
@example("../../etc/passwd")
@example("a" * 300 + ".safetensors")
@example(".safetensors")
def test_any_name_can_be_made_into_one(name):
    cleaned = clean_name(name)
    assert name_problem(cleaned) == "" and is_confined(cleaned)
    assert clean_name(cleaned) == cleaned


def test_the_suffix_survives_cleaning():
    assert clean_name("C:\\fakepath\\my: model.safetensors") == "my_ model.safetensors"
    long = clean_name("a" * 300 + ".safetensors")
    assert long.endswith("a.safetensors") and len(long) == LONGEST_NAME_BYTES


@pytest.mark.parametrize("name", ["x.txt", "x.vae.safetensors", ".safetensors", "x.preview.ckpt", "x"])
def test_a_checkpoint_is_not_called_so(name):
    with pytest.raises(UserError):
        check_name(name, CHECKPOINT)


def test_a_suffix_may_be_written_in_any_case():
    assert suffix_of("A.SafeTensors", LORA) == ".SafeTensors" and suffix_of("a.zip", LORA) == ""


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=4))
@example(b"\x05\0\0\0\0\0\0\0abcdefgh", [3, 9])
def test_hashes_of_pieces_are_those_of_the_whole(tmp_path_factory, data, cuts):
    from app.api import hash_file

    path = tmp_path_factory.getbasetemp() / "pieces.safetensors"
    path.write_bytes(data)
    hashes, places = RunningHashes(True), [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in zip(places, places[1:], strict=False):
        hashes.update(data[begin:end])
    assert hashes.result() == hash_file(path)
    late = RunningHashes(True)
    late.update(data[: len(data) // 2])
    late.catch_up(path, len(data))
    assert late.result() == hash_file(path)


def test_sizes_are_readable():
    assert [readable(size) for size in (0, 999, 1000, 123_456, 6_500_000_000)] == ["0 bytes", "999 bytes", "1.0 kB", "123 kB", "6.5 GB"]
