"""Writes the files that go with the checkpoint: a second VAE, a LoRA and an embedding, by the same formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tools.formula_model.formula import Floats, uniform
from tools.formula_model.layout import file_header
from tools.formula_model.weights import VAE, values
from tools.formula_model.write import shapes

TEXT_WIDTH = 768
RANK, ALPHA = 4, 2.0
VECTORS = 2

SHA256: Mapping[str, str] = MappingProxyType(
    {
        "second-vae.safetensors": "afc300e84a70556b0060fb75562449803eaf5d46748b85ed97492bf538522226",
        "e2e-lora.safetensors": "7cf01a5a53d16fb47c93268a46532d79aa8b28e4e7fa345a1e6bcae471cbfaa3",
        "e2e-emb.safetensors": "5c654aae591062bb6c56ee6271a8db880712e01757e293c413c6cabb0d0ec406",
    }
)
"""Of the files whose bytes were recorded."""


def write_vae(folder: Path) -> Path:
    """``second-vae.safetensors`` (167 MB): the checkpoint's VAE with a quarter of other values added."""
    layout = {name: shape for name, shape in shapes().items() if name.startswith(VAE)}
    path = folder / "second-vae.safetensors"
    with path.open("wb") as file:
        file.write(file_header({name.removeprefix(VAE): ("F16", shape) for name, shape in layout.items()}, {"format": "pt"}))
        for name, shape in layout.items():
            file.write(values(name, shape, ".second").tobytes())
    return path


def write_lora(folder: Path) -> Path:
    """``e2e-lora.safetensors``: 23 layers in kohya's names."""
    metadata = {"ss_network_dim": "4", "ss_network_alpha": "2", "ss_output_name": "e2e-lora", "ss_network_module": "networks.lora"}
    tensors: dict[str, NDArray[np.float16]] = {}
    for module, shape in _lora_modules().items():
        down, up = (RANK, *shape[1:]), (shape[0], RANK, *(1 for _ in shape[2:]))
        tensors[f"{module}.lora_down.weight"] = _half(f"{module}.lora_down.weight", down, math.sqrt(3.0 / math.prod(shape[1:])))
        tensors[f"{module}.lora_up.weight"] = _half(f"{module}.lora_up.weight", up, 0.8 * math.sqrt(3.0))
        tensors[f"{module}.alpha"] = np.full((), ALPHA, np.float16)
    path = folder / "e2e-lora.safetensors"
    header = file_header({name: ("F16", tensor.shape) for name, tensor in tensors.items()}, metadata)
    path.write_bytes(header + b"".join(tensor.tobytes() for tensor in tensors.values()))
    return path


def write_embedding(folder: Path) -> Path:
    """``e2e-emb.safetensors``: two vectors."""
    path = folder / "e2e-emb.safetensors"
    vectors = _scaled("e2e-emb", (VECTORS, TEXT_WIDTH), 0.5 * math.sqrt(3.0))
    path.write_bytes(file_header({"emb_params": ("F32", vectors.shape)}, {}) + vectors.tobytes())
    return path


COMPANIONS: Mapping[str, tuple[str, Callable[[Path], Path]]] = MappingProxyType(
    {
        "vae2": ("models/VAE", write_vae),
        "lora": ("models/Lora", write_lora),
        "embedding": ("embeddings", write_embedding),
    }
)
"""What a recorded request may need: its folder in a data folder, and what writes it."""


def digest(path: Path) -> str:
    """sha256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def _lora_modules() -> dict[str, tuple[int, ...]]:
    """Shapes of the layers' weights by kohya's names, in the order of the file."""
    modules: dict[str, tuple[int, ...]] = {}
    for level, width in enumerate((320, 640, 1280)):
        block = f"lora_unet_down_blocks_{level}_attentions_0_transformer_blocks_0_"
        modules |= {f"{block}attn1_to_q": (width, width)}
        modules |= {f"{block}attn2_to_{which}": (width, TEXT_WIDTH) for which in ("k", "v")}
    block = "lora_unet_up_blocks_3_attentions_1_transformer_blocks_0_"
    modules |= {f"{block}attn1_to_out_0": (320, 320), f"{block}attn2_to_v": (320, TEXT_WIDTH), f"{block}ff_net_0_proj": (2560, 320)}
    modules |= {"lora_unet_mid_block_attentions_0_proj_in": (1280, 1280, 1, 1), "lora_unet_down_blocks_1_resnets_1_conv1": (640, 640, 3, 3)}
    for layer in (0, 5, 11):
        block = f"lora_te_text_model_encoder_layers_{layer}_"
        modules |= {f"{block}self_attn_{which}_proj": (TEXT_WIDTH, TEXT_WIDTH) for which in ("q", "v")}
        modules |= {f"{block}mlp_fc1": (3072, TEXT_WIDTH)}
    return modules


def _half(name: str, shape: Sequence[int], scale: float) -> NDArray[np.float16]:
    return _scaled(name, shape, scale).astype(np.float16)


def _scaled(name: str, shape: Sequence[int], scale: float) -> Floats:
    result: Floats = (uniform(name, math.prod(shape)) * np.float32(scale)).reshape(tuple(shape))
    return result
