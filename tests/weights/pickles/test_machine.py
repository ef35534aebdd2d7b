"""The machine follows harmless programs as Python would, and stops at what is unsafe, damaged or too much."""

from __future__ import annotations

import collections
import pickle
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.testing.pickles import number, program, text
from app.weights.pickles import limits
from app.weights.pickles.opcodes import run_pickle
from app.weights.pickles.refusal import Damaged, Refused, Unsafe
from app.weights.pickles.source import Source
from app.weights.pickles.tree import plain_tree

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(0, 9999), inner),
    max_leaves=25,
)


def read(raw: bytes) -> Any:
    return plain_tree(run_pickle(Source(BytesIO(raw), len(raw))))


@settings(deadline=None, max_examples=300)
@given(PLAIN, st.sampled_from(PROTOCOLS))
def test_plain_values_come_back(value: Any, protocol: int) -> None:
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_containers_of_the_standard_library_become_plain(protocol: int) -> None:
    ordered = collections.OrderedDict([("b", 1), ("a", [2])])
    ordered.note = "dropped"  # type: ignore[attr-defined]
    rest = {"s": {1, 2}, "f": frozenset("ab"), "y": bytearray(b"12"), "c": 1 + 2j}
    made = read(pickle.dumps({"o": ordered, "d": collections.defaultdict(list, {"x": [1]}), **rest}, protocol))
    assert made == {"o": {"b": 1, "a": [2]}, "d": {"x": [1]}, **rest}
    assert type(made["o"]) is dict and type(made["d"]) is dict and list(made["o"]) == ["b", "a"]


def test_strings_of_python_2_are_texts_where_that_is_certain() -> None:
    assert read(b"S'plain \\'text\\''\n.") == "plain 'text'"
    assert read(b"U\x02\xc3\xa9.") == b"\xc3\xa9"
    assert read(b"T\x03\x00\x00\x00abc.") == "abc"


def test_a_value_that_is_used_twice_is_one_object() -> None:
    inner = [1]
    made = read(pickle.dumps([inner, inner]))
    assert made[0] is made[1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"cos\nsystem\n" + text("true") + b"\x85R", "os.system"),
        (text("os") + text("system") + b"\x93.", "os.system"),
        (b"(" + text("true") + b"ios\nsystem\n", "os.system"),
        (b"(cos\nsystem\n" + text("true") + b"o", "os.system"),
        (b"cos.path\njoin\n", "os.path.join"),
        (b"ctorch\nload\n", "torch.load"),
        (b"ctorch\nFloatStorage.__init__\n", "FloatStorage.__init__"),
        (b"c\nx\n", ".x"),
        (b"ctorch\nFloatStorage\n" + b")R", "call of torch.FloatStorage"),
        (b"ctorch\nfloat16\n)R", "call of torch.float16"),
        (b"cbuiltins\nint\n)R", "call of builtins.int"),
        (text("abc") + b")R", "call of a value of the kind str"),
        (b"ccollections\nOrderedDict\n)}" + text("a") + b"K\x01s\x92", "by name"),
        (b"]" + text("x") + b"b", "changes a value of the kind list"),
        (b"\x82\x01", "extension registry"),
        (b"Psomething\n", "outside"),
        (b"cnumpy\ndtype\n" + text("O8") + b"\x89\x88\x87R", "Python objects"),
        (b"ctorch._tensor\n_rebuild_from_type_v2\n(ccollections\nOrderedDict\nctorch\nTensor\n)}tR", "OrderedDict for torch.Tensor"),
        (b"cpytorch_lightning.utilities\nload\n", "pytorch_lightning.utilities.load"),
        (b"cpytorch_lightning.x\nA.b\n", "pytorch_lightning.x.A.b"),
    ],
)
def test_unsafe_programs_are_named(body: bytes, words: str) -> None:
    with pytest.raises(Unsafe) as caught:
        read(program(body))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x02",
        b".",
        b"\x80\x09N.",
        b"\x80\x02\xff.",
        b"\x80\x02]K\x01K\x02s.",
        b"\x80\x02h\x05.",
        b"\x80\x02t.",
        b"\x80\x02K\x01\x86.",
        b"\x80\x02a.",
        b"\x80\x02X\xff\xff\xff\xffabc.",
        b"\x80\x02X\x02\x00\x00\x00\xff\xfe.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.",
        b"\x80\x02\x8b\xff\xff\x00\x00.",
        b"Ixyz\n.",
        b"I--5\n.",
        b"Fxyz\n.",
        b"Sxyz\n.",
        b"I5",
        b"p" + b"9" * 50 + b"\n.",
    ],
)
def test_damaged_programs_are_refused(raw: bytes) -> None:
    with pytest.raises(Damaged):
        read(raw)


def test_objects_of_training_programs_are_left_out() -> None:
    callback = b"cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n"
    assert read(program(b"}" + text("a") + callback + b")\x81}" + text("x") + b"K\x01sbs")) == {"a": None}
    assert read(program(b"}" + callback + b"K\x01s")) == {"pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint": 1}


def circle() -> bytes:
    return program(b"]q\x00h\x00a")


def nested(levels: int) -> bytes:
    return program(b"]" * levels + b"a" * (levels - 1))


def doubling(levels: int) -> bytes:
    """Each list holds the one before it twice."""
    steps = (b"q" + bytes([level]) + b"](h" + bytes([level]) + b"h" + bytes([level]) + b"e" for level in range(levels))
    return program(b"]" + b"".join(steps))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (circle(), "contains itself"),
        (nested(limits.MAX_DEPTH + 5), "levels deep"),
        (program(b"(" * (limits.MAX_DEPTH + 5)), "levels deep"),
        (doubling(40), "values"),
        (program(b"N0" * (limits.MAX_INSTRUCTIONS // 2 + 1) + b"N"), "steps"),
        (program(b"\x8f" * (limits.MAX_MEMORY_BYTES // 200)), "memory"),
        (program(b"}(K\x01t\x85\x85K\x01s"), "key of the kind tuple"),
        (program(b"}]K\x01s"), "key of the kind list"),
        (program(b"}" + number(1 << 62) + b"K\x01s"), "key of the kind int"),
    ],
    ids=["circle", "deep", "marks", "doubling", "long", "memory", "nested key", "list key", "large key"],
)
def test_what_would_exhaust_a_reader_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(Refused) as caught:
        read(raw)
    assert words in str(caught.value)


def test_copies_of_large_values_are_counted() -> None:
    many = b"](" + b"N" * 10_000 + b"eq\x00"
    with pytest.raises(Damaged, match="memory"):
        read(program(many + b"cbuiltins\nlist\nq\x01" + b"h\x01h\x00\x85R" * 5000 + b"N"))
