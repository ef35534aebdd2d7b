"""Loads a checkpoint: reads its header's shapes, builds the parts empty, fills them from the file, and hands over a ready model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from app.api import LoadOptions, ModelFileError, ModelHeader, ModelIdentity, ModelRecord, load_tensors

from .architecture.shapes import Shapes, strip_prefix
from .architecture.text import TextPart, text_parts
from .architecture.unet import unet_config
from .architecture.vae import vae_config
from .convert import convert_text, convert_unet, convert_vae, dequantise, text_names, unet_names, vae_names
from .header_facts import VAE_PREFIXES, find_unet
from .identify import identify
from .model import ModelParts, StableDiffusionModel
from .offload import RESTING, choose_offload
from .originals import Originals
from .parts import Place, build_empty, fill, parameter_count
from .precision import Precision, choose_layout, choose_precision
from .prediction import decide_prediction
from .text_encoder import TextEncoder
from .tokenizers import Tokenizer

CLIP_VOCABULARY = 49408
UNDRAWABLE = MappingProxyType({"depth": "it draws by the depth map of a picture, and no installed extension makes one"})
OTHER = "Choose another checkpoint."


@dataclass(frozen=True)
class Blueprint:
    """Where the parts lie in a checkpoint, and how they are built: known from the header alone."""

    family: str
    unet_prefix: str
    unet_config: dict[str, Any]
    vae_prefix: str
    vae_config: dict[str, Any]
    text: tuple[TextPart, ...]


def blueprint(shapes: Shapes, header: ModelHeader, identity: ModelIdentity) -> Blueprint:
    """The plan of a supported checkpoint; raises ModelFileError (without the file's name) that names a part that is missing."""
    facts = find_unet(header.tensors)
    if facts is None or facts.layout != "ldm":
        raise ModelFileError("it has no U-Net in the layout of a checkpoint file")
    family = identity.family
    vae_prefix = next((prefix for prefix in VAE_PREFIXES if f"{prefix}decoder.conv_in.weight" in shapes), None)
    if vae_prefix is None:
        raise ModelFileError("it has no VAE", hint="Use a version of the checkpoint that contains one.")
    text = text_parts(shapes, family)
    wanted = 2 if family == "sdxl" else 1
    if len(text) < wanted:
        raise ModelFileError(
            "it has no text encoder" if not text else "one of its two text encoders is missing",
            hint="Use a version of the checkpoint that contains everything.",
        )
    if any(part.config["vocab_size"] < CLIP_VOCABULARY for part in text):
        raise ModelFileError(f"its text encoder knows fewer than CLIP's {CLIP_VOCABULARY:,} tokens")
    return Blueprint(
        family=family,
        unet_prefix=facts.prefix,
        unet_config=unet_config(strip_prefix(shapes, facts.prefix), family),
        vae_prefix=vae_prefix,
        vae_config=vae_config(strip_prefix(shapes, vae_prefix), family),
        text=tuple(text),
    )


def build_unet(config: Mapping[str, Any]) -> nn.Module:
    """An empty U-Net."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    return build_empty(lambda: UNet2DConditionModel(**config))


def build_vae(config: Mapping[str, Any]) -> nn.Module:
    """An empty VAE."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return build_empty(lambda: AutoencoderKL(**config))


def build_text(part: TextPart) -> nn.Module:
    """An empty text encoder."""
    from transformers.models.clip.configuration_clip import CLIPTextConfig
    from transformers.models.clip.modeling_clip import CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(**part.config)
    return build_empty(lambda: (CLIPTextModelWithProjection if part.projection else CLIPTextModel)(config))


class _Reader:
    """Reads parts of one file to ``place``; they will work on ``device``."""

    def __init__(self, path: Path, header: ModelHeader, place: Place, device: torch.device) -> None:
        self._path = path
        self._names = header.tensors
        self.place = place
        self.device = device

    def unet(self, plan: Blueprint, module: nn.Module, dtype: torch.dtype) -> nn.Module:
        fill(module, self.unet_state(plan), part="U-Net", place=self.place, dtype=dtype)
        return module

    def vae(self, plan: Blueprint, dtype: torch.dtype) -> nn.Module:
        module = build_vae(plan.vae_config)
        fill(module, self.vae_state(plan), part="VAE", place=self.place, dtype=dtype)
        return module

    def text(self, part: TextPart, dtype: torch.dtype) -> TextEncoder:
        module = build_text(part)
        fill(module, self.text_state(part, module), part="text encoder", place=self.place, dtype=dtype)
        return TextEncoder(part, module, self.device)

    def unet_state(self, plan: Blueprint) -> dict[str, Tensor]:
        tensors = self._read(unet_names(self._names, plan.unet_prefix))
        with _complete("U-Net"):
            return convert_unet(tensors, plan.unet_prefix, plan.unet_config)

    def vae_state(self, plan: Blueprint) -> dict[str, Tensor]:
        tensors = self._read(vae_names(self._names, plan.vae_prefix))
        with _complete("VAE"):
            return convert_vae(tensors, plan.vae_prefix, plan.vae_config)

    def text_state(self, part: TextPart, module: nn.Module) -> dict[str, Tensor]:
        tensors = self._read(text_names(self._names, part))
        with _complete("text encoder"):
            return convert_text(tensors, part, module)

    def originals(self, plan: Blueprint, text: Sequence[TextEncoder]) -> Originals:
        """Reads the states again."""
        states: dict[str, Callable[[], Mapping[str, Tensor]]] = {
            encoder.part.name: partial(self.text_state, encoder.part, encoder.module) for encoder in text
        }
        states["unet"], states["vae"] = partial(self.unet_state, plan), partial(self.vae_state, plan)
        return Originals(self._path, states)

    def _read(self, names: list[str]) -> dict[str, Tensor]:
        return dequantise(load_tensors(self._path, names))


@dataclass(frozen=True)
class Loading:
    """What a family gives all its models; ``flag`` tells the value of a command-line flag."""

    tokenizers: tuple[Tokenizer, ...]
    flag: Callable[[str], object] = lambda name: None


def load_model(record: ModelRecord, header: ModelHeader, options: LoadOptions, loading: Loading) -> StableDiffusionModel:
    """Load the file on ``options.device``; raises ModelFileError that names the file and the reason."""
    identity = record.identity or identify(header)
    if identity is None or not identity.supported:
        raise ModelFileError(f"{record.name}: {identity.reason if identity else 'not a Stable Diffusion checkpoint.'}", field="checkpoint")
    if identity.variant in UNDRAWABLE:
        raise ModelFileError(f"{record.name}: {identity.title} checkpoint: {UNDRAWABLE[identity.variant]}.", hint=OTHER, field="checkpoint")
    if options.zero_terminal_snr is not None:
        identity = identity.model_copy(update={"zero_terminal_snr": options.zero_terminal_snr})
    with _named(record.name):
        shapes = {name: info.shape for name, info in header.tensors.items()}
        plan = blueprint(shapes, header, identity)
        device = torch.device(options.device)
        offload = choose_offload(loading.flag, plan.family, device, options.offload)
        options.report(0.0, f"Loading {record.name}")
        unet = build_unet(plan.unet_config)
        precision = choose_precision(options, plan.family, parameter_count(unet))
        place = Place(RESTING if offload else device, choose_layout(options, parameter_count(unet)))
        reader = _Reader(Path(record.path), header, place, device)
        parts = _read_parts(reader, plan, unet, precision, options)
        prediction = options.prediction_type or decide_prediction(identity, header.path, unet, options.learn)
        return StableDiffusionModel(identity, prediction, replace(parts, offload=offload), loading.tokenizers)


def _read_parts(reader: _Reader, plan: Blueprint, unet: nn.Module, precision: Precision, options: LoadOptions) -> ModelParts:
    reader.unet(plan, unet, precision.unet)
    options.report(0.6, "Loading the text encoder")
    text = tuple(reader.text(part, precision.text_of_width(part.config["hidden_size"])) for part in plan.text)
    options.report(0.9, "Loading the VAE")
    vae = reader.vae(plan, precision.vae)
    options.report(1.0, "Loaded")
    return ModelParts(plan.family, unet, vae, text, reader.device, reader.originals(plan, text), layout=reader.place.layout)


@contextmanager
def _complete(part: str) -> Iterator[None]:
    """A tensor that a converter looks up in vain is a missing tensor."""
    try:
        yield
    except KeyError as error:
        raise ModelFileError(f"its {part} lacks the tensor {error.args[0]!r}") from error


@contextmanager
def _named(file_name: str) -> Iterator[None]:
    """Put the file's name before the reason of a failure."""
    try:
        yield
    except ModelFileError as error:
        what = error.what.rstrip(".")
        named = what if what.startswith(Path(file_name).name) else f"{file_name} cannot be loaded: {what}"
        raise ModelFileError(f"{named}.", hint=error.hint, field="checkpoint") from error
