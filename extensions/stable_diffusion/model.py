"""A Stable Diffusion checkpoint in memory: prompts, the U-Net's prediction, and pixels to latents and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from app.api import (
    Conditioning,
    EncodeOptions,
    LayerWeights,
    ModelIdentity,
    Offload,
    PredictionType,
    Scratch,
    TextEmbedding,
    WorkingPrecision,
    WorkingTask,
    zero_terminal_snr,
)

from .concatenation import InputConcatenation
from .decoding import decode_in_parts, encode_in_parts
from .identify import native_size_px
from .offload import Residence
from .originals import Originals
from .params import UPCAST_LABEL
from .parts import config_of, module_bytes
from .precision import precision_items
from .prompt_encoder import PromptEncoder
from .text_encoder import TextEncoder
from .tokenizers import Tokenizer
from .working_memory import prediction_bytes, vae_bytes

TRAINING_STEPS = 1000
FIRST_BETA, LAST_BETA = 0.00085, 0.012
LCM_GUIDANCE_SCALE = 8.5


@dataclass(frozen=True)
class ModelParts:
    """The networks of a checkpoint on their device."""

    family: str
    unet: nn.Module
    vae: nn.Module
    text: tuple[TextEncoder, ...]
    device: torch.device
    originals: Originals
    offload: Offload = ""
    layout: torch.memory_format = torch.channels_last


class StableDiffusionModel:
    """Fulfils LoadedModel for SD1, SD2, SDXL and the SDXL refiner (Rombach et al. 2022; Podell et al. 2023)."""

    def __init__(
        self, identity: ModelIdentity, prediction_type: PredictionType, parts: ModelParts, tokenizers: tuple[Tokenizer, ...]
    ) -> None:
        self.prediction_type: PredictionType = prediction_type
        self.native_size_px = native_size_px(identity, prediction_type)
        self.identity = identity.model_copy(update={"prediction_type": prediction_type, "native_size_px": self.native_size_px})
        self.device = parts.device
        self._unet = parts.unet
        self._vae = parts.vae
        self._text = parts.text
        self._originals = parts.originals
        self._embeddings: tuple[TextEmbedding, ...] = ()
        self._layout = parts.layout
        vae = config_of(parts.vae)
        self.latent_channels = int(vae["latent_channels"])
        self.downscale = 2 ** (len(vae["block_out_channels"]) - 1)
        self.is_sdxl = parts.family.startswith("sdxl")
        self.latent_scale = float(vae["scaling_factor"])
        self._lifted_from: dict[str, torch.dtype] = {}
        self._before_lifting: dict[str, dict[str, Tensor]] = {}
        """The weights of parts that were changed to a format which does not hold all of their numbers."""
        self._has_exact_attention = False
        self._residence = Residence(self.modules(), parts.device, parts.offload)
        self._prompts = PromptEncoder(parts.family, parts.text, tokenizers, self._residence.bring)
        self._concatenation = InputConcatenation(self.identity.variant, int(config_of(parts.unet)["in_channels"]))

    @property
    def dtype(self) -> torch.dtype:
        """The number format of the U-Net's weights now."""
        return _dtype(self._unet)

    @property
    def offload(self) -> Offload:
        """What of it rests in main memory now."""
        return self._residence.offload

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights."""
        return module_bytes(self.modules())

    @cached_property
    def alphas_cumprod(self) -> Tensor:
        """Share of signal at each training step, (1000,) float32; the "scaled linear" schedule, computed in float64."""
        betas = torch.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, TRAINING_STEPS, dtype=torch.float64) ** 2
        signal = torch.cumprod(1.0 - betas, dim=0)
        return (zero_terminal_snr(signal) if self.identity.zero_terminal_snr else signal).float()

    def modules(self) -> Mapping[str, nn.Module]:
        """The networks by name: unet, vae, text_encoder, and text_encoder_2 where there is one."""
        return {"unet": self._unet, "vae": self._vae, **{encoder.part.name: encoder.module for encoder in self._text}}

    def original_weights(self, layers: Sequence[str]) -> Mapping[str, LayerWeights]:
        """Weights of layers as they are in the file; raises ModelFileError when it has changed, UserError for unknown layers."""
        return self._originals.layers(layers)

    def encode_prompts(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """Encode prompts; all get one length."""
        return self._prompts.encode(prompts, options, self._embeddings)

    @contextmanager
    def using_embeddings(self, known: Sequence[TextEmbedding]) -> Iterator[None]:
        """Let prompts know these words, which stand for vectors."""
        before, self._embeddings = self._embeddings, tuple(known)
        try:
            yield
        finally:
            self._embeddings = before

    @torch.no_grad()
    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw output (B, C, h, w) in float32 for scaled input ``x`` (B, C or more, h, w) and timesteps (B,) from 0 to 999."""
        rows = self._concatenation.widen(x.float(), conditioning, self._empty_picture)
        context = torch.stack([item.context for item in conditioning]).to(self.device, self.dtype)
        self._residence.bring("unet")
        output: Tensor = self._unet(
            rows.to(self.device, self.dtype, memory_format=self._layout),
            timesteps.to(self.device),
            encoder_hidden_states=context,
            timestep_cond=self._guidance_embedding(len(conditioning)),
            added_cond_kwargs=self._added(conditioning),
            return_dict=False,
        )[0]
        return output.float().contiguous()

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, C, h, w) as sampled -> pixels (B, 3, H, W), float32 in 0..1 on the CPU; one picture at a time."""
        return torch.cat([self._decode_one(latent[None]) for latent in latents])

    @torch.no_grad()
    def decode_in_parts(self, latents: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """As ``decode``, a few rows at a time; ``on_part`` is called between them."""
        return torch.cat([_in_range(decode_in_parts(self._vae, self._unscaled(latent[None]), scratch, on_part)) for latent in latents])

    def working_bytes(self, task: WorkingTask, width_px: int, height_px: int) -> int:
        """An estimate of the memory that ``task`` takes for one row or picture of this size."""
        if task == "predict":
            return prediction_bytes(self._unet, width_px // self.downscale, height_px // self.downscale)
        return vae_bytes(self._vae, task, width_px, height_px)

    def lift_precision(self, task: WorkingTask, precision: WorkingPrecision = "float32") -> bool:
        """Do ``task`` in this number format from here on; False when it is done in it, or in float32, already."""
        name = part_of(task)
        part, wanted = self.modules()[name], torch.float32 if precision == "float32" else torch.bfloat16
        if _dtype(part) in (torch.float32, wanted):
            return False
        self._lifted_from[name] = _dtype(part)
        self._before_lifting.pop(name, None)
        if wanted is not torch.float32:
            self._before_lifting[name] = {key: tensor.clone() for key, tensor in part.state_dict().items()}
        part.to(wanted)
        return True

    def restore_precision(self, task: WorkingTask) -> None:
        """Undo ``lift_precision``; float32 holds every number of the half formats exactly, of others the weights were kept."""
        name = part_of(task)
        if name not in self._lifted_from:
            return
        part = self.modules()[name].to(self._lifted_from.pop(name))
        if name in self._before_lifting:
            part.load_state_dict(self._before_lifting.pop(name))

    @property
    def works_exactly(self) -> bool:
        """True where the U-Net works in float32."""
        return self.dtype is torch.float32

    @contextmanager
    def attention_in_float32(self) -> Iterator[None]:
        """Say of pictures drawn inside the context that attention was computed so."""
        self._has_exact_attention = True
        try:
            yield
        finally:
            self._has_exact_attention = False

    def offload_more(self) -> bool:
        """Keep less of it on the device from here on; False when that is not possible."""
        return self._residence.offload_more()

    def describe(self) -> Mapping[str, str]:
        """The number formats, as an infotext tells of them."""
        items = precision_items(self.dtype, _dtype(self._vae), [_dtype(encoder.module) for encoder in self._text])
        return {**items, UPCAST_LABEL: "True"} if self._has_exact_attention else items

    @torch.no_grad()
    def encode_images(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w) in sampling scale; a draw of the posterior, or its mean."""
        encoded = []
        for picture in pixels:
            posterior = self._vae.encode(self._in_vae_range(picture), return_dict=False)[0]  # type: ignore[operator]
            latent = posterior.mean if generator is None else posterior.sample(generator)
            encoded.append(latent.float().contiguous() * self.latent_scale)
        return torch.cat(encoded)

    @torch.no_grad()
    def encode_in_parts(self, pixels: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """As ``encode_images`` without a generator, a few rows at a time; ``on_part`` is called between them."""
        parted = [encode_in_parts(self._vae, self._in_vae_range(picture), scratch, on_part) for picture in pixels]
        return torch.cat([latent.float().contiguous() * self.latent_scale for latent in parted])

    def _in_vae_range(self, picture: Tensor) -> Tensor:
        """One picture (3, H, W) in 0..1 -> (1, 3, H, W) as the VAE takes it."""
        self._residence.bring("vae")
        return (picture[None].to(self.device, _dtype(self._vae)) * 2 - 1).contiguous(memory_format=self._layout)

    def _decode_one(self, latent: Tensor) -> Tensor:
        return _in_range(self._vae.decode(self._unscaled(latent), return_dict=False)[0])  # type: ignore[operator]

    def _unscaled(self, latent: Tensor) -> Tensor:
        """A latent (B, C, h, w) in sampling scale -> what the VAE takes."""
        self._residence.bring("vae")
        scaled = (latent.to(self.device, torch.float32) / self.latent_scale).to(_dtype(self._vae))
        return scaled.contiguous(memory_format=self._layout)

    def _empty_picture(self, height: int, width: int) -> Tensor:
        """Latent (1, C, h, w) of a grey picture."""
        grey = torch.full((1, 3, height * self.downscale, width * self.downscale), 0.5)
        return self.encode_images(grey)

    def _added(self, conditioning: Sequence[Conditioning]) -> dict[str, Tensor] | None:
        """SDXL's vector: pooled text and sizes."""
        pooled = [item.pooled for item in conditioning if item.pooled is not None]
        if not self.is_sdxl or len(pooled) < len(conditioning):
            return None
        return {
            "text_embeds": torch.stack(pooled).to(self.device, self.dtype),
            "time_ids": torch.stack([item.extra["sizes"] for item in conditioning]).to(self.device, torch.float32),
        }

    def _guidance_embedding(self, rows: int) -> Tensor | None:
        """LCM's embedding of the guidance scale it was distilled with (Luo et al. 2023), (B, width)."""
        width = config_of(self._unet)["time_cond_proj_dim"]
        if width is None:
            return None
        half = int(width) // 2
        frequencies = torch.exp(torch.arange(half) * -(torch.log(torch.tensor(10000.0)) / (half - 1)))
        angles = 1000.0 * (LCM_GUIDANCE_SCALE - 1.0) * frequencies
        embedding = torch.cat([angles.sin(), angles.cos()])
        return embedding.expand(rows, -1).to(self.device, self.dtype)


def part_of(task: WorkingTask) -> str:
    """The name of the network that does a task."""
    return "unet" if task == "predict" else "vae"


def _in_range(pixels: Tensor) -> Tensor:
    """Pixels of the VAE in about -1..1 -> 0..1, float32 on the CPU."""
    return (pixels.float() / 2 + 0.5).clamp(0.0, 1.0).cpu().contiguous()


def _dtype(module: nn.Module) -> torch.dtype:
    """The number format of the weights now: the VAE may be lifted to full precision while it is in use."""
    return next(module.parameters()).dtype
