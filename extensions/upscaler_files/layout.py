"""Tells from the names and shapes of a file's tensors which upscaling network it holds; no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.api import ModelHeader, TensorInfo

Tensors = Mapping[str, TensorInfo]
Family = Literal["rrdb", "compact", "other"]

WRAPPERS = ("params_ema.", "params.", "params-ema.", "state_dict.", "model_state_dict.", "")
"""What stands in front of the names in files that hold more than the network; the first that fits is used."""
MODULE = "module."
"""Stands there too where a network was trained on several devices."""
OTHERS: Mapping[str, str] = {
    "layers.0.residual_group.blocks.0.attn.relative_position_bias_table": "SwinIR",
    "layers.0.residual_group.blocks.0.attn.relative_position_index": "SwinIR",
    "m_head.0.weight": "ScuNET",
    "before_RG.1.weight": "DAT",
    "layers.0.blocks.0.attn.attns.0.rpe_biases": "DAT",
    "layers.0.residual_group.blocks.0.conv_block.cab.0.weight": "HAT",
}
"""Tensors by which other architectures are known, for messages."""
MARKS = ("conv_first.weight", "model.0.weight", "body.0.weight", *OTHERS)
"""Every network that is known here has one of these tensors."""
_DENSE = re.compile(r"body\.(\d+)\.rdb1\.conv1\.weight")
_OLD_DENSE = re.compile(r"model\.1\.sub\.(\d+)\.RDB1\.conv1\.0\.weight")
_OLD_CONV = re.compile(r"model\.(\d+)\.weight")
_TRUNK = re.compile(r"RRDB_trunk\.(\d+)\.")
_LAYER = re.compile(r"body\.(\d+)\.weight")


@dataclass(frozen=True)
class Layout:
    """A network: its family, what stands in front of its tensors' names, its factor, channels and sizes.

    ``shuffle``: pixels in a square of this side are its input channels. ``names``: the file's names (without ``prefix``) by those that
    the network here uses. ``title`` says which architecture it is.
    """

    family: Family
    title: str
    prefix: str = ""
    scale: int = 4
    channels: int = 3
    features: int = 64
    blocks: int = 0
    growth: int = 32
    ups: int = 2
    shuffle: int = 1
    has_1x1: bool = False
    names: Mapping[str, str] | None = None


def layout_of(header: ModelHeader) -> Layout | None:
    """The network in a file; None when it is no upscaler that is known by its tensors."""
    marked = [name for name in header.tensors if name.endswith(MARKS)]
    for prefix in (prefix + module for prefix in WRAPPERS for module in ("", MODULE)):
        if not any(name.startswith(prefix) and name[len(prefix) :] in MARKS for name in marked):
            continue
        tensors = {name.removeprefix(prefix): info for name, info in header.tensors.items() if name.startswith(prefix)}
        found = _rrdb(tensors, prefix) or _compact(tensors, prefix) or _other(tensors, prefix)
        if found is not None:
            return found
    return None


def _other(tensors: Tensors, prefix: str) -> Layout | None:
    return next((Layout("other", title, prefix) for name, title in OTHERS.items() if name in tensors), None)


# --- ESRGAN ---


def _rrdb(tensors: Tensors, prefix: str) -> Layout | None:
    """The network of ESRGAN (arXiv:1809.00219) and Real-ESRGAN (arXiv:2107.10833) in any of its three spellings."""
    names = modern_names(tensors)
    if names is None:
        return None
    first, last = tensors[names["conv_first.weight"]].shape, tensors[names["conv_last.weight"]].shape
    dense = tensors[names["body.0.rdb1.conv1.weight"]].shape
    ups = sum(f"conv_up{number}.weight" in names for number in range(1, 5))
    channels, shuffle = last[0], 1
    if first[1] != channels:
        shuffle = math.isqrt(first[1] // channels) if channels else 0
        if shuffle not in (2, 4) or shuffle * shuffle * channels != first[1]:
            return None
    if channels not in (1, 3) or 2**ups % shuffle:
        return None
    return Layout(
        "rrdb",
        "ESRGAN",
        prefix,
        scale=2**ups // shuffle,
        channels=channels,
        features=first[0],
        blocks=1 + max(int(name.split(".")[1]) for name in names if name.startswith("body.")),
        growth=dense[0],
        ups=ups,
        shuffle=shuffle,
        has_1x1="body.0.rdb1.conv1x1.weight" in names,
        names=names,
    )


def modern_names(tensors: Tensors) -> dict[str, str] | None:
    """The file's names by Real-ESRGAN's; None when it is no such network."""
    if any(_DENSE.fullmatch(name) for name in tensors):
        renamed = {name: name for name in tensors}
    elif any(_OLD_DENSE.fullmatch(name) for name in tensors):
        renamed = _from_sequence(tensors)
    elif any(_TRUNK.match(name) for name in tensors):
        renamed = {_from_trunk(name): name for name in tensors}
    else:
        return None
    needed = ("conv_first.weight", "conv_body.weight", "conv_hr.weight", "conv_last.weight", "body.0.rdb1.conv1.weight")
    return renamed if all(name in renamed for name in needed) else None


def _from_trunk(name: str) -> str:
    """The spelling of ESRGAN's later code, which BSRGAN has too."""
    plain = {"trunk_conv": "conv_body", "upconv1": "conv_up1", "upconv2": "conv_up2", "upconv3": "conv_up3", "HRconv": "conv_hr"}
    head, dot, rest = name.partition(".")
    if head == "RRDB_trunk":
        return "body." + rest.replace("RDB", "rdb")
    return f"{plain.get(head, head)}{dot}{rest}"


