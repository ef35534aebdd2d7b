"""What comes of the calls that a pickled file may ask for: plain values and descriptions, made here and never by what is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.weights.pickles import numpy_values
from app.weights.pickles.limits import MAX_AXES, MAX_SIZE
from app.weights.pickles.names import Known
from app.weights.pickles.objects import Dropped, NumberArray, NumberFormat, ParameterContainer, plain_text
from app.weights.pickles.refusal import Damaged, Unsafe
from app.weights.pickles.values import ITEM_BYTES, StorageEntry, TensorEntry

Arguments = tuple[object, ...]
_LATIN = ("latin1", "latin-1", "iso-8859-1")
_TENSOR_PARTS = 4
_V3_DTYPE = 6
_KEY_PARTS, _LARGEST_KEY = 8, 1 << 60
"""Within these, no file can make the keys of a dictionary collide."""
_FRAMES = ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter", "_rebuild_parameter_with_state")


def call(function: object, arguments: object) -> object:
    """What a call gives; raises Unsafe for calls of anything that is not on the list."""
    if not isinstance(function, Known) or function.role not in ("call", "dropped"):
        named = function.name if isinstance(function, Known) else f"a value of the kind {type(function).__name__}"
        raise Unsafe(f"contains a call of {named}")
    if not isinstance(arguments, tuple):
        raise Damaged(f"calls {function.name} without a list of arguments")
    if function.role == "dropped":
        return Dropped(function.name)
    return _CALLS[function.name](arguments)


def outside(reference: object) -> StorageEntry | Known:
    """What torch keeps beside the pickle: a storage, or in old files ("module", class, its file, its source text)."""
    if isinstance(reference, tuple) and len(reference) == 4 and reference[0] == "module" and isinstance(reference[1], Known):
        return reference[1]
    return _stored(reference)


def _stored(reference: object) -> StorageEntry:
    """A storage by torch's reference: ("storage", kind, key, place, count[, view]), view = (key, first element, count)."""
    if not isinstance(reference, tuple) or len(reference) < 5 or reference[0] != "storage":
        raise Damaged("refers to something outside that is no storage")
    _, kind, key, _, count = reference[:5]
    if not isinstance(kind, Known) or kind.role != "storage":
        raise Damaged("refers to a storage of an unknown kind")
    entry = StorageEntry(plain_text(key, "a storage key"), kind.dtype, _size(count))
    view = reference[5] if len(reference) > 5 else None
    if view is None:
        return entry
    if not isinstance(view, tuple) or len(view) != 3:
        raise Damaged("refers to a part of a storage without saying which")
    start, part = _size(view[1]), _size(view[2])
    if start + part > entry.count:
        raise Damaged("refers to a part of a storage that is larger than the whole")
    return StorageEntry(entry.key, entry.dtype, part, start)


def _tensor(arguments: Arguments, dtype: str = "") -> TensorEntry:
    """``_rebuild_tensor``: (storage, offset, shape, stride, ...)."""
    if len(arguments) < _TENSOR_PARTS:
        raise Damaged("has a tensor without its parts")
    storage, offset, shape, stride = arguments[:_TENSOR_PARTS]
    if not isinstance(storage, StorageEntry):
        raise Damaged("has a tensor without a storage")
    dtype = dtype or storage.dtype
    if not dtype:
        raise Damaged("has a tensor without a number format")
    entry = TensorEntry(dtype, _sizes(shape), _sizes(stride), _size(offset), storage)
    if len(entry.shape) != len(entry.stride):
        raise Damaged("has a tensor of an impossible shape")
    room = storage.count * ITEM_BYTES[storage.dtype or "U8"]
    needed = (entry.offset + entry.span) * ITEM_BYTES[dtype] if entry.count else 0  # empty parts may lie behind the end
    if needed > room or entry.count > MAX_SIZE:
        raise Damaged("has a tensor that is larger than its storage")
    return entry


