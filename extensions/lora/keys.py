"""Which layer of a model a file's key means: kohya's names, diffusers' of three generations, and PEFT's.

A key is the name of a layer and then that of a part of the network on it, "lora_unet_conv_in.lora_up.weight". Layers are looked up with
every dot as an underscore, as kohya writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import nn

from extensions.lora.unet_names import ldm_names

UNET, TEXT, TEXT_2, BUNDLED = "unet", "text_encoder", "text_encoder_2", "bundle_emb."
TEXT_LEVEL = "text_model_"
_PREFIXES: Mapping[str, tuple[str, ...]] = {
    UNET: ("lora_unet_", "oft_unet_", "lycoris_unet_", "unet_", "base_model_model_unet_", "base_model_model_", "diffusion_model_", ""),
    TEXT: ("text_encoder_", "base_model_model_text_encoder_", "text_encoder_text_model_"),
    TEXT_2: ("lora_te2_", "text_encoder_2_", "base_model_model_text_encoder_2_"),
}
_KOHYA_TEXT = {False: ("lora_te_", "lora_te1_"), True: ("lora_te1_",)}
"""Kohya's prefixes of the first text encoder, by whether there is a second one."""
_OLD_DIFFUSERS = (("_lora.", ".lora."), (".processor.", "."), (".lora_linear_layer.", ".lora."), ("to_out.lora", "to_out.0.lora"))
_PART_NAMES = {
    "lora.up.weight": "lora_up.weight",
    "lora.down.weight": "lora_down.weight",
    "lora_A.default.weight": "lora_A.weight",
    "lora_B.default.weight": "lora_B.weight",
    "lora_magnitude_vector": "dora_scale",
    "lora_magnitude_vector.weight": "dora_scale",
    "lora_magnitude_vector.default.weight": "dora_scale",
}


class LayerNames:
    """Looks up the layers of one model by the names that files give them."""

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._layers: dict[str, str] = {}
        for part in (UNET, TEXT, TEXT_2):
            if part in modules:
                self._add(part, layer_paths(modules[part]), TEXT_2 in modules)

    def find(self, key: str) -> tuple[str, str] | None:
        """("unet.conv_in", "lora_up.weight") for a key; None where no layer of the model is meant."""
        for old, new in _OLD_DIFFUSERS:
            key = key.replace(old, new)
        pieces = key.split(".")
        for end in range(len(pieces) - 1, 0, -1):
            layer = self._layers.get("_".join(pieces[:end]))
            if layer is not None:
                rest = ".".join(pieces[end:])
                return layer, _PART_NAMES.get(rest, rest)
        return None

    def _add(self, part: str, paths: Iterable[str], has_second_text: bool) -> None:
        paths = list(paths)
        names = {path: [path] for path in paths}
        if part == UNET:
            for path, ldm in ldm_names(paths).items():
                names[path].append(ldm)
        prefixes = _PREFIXES[part] + (_KOHYA_TEXT[has_second_text] if part == TEXT else ())
        for path, known in names.items():
            for name in known:
                flat = name.replace(".", "_")
                forms = {flat} if part == UNET else {flat, TEXT_LEVEL + flat.removeprefix(TEXT_LEVEL)}
                for prefix in prefixes:
                    for form in forms:
                        self._layers.setdefault(prefix + form, f"{part}.{path}")


def layer_paths(part: nn.Module) -> list[str]:
    """The layers of a part of the model: its modules that have a weight."""
    return [name for name, module in part.named_modules() if getattr(module, "weight", None) is not None]
