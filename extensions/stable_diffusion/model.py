"""A Stable Diffusion checkpoint in memory: prompts, the U-Net's prediction, and pixels to latents and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from app.api import Conditioning, EncodeOptions, LayerWeights, ModelIdentity, PredictionType, Scratch, WorkingTask

from .concatenation import InputConcatenation
from .decoding import decode_in_parts
from .identify import native_size_px
from .offload import Offload, Residence
from .originals import Originals
from .parts import config_of, module_bytes
from .prompt_encoder import PromptEncoder
from .text_encoder import TextEncoder
from .tokenizers import Tokenizer
from .working_memory import decoding_bytes, prediction_bytes

TRAINING_STEPS = 1000
FIRST_BETA, LAST_BETA = 0.00085, 0.012
LCM_GUIDANCE_SCALE = 8.5
LAST_SIGNAL = 4.8973451890853435e-08
"""Instead of zero, which no sampler could divide by; the value that the reference uses."""


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
        vae = config_of(parts.vae)
        self.latent_channels = int(vae["latent_channels"])
        self.downscale = 2 ** (len(vae["block_out_channels"]) - 1)
        self.is_sdxl = parts.family.startswith("sdxl")
        self.latent_scale = float(vae["scaling_factor"])
        self._residence = Residence(self.modules(), parts.device, parts.offload)
        self._prompts = PromptEncoder(parts.family, parts.text, tokenizers, self._residence.bring)
        self._concatenation = InputConcatenation(self.identity.variant, int(config_of(parts.unet)["in_channels"]))

    @property
    def dtype(self) -> torch.dtype:
        """The number format of the U-Net's weights now."""
        return _dtype(self._unet)

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights."""
        return module_bytes(self.modules())

    @cached_property
    def alphas_cumprod(self) -> Tensor:
        """Share of signal at each training step, (1000,) float32; the "scaled linear" schedule, computed in float64."""
        betas = torch.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, TRAINING_STEPS, dtype=torch.float64) ** 2
        signal = torch.cumprod(1.0 - betas, dim=0)
        return (_zero_terminal(signal) if self.identity.zero_terminal_snr else signal).float()

    def modules(self) -> Mapping[str, nn.Module]:
        """The networks by name: unet, vae, text_encoder, and text_encoder_2 where there is one."""
        return {"unet": self._unet, "vae": self._vae, **{encoder.part.name: encoder.module for encoder in self._text}}

    def original_weights(self, layers: Sequence[str]) -> Mapping[str, LayerWeights]:
        """Weights of layers as they are in the file; raises ModelFileError when it has changed, UserError for unknown layers."""
        return self._originals.layers(layers)

    def encode_prompts(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """Encode prompts; all get one length."""
        return self._prompts.encode(prompts, options)

    @torch.no_grad()
    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw output (B, C, h, w) in float32 for scaled input ``x`` (B, C or more, h, w) and timesteps (B,) from 0 to 999."""
        rows = self._concatenation.widen(x.float(), conditioning, self._empty_picture)
        context = torch.stack([item.context for item in conditioning]).to(self.device, self.dtype)
        self._residence.bring("unet")
        output: Tensor = self._unet(
            rows.to(self.device, self.dtype, memory_format=torch.channels_last),
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
        if task != "predict":
            return decoding_bytes(self._vae, width_px, height_px, whole=task == "decode")
        return prediction_bytes(self._unet, width_px // self.downscale, height_px // self.downscale)

    def lift_precision(self, task: WorkingTask) -> bool:
        """Do ``task`` in float32 from here on; False when it is so already."""
        part = self._unet if task == "predict" else self._vae
        if _dtype(part) is torch.float32:
            return False
        part.float()
        return True

    @torch.no_grad()
    def encode_images(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w) in sampling scale; a draw of the posterior, or its mean."""
        self._residence.bring("vae")
        encoded = []
        for picture in pixels:
            scaled = (picture[None].to(self.device, _dtype(self._vae)) * 2 - 1).contiguous(memory_format=torch.channels_last)
            posterior = self._vae.encode(scaled, return_dict=False)[0]  # type: ignore[operator]
            latent = posterior.mean if generator is None else posterior.sample(generator)
            encoded.append(latent.float().contiguous() * self.latent_scale)
        return torch.cat(encoded)

    def _decode_one(self, latent: Tensor) -> Tensor:
        return _in_range(self._vae.decode(self._unscaled(latent), return_dict=False)[0])  # type: ignore[operator]

    def _unscaled(self, latent: Tensor) -> Tensor:
        """A latent (B, C, h, w) in sampling scale -> what the VAE takes."""
        self._residence.bring("vae")
        scaled = (latent.to(self.device, torch.float32) / self.latent_scale).to(_dtype(self._vae))
        return scaled.contiguous(memory_format=torch.channels_last)

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


def _in_range(pixels: Tensor) -> Tensor:
    """Pixels of the VAE in about -1..1 -> 0..1, float32 on the CPU."""
    return (pixels.float() / 2 + 0.5).clamp(0.0, 1.0).cpu().contiguous()


def _zero_terminal(signal: Tensor) -> Tensor:
    """The schedule shifted and scaled so that its last step is (nearly) pure noise (Lin et al. 2023, arXiv:2305.08891)."""
    root = signal.sqrt()
    shifted = (root - root[-1]) * root[0] / (root[0] - root[-1])
    return torch.cat([shifted[:-1] ** 2, torch.full((1,), LAST_SIGNAL, dtype=signal.dtype)])


def _dtype(module: nn.Module) -> torch.dtype:
    """The number format of the weights now: the VAE may be lifted to full precision while it is in use."""
    return next(module.parameters()).dtype
