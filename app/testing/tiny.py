"""A family of tiny checkpoints for tests: a few thousand weights, drawn in milliseconds, and prompts, seeds and steps all matter."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from app.contracts import (
    Conditioning,
    EncodeOptions,
    LayerWeights,
    LoadedModel,
    LoadOptions,
    ModelFamily,
    Offload,
    Scratch,
    TextEmbedding,
    WorkingPrecision,
    WorkingTask,
)
from app.errors import ModelFileError, UserError
from app.hookspecs import hookimpl
from app.values.model import ModelFolder, ModelHeader, ModelIdentity, ModelRecord, PredictionType

if TYPE_CHECKING:
    from app.host import Host

FAMILY = "tiny"
MARK = "tiny.unet.0.weight"
LATENT_CHANNELS, DOWNSCALE, WIDTH, NATIVE_PX = 4, 8, 8, 64
CHUNK_TOKENS, PROMPT_TOKENS = 77, 75
DATA_VARIANCE = 0.25
"""Of the latents that the model believes in."""


def write_tiny_checkpoint(path: Path, seed: int = 0) -> Path:
    """Write a checkpoint of the tiny family; equal seeds give equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = _Networks(seed).state_dict()
    save_file({f"tiny.{name}": tensor.contiguous() for name, tensor in state.items()}, str(path))
    return path