def _tensor_v2(arguments: Arguments) -> TensorEntry:
    if len(arguments) > 6:
        _refuse_lazy(arguments[6])
    return _tensor(arguments)


def _tensor_v3(arguments: Arguments) -> TensorEntry:
    dtype = arguments[_V3_DTYPE] if len(arguments) > _V3_DTYPE else None
    if not isinstance(dtype, Known) or dtype.role != "dtype":
        raise Damaged("has a tensor without a number format")
    if len(arguments) > _V3_DTYPE + 1:
        _refuse_lazy(arguments[_V3_DTYPE + 1])
    return _tensor(arguments, dtype.dtype)


def _refuse_lazy(metadata: object) -> None:
    """torch's flags of tensors that are to be conjugated or negated when they are used."""
    if isinstance(metadata, dict) and (len(metadata) > _KEY_PARTS or any(metadata.values())):
        raise Damaged("has a tensor that is conjugated or negated only when it is used")


def _parameter(arguments: Arguments) -> object:
    if not arguments or not isinstance(arguments[0], TensorEntry | NumberArray):
        raise Damaged("has a parameter without a tensor")
    return arguments[0]


def _of_device(arguments: Arguments) -> object:
    """Tensors of devices without storages: (array or tensor, number format, device, ...)."""
    data, dtype = arguments[:2] if len(arguments) > 2 else (None, None)
    form = data.format.dtype if isinstance(data, NumberArray) and data.format else data.dtype if isinstance(data, TensorEntry) else ""
    if not isinstance(dtype, Known) or not form or form != dtype.dtype:
        raise Damaged("has a tensor of a device in another number format than it is to have")
    return data


def _of_type(arguments: Arguments) -> object:
    """``_rebuild_from_type_v2``: (function, class, arguments, attributes); only torch's own two classes."""
    if len(arguments) < 3 or not isinstance(arguments[0], Known) or not isinstance(arguments[1], Known):
        raise Damaged("has a tensor of an unknown class")
    function, kind = arguments[0], arguments[1]
    if not function.name.endswith(_FRAMES) or not kind.name.startswith("torch.") or kind.role != "constant":
        raise Unsafe(f"contains a call of {function.name} for {kind.name}")
    return call(function, arguments[2])


def _encode(arguments: Arguments) -> bytes:
    """How bytes are pickled for Python 2."""
    if len(arguments) != 2 or not isinstance(arguments[0], str) or arguments[1] not in _LATIN:
        raise Damaged("has bytes in an unknown encoding")
    try:
        return arguments[0].encode("latin-1")
    except UnicodeEncodeError as error:
        raise Damaged("has bytes that are none") from error


def _dictionary(arguments: Arguments) -> dict[object, object]:
    """Empty, or with an empty list: pairs are set by instructions of their own, except in very old files."""
    pairs = arguments[0] if arguments else []
    if len(arguments) > 1 or not isinstance(pairs, dict | list | tuple):
        raise Damaged("has a dictionary of an unknown form")
    if isinstance(pairs, dict):
        return dict(pairs)
    result: dict[object, object] = {}
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Damaged("has a dictionary of an unknown form")
        result[checked_key(pair[0])] = pair[1]
    return result


def _items(arguments: Arguments) -> list[object]:
    items = arguments[0] if arguments else []
    if len(arguments) > 1 or not isinstance(items, list | tuple | set | frozenset):
        raise Damaged("has a collection of an unknown form")
    return list(items)


def _bytes(arguments: Arguments) -> bytes:
    if not arguments:
        return b""
    data = arguments[0]
    return bytes(data) if isinstance(data, bytes | bytearray) else _encode(arguments)


def _complex(arguments: Arguments) -> complex:
    real, imaginary = arguments if len(arguments) == 2 else (None, None)
    if isinstance(real, float) and isinstance(imaginary, float):
        return complex(real, imaginary)
    raise Damaged("has a complex number of an unknown form")


