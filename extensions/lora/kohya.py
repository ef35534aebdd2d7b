"""The names that kohya's trainer gives a model's layers in LoRA files, which most programs read."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from extensions.lora.keys import TEXT, TEXT_2, TEXT_LEVEL, UNET
from extensions.lora.unet_names import ldm_names

_TEXT_PREFIXES = {TEXT: "lora_te_", TEXT_2: "lora_te2_"}
_FIRST_OF_TWO = "lora_te1_"


def kohya_names(modules: Mapping[str, nn.Module]) -> dict[str, str]:
    """By layer ("unet.conv_in") with a weight: kohya's name ("lora_unet_conv_in").

    Models with two text encoders (SDXL) have the names of the original U-Net, the others those of diffusers.
    """
    names: dict[str, str] = {}
    for part in (UNET, TEXT, TEXT_2):
        if part not in modules:
            continue
        paths = [path for path, module in modules[part].named_modules() if getattr(module, "weight", None) is not None]
        if part == UNET:
            known = ldm_names(paths) if TEXT_2 in modules else {path: path for path in paths}
            names |= {f"{part}.{path}": f"lora_unet_{known.get(path, path)}".replace(".", "_") for path in paths}
            continue
        prefix = _FIRST_OF_TWO if part == TEXT and TEXT_2 in modules else _TEXT_PREFIXES[part]
        flat = {path: path.replace(".", "_").removeprefix(TEXT_LEVEL) for path in paths}
        names |= {f"{part}.{path}": f"{prefix}{TEXT_LEVEL}{name}" for path, name in flat.items()}
    return names