class TinyFamily:
    """Loads what ``write_tiny_checkpoint`` writes."""

    id = FAMILY
    title = "Tiny"
    kind = "checkpoint"
    native_size_px = NATIVE_PX
    encoding_settings: tuple[str, ...] = ()

    def load(self, record: ModelRecord, header: ModelHeader, options: LoadOptions) -> LoadedModel:
        """Load the file."""
        options.report(0.0, f"Loading {record.name}")
        networks = _Networks(0)
        tensors = {name.removeprefix("tiny."): tensor for name, tensor in load_file(record.path).items()}
        try:
            networks.load_state_dict(tensors)
        except RuntimeError as error:
            raise ModelFileError(f"{record.name}: {error}") from error
        return TinyModel(networks, options.prediction_type or "epsilon", options.offload)

    def count_tokens(self, prompt: str, options: EncodeOptions | None = None) -> tuple[int, int]:
        """A word is a token."""
        used = len(prompt.split())
        return used, max(1, -(-used // PROMPT_TOKENS)) * PROMPT_TOKENS


class _Networks(nn.Module):
    """The weights."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.unet = nn.Sequential(nn.Conv2d(LATENT_CHANNELS, 8, 3, padding=1), nn.SiLU(), nn.Conv2d(8, LATENT_CHANNELS, 3, padding=1))
        self.context = nn.Linear(WIDTH, LATENT_CHANNELS)
        self.decoder = nn.Conv2d(LATENT_CHANNELS, 3 * DOWNSCALE**2, 3, padding=1)
        self.encoder = nn.Conv2d(3, LATENT_CHANNELS, DOWNSCALE, stride=DOWNSCALE)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * (0.3 if parameter.dim() > 1 else 0.1))


class TinyModel:
    """Fulfils LoadedModel: the posterior of normal data around a mean that depends on the prompt and, a little, on the picture."""

    def __init__(self, networks: nn.Module | None = None, prediction_type: PredictionType = "epsilon", offload: Offload = "") -> None:
        self._networks = networks or _Networks(0)
        self._networks.requires_grad_(False)
        self._original = {name: tensor.clone() for name, tensor in self._networks.state_dict().items()}
        self.identity = ModelIdentity(kind="checkpoint", family=FAMILY, native_size_px=NATIVE_PX)
        self.prediction_type: PredictionType = prediction_type
        self.device = torch.device("cpu")
        self.dtype = torch.float32
        self.latent_channels = LATENT_CHANNELS
        self.downscale = DOWNSCALE
        self.native_size_px = NATIVE_PX
        self.latent_scale = 1.0
        self._embeddings: Mapping[str, float] = {}
        self.offload: Offload = offload
        self._lifted_from: dict[str, torch.dtype] = {}
        self.calls = 0
        """How often ``predict`` was called."""

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights."""
        return sum(parameter.numel() * parameter.element_size() for parameter in self._networks.parameters())

    @property
    def alphas_cumprod(self) -> Tensor:
        """The usual schedule of Stable Diffusion."""
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
        return torch.cumprod(1 - betas, 0).float()

    def modules(self) -> Mapping[str, nn.Module]:
        """The parts by name."""
        decoder, encoder = self._networks.get_submodule("decoder"), self._networks.get_submodule("encoder")
        parts = {"unet": self._networks.get_submodule("unet"), "text_encoder": self._networks.get_submodule("context")}
        return {**parts, "vae": nn.ModuleDict({"decoder": decoder, "encoder": encoder})}

    @contextmanager
    def using_embeddings(self, known: Sequence[TextEmbedding]) -> Iterator[None]:
        """Words that are known count more, by their vectors' first number."""
        before, self._embeddings = self._embeddings, {word.name: float(word.vectors["text_encoder"][0, 0]) for word in known}
        try:
            yield
        finally:
            self._embeddings = before

    def original_weights(self, layers: Sequence[str]) -> Mapping[str, LayerWeights]:
        """As they were at first."""
        names = {"text_encoder": "context", "vae.decoder": "decoder", "vae.encoder": "encoder"}
        bare = {layer: names.get(layer, layer) for layer in layers}
        try:
            return {layer: LayerWeights(self._original[f"{name}.weight"], self._original[f"{name}.bias"]) for layer, name in bare.items()}
        except KeyError as error:
            raise UserError(f"There is no layer with the tensor {error.args[0]}.") from error

    def encode_prompts(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """A word is a token; prompts of more than 75 words have several chunks."""
        words = [prompt.split() for prompt in prompts]
        chunks = max(1, *(-(-len(list_of_words) // PROMPT_TOKENS) for list_of_words in words))
        return [Conditioning(_context(list_of_words, chunks * CHUNK_TOKENS, self._embeddings)) for list_of_words in words]

    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """The noise, or the velocity, that the posterior mean implies."""
        self.calls += 1
        low = timesteps.floor().long().clamp(0, 999)
        alpha = self.alphas_cumprod[low].view(-1, 1, 1, 1)
        context = torch.stack([one.context for one in conditioning]).sum(1)
        mean: Tensor = self._networks.get_submodule("context")(context).view(len(x), -1, 1, 1) + 0.1 * self._networks.get_submodule("unet")(
            x
        )
        noise: Tensor = (1 - alpha).sqrt() * (x - alpha.sqrt() * mean) / (alpha * DATA_VARIANCE + 1 - alpha)
        if self.prediction_type == "epsilon":
            return noise
        picture = (x - (1 - alpha).sqrt() * noise) / alpha.sqrt()
        return alpha.sqrt() * noise - (1 - alpha).sqrt() * picture

    def decode(self, latents: Tensor) -> Tensor:
        """Eight pixels a side for each latent."""
        decoder = self._networks.get_submodule("decoder")
        wide = decoder(latents.to(next(decoder.parameters()).dtype)).float()
        return torch.sigmoid(nn.functional.pixel_shuffle(wide, DOWNSCALE))

    def decode_in_parts(self, latents: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """The same, into the room that was given; told of two parts."""
        on_part()
        pixels = self.decode(latents)
        room = scratch(tuple(pixels.shape), pixels.dtype).copy_(pixels)
        on_part()
        return room.clone()

    def working_bytes(self, task: WorkingTask, width_px: int, height_px: int) -> int:
        """Four bytes for each number of a picture."""
        return 3 * 4 * width_px * height_px

    def lift_precision(self, task: WorkingTask, precision: WorkingPrecision = "float32") -> bool:
        """Change the parts."""
        name, wanted = "unet" if task == "predict" else "vae", getattr(torch, precision)
        part = self.modules()[name]
        dtype = next(part.parameters()).dtype
        if dtype in (torch.float32, wanted):
            return False
        self._lifted_from[name] = dtype
        part.to(wanted)
        return True

    def restore_precision(self, task: WorkingTask) -> None:
        """Make them what they were."""
        name = "unet" if task == "predict" else "vae"
        if name in self._lifted_from:
            self.modules()[name].to(self._lifted_from.pop(name))

    def offload_more(self) -> bool:
        """There is no device but the processor, so nothing moves."""
        return False

    def describe(self) -> Mapping[str, str]:
        """The number formats that are not the full ones."""
        formats = {name: next(part.parameters()).dtype for name, part in self.modules().items()}
        return {f"Tiny {name}": str(dtype) for name, dtype in formats.items() if dtype is not torch.float32}

    def encode_images(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Some latents for the pixels; not the inverse of ``decode``."""
        encoded: Tensor = self._networks.get_submodule("encoder")(pixels * 2 - 1)
        return encoded if generator is None else encoded + 0.1 * torch.randn(encoded.shape, generator=generator)

    def encode_in_parts(self, pixels: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """The same, into the room that was given; told of two parts."""
        on_part()
        latents = self.encode_images(pixels)
        room = scratch(tuple(latents.shape), latents.dtype).copy_(latents)
        on_part()
        return room.clone()


def _context(words: Sequence[str], length: int, known: Mapping[str, float]) -> Tensor:
    """(length, WIDTH): a vector for each word, zeros after the last; what is in round brackets counts more, and ``known`` words so much."""
    context = torch.zeros(length, WIDTH)
    for index, word in enumerate(words):
        generator = torch.Generator().manual_seed(zlib.crc32(word.strip("()").encode()))
        context[index] = torch.randn(WIDTH, generator=generator) * (1.1 if word.startswith("(") else 1.0) * known.get(word, 1.0)
    return context


class TinyPlugin:
    """What an extension would register for the family; ``host.hooks.register("tiny", TinyPlugin())``, then ``host.refill()``."""

    @hookimpl
    def register_model_folders(self, host: Host) -> Iterable[ModelFolder]:
        """Checkpoints lie where A1111 has them."""
        return [ModelFolder("checkpoint", "Checkpoints", "Stable-diffusion", (".safetensors",), flag="ckpt-dir")]

    @hookimpl
    def register_model_families(self, host: Host) -> Iterable[ModelFamily]:
        """The family."""
        return [TinyFamily()]

    @hookimpl
    def identify_model(self, header: ModelHeader, host: Host) -> ModelIdentity | None:
        """By the name of a tensor."""
        known = MARK in header.tensors
        return ModelIdentity(kind="checkpoint", family=FAMILY, native_size_px=NATIVE_PX, prediction_type="epsilon") if known else None