def _array_from_buffer(arguments: Arguments) -> NumberArray:
    """``_frombuffer(bytes, format, shape, order)``."""
    if len(arguments) != 4:
        raise Damaged("has an array without its parts")
    array = NumberArray()
    numpy_values.fill_array(array, arguments[1], arguments[2], arguments[3] == "F", arguments[0])
    return array


def _reconstruct(arguments: Arguments) -> object:
    """``copyreg._reconstructor(class, base, state)``, of protocols 0 and 1."""
    return call(arguments[0] if arguments else None, ())


def checked_key(key: object) -> object:
    """A key of a dictionary: a plain value or a tuple of such, so that looking it up stays cheap; raises Damaged."""
    if isinstance(key, tuple):
        is_plain = len(key) <= _KEY_PARTS and not any(isinstance(part, tuple) or checked_key(part) is not part for part in key)
    elif isinstance(key, int | float):
        is_plain = abs(key) < _LARGEST_KEY
    else:
        is_plain = key is None or isinstance(key, str | bytes | Known)
    if not is_plain:
        raise Damaged(f"has a dictionary key of the kind {type(key).__name__}")
    return key


def _sizes(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple | list) or len(value) > MAX_AXES:
        raise Damaged("has a tensor of an impossible shape")
    return tuple(_size(size) for size in value)


def _size(value: object) -> int:
    if type(value) is not int or not 0 <= value < MAX_SIZE:
        raise Damaged("has a tensor of an impossible size")
    return value


_CALLS: Mapping[str, Callable[[Arguments], object]] = {
    "_codecs.encode": _encode,
    "builtins.bytearray": lambda arguments: bytearray(_bytes(arguments)),
    "builtins.bytes": _bytes,
    "builtins.complex": _complex,
    "builtins.dict": _dictionary,
    "builtins.frozenset": lambda arguments: frozenset(map(checked_key, _items(arguments))),
    "builtins.list": _items,
    "builtins.set": lambda arguments: set(map(checked_key, _items(arguments))),
    "builtins.tuple": lambda arguments: tuple(_items(arguments)),
    "collections.Counter": _dictionary,
    "collections.OrderedDict": _dictionary,
    "collections.defaultdict": lambda arguments: {},
    "copyreg._reconstructor": _reconstruct,
    "numpy._core.multiarray._reconstruct": lambda arguments: NumberArray(),
    "numpy._core.multiarray.scalar": numpy_values.scalar,
    "numpy._core.numeric._frombuffer": _array_from_buffer,
    "numpy.core.multiarray._reconstruct": lambda arguments: NumberArray(),
    "numpy.core.multiarray.scalar": numpy_values.scalar,
    "numpy.core.numeric._frombuffer": _array_from_buffer,
    "numpy.dtype": numpy_values.number_format,
    "torch.Size": lambda arguments: _sizes(arguments[0] if arguments else ()),
    "torch.device": lambda arguments: Dropped("torch.device"),
    "torch._tensor._rebuild_from_type_v2": _of_type,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _of_device,
    "torch._utils._rebuild_device_tensor_from_numpy": _of_device,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor_v2,
    "torch._utils._rebuild_tensor_v3": _tensor_v3,
    "torch.nn.modules.container.ParameterDict": lambda arguments: ParameterContainer(is_list=False),
    "torch.nn.modules.container.ParameterList": lambda arguments: ParameterContainer(is_list=True),
}


def build(target: object, state: object) -> None:
    """The BUILD instruction: fill an object; attributes that torch and Python hang onto plain values are left out."""
    if isinstance(target, NumberFormat):
        numpy_values.set_format(target, state)
    elif isinstance(target, NumberArray):
        numpy_values.set_array(target, state)
    elif isinstance(target, ParameterContainer) and isinstance(state, dict):
        target.fill(state)
    elif not isinstance(target, dict | Dropped | TensorEntry):
        raise Unsafe(f"changes a value of the kind {type(target).__name__}")