def _from_sequence(tensors: Tensors) -> dict[str, str]:
    """The spelling of ESRGAN's first code: layers numbered in one sequence."""
    outer = sorted({int(match[1]) for name in tensors if (match := _OLD_CONV.fullmatch(name))})
    inner = sorted({int(match[1]) for name in tensors if (match := re.fullmatch(r"model\.1\.sub\.(\d+)\.weight", name))})
    heads = {outer[0]: "conv_first", outer[-2]: "conv_hr", outer[-1]: "conv_last"} if len(outer) > 2 else {}
    heads |= {number: f"conv_up{place}" for place, number in enumerate(outer[1:-2], 1)}
    renamed = {}
    for name in tensors:
        parts = name.split(".")
        if name.startswith("model.1.sub."):
            number, rest = parts[3], parts[4:]
            if inner and int(number) == inner[-1]:
                renamed[f"conv_body.{parts[-1]}"] = name
            else:
                renamed[".".join(["body", number, *(part.replace("RDB", "rdb") for part in rest if part != "0")])] = name
        elif len(parts) == 3 and parts[1].isdecimal() and int(parts[1]) in heads:
            renamed[f"{heads[int(parts[1])]}.{parts[2]}"] = name
    return renamed


# --- Real-ESRGAN compact ---


def _compact(tensors: Tensors, prefix: str) -> Layout | None:
    """Real-ESRGAN's small network: convolutions with PReLU between them, numbered in one sequence."""
    layers = sorted(int(match[1]) for name in tensors if (match := _LAYER.fullmatch(name)))
    if len(layers) < 3 or layers != list(range(len(layers))) or len(layers) % 2 == 0:
        return None
    shapes = [tensors[f"body.{number}.weight"].shape for number in layers]
    convolutions, slopes = shapes[::2], shapes[1::2]
    if any(len(shape) != 4 or shape[2:] != (3, 3) for shape in convolutions) or any(len(shape) != 1 for shape in slopes):
        return None
    channels, features = convolutions[0][1], convolutions[0][0]
    scale = math.isqrt(convolutions[-1][0] // channels) if channels else 0
    if channels not in (1, 3) or not scale or scale * scale * channels != convolutions[-1][0]:
        return None
    names = {name: name for name in tensors}
    return Layout("compact", "Real-ESRGAN compact", prefix, scale, channels, features, len(convolutions) - 2, names=names)
