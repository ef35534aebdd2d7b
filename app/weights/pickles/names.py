"""The names that a pickled file may ask for, each with what it stands for; every other name is refused.

Nothing is looked up in Python: a name only decides how the reader describes what the file has at this place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.weights.pickles.refusal import Unsafe

Role = Literal["call", "storage", "dtype", "constant", "dropped"]

STORAGES: Mapping[str, str] = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
    "ComplexFloatStorage": "C64",
    "ComplexDoubleStorage": "C128",
    "ComplexHalfStorage": "C32",
    "UntypedStorage": "",
    "_UntypedStorage": "",
}
"""Kinds of storage with the format of their elements; "": bytes."""
DTYPES: Mapping[str, str] = {
    "float64": "F64",
    "double": "F64",
    "float32": "F32",
    "float": "F32",
    "float16": "F16",
    "half": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "int64": "I64",
    "long": "I64",
    "int32": "I32",
    "int": "I32",
    "int16": "I16",
    "short": "I16",
    "int8": "I8",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
    "complex32": "C32",
    "chalf": "C32",
    "complex64": "C64",
    "cfloat": "C64",
    "complex128": "C128",
    "cdouble": "C128",
}
"""torch's names of number formats."""
CALLS = frozenset(
    {
        "_codecs.encode",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.defaultdict",
        "copyreg._reconstructor",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
        "numpy._core.numeric._frombuffer",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy.core.numeric._frombuffer",
        "numpy.dtype",
        "torch.Size",
        "torch.device",
        "torch._tensor._rebuild_from_type_v2",
        "torch._utils._rebuild_device_tensor_from_cpu_tensor",
        "torch._utils._rebuild_device_tensor_from_numpy",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch.nn.modules.container.ParameterDict",
        "torch.nn.modules.container.ParameterList",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.complex",
        "builtins.dict",
        "builtins.frozenset",
        "builtins.list",
        "builtins.set",
        "builtins.tuple",
    }
)
"""What may be called: ``calls.py`` says what comes of it."""
CONSTANTS = frozenset(
    {
        "builtins.bool",
        "builtins.float",
        "builtins.int",
        "builtins.object",
        "builtins.str",
        "numpy.ndarray",
        "torch.Tensor",
        "torch.nn.parameter.Buffer",
        "torch.nn.parameter.Parameter",
        "typing.Any",
    }
)
"""What may be mentioned, as an argument of something else."""
DROPPED = re.compile(
    r"(argparse\.Namespace|collections\.deque|pathlib\.(Pure)?(Posix|Windows)?Path|types\.SimpleNamespace"
    r"|(pytorch_lightning|lightning|lightning_fabric|omegaconf)(\.[a-z_]\w*)*\.[A-Z]\w*)",
    re.ASCII,
)
"""Classes of training programs that checkpoints carry along; their objects are left out, whatever they hold."""
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_RENAMED: Mapping[str, str] = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""Modules that were called otherwise in Python 2."""
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Known:
    """A name from the list; ``dtype`` of storages and number formats."""

    name: str
    role: Role
    dtype: str = ""


def look_up(module: str, name: str) -> Known:
    """What a name stands for; raises Unsafe that tells the name."""
    if not _MODULE.fullmatch(module) or not _NAME.fullmatch(name):
        raise unsafe_name(f"{module}.{name}")
    full = f"{_RENAMED.get(module, module)}.{name}"
    if full in CALLS:
        return Known(full, "call")
    if full in CONSTANTS:
        return Known(full, "constant")
    if module in ("torch", "torch.storage", "torch.cuda") and name in STORAGES:
        return Known(full, "storage", STORAGES[name])
    if module == "torch" and name in DTYPES:
        return Known(full, "dtype", DTYPES[name])
    if DROPPED.fullmatch(full):
        return Known(full, "dropped")
    raise unsafe_name(full)


def unsafe_name(full: str) -> Unsafe:
    """The refusal of a name."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in full[:_SHOWN])
    return Unsafe(f"asks for {shown}, which is program code and no weights")
