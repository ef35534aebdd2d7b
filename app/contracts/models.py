"""Protocols of model families, loaded models and encoded prompts; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from app.contracts.attention import DeviceFacts
from app.contracts.weights import LayerWeights
from app.values.base import Json
from app.values.model import ModelHeader, ModelIdentity, ModelRecord, PredictionType

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Conditioning:
    """One encoded prompt: ``context`` (tokens, width); ``pooled`` (width,) and ``extra`` tensors for families that want them."""

    context: Tensor
    pooled: Tensor | None = None
    extra: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class ConditioningStep:
    """A prompt variant that is used while the 0-based model call index is <= ``end_at_step``; ``text`` is what was encoded."""

    end_at_step: int
    conditioning: Conditioning
    text: str = ""


@dataclass(frozen=True)
class ConditioningPart:
    """One AND-part of a prompt with its weight; ``steps`` in order of their ends."""

    weight: float
    steps: tuple[ConditioningStep, ...]


@dataclass(frozen=True)
class ImageConditioning:
    """Everything that guides one picture: positive parts and the negative prompt's variants.

    ``may_pause`` False: the weights of the parts count on the negative prompt, so no option may leave it out at some calls.
    """

    positive: tuple[ConditioningPart, ...]
    negative: tuple[ConditioningStep, ...]
    may_pause: bool = True

    def with_extra(self, name: str, tensor: Tensor) -> ImageConditioning:
        """All prompts of the picture with one more extra tensor."""
        positive = tuple(replace(part, steps=_with_extra(part.steps, name, tensor)) for part in self.positive)
        return replace(self, positive=positive, negative=_with_extra(self.negative, name, tensor))


def _with_extra(steps: Sequence[ConditioningStep], name: str, tensor: Tensor) -> tuple[ConditioningStep, ...]:
    changed = [replace(step.conditioning, extra={**step.conditioning.extra, name: tensor}) for step in steps]
    return tuple(replace(step, conditioning=conditioning) for step, conditioning in zip(steps, changed, strict=True))


@dataclass(frozen=True)
class TextEmbedding:
    """A word of prompts that stands for vectors: ``vectors`` (n, width) by text encoder ("text_encoder"), equally many for each."""

    name: str
    vectors: Mapping[str, Tensor]

    @property
    def count(self) -> int:
        """How many vectors it stands for."""
        return max((len(rows) for rows in self.vectors.values()), default=0)


@dataclass(frozen=True)
class EncodeOptions:
    """How prompts become conditioning; sizes are needed by families that condition on them.

    ``settings``: keys and values of the settings that the families have named as theirs (``encoding_settings``), sorted by key.
    ``embeddings``: words that stand for so many vectors, where tokens are only counted; a model knows its own.
    ``on_rows`` is called between the texts and chunks of long prompts, and may raise; it changes nothing of what is encoded.
    """

    clip_skip: int = 1
    emphasis: str = "Original"
    comma_padding_backtrack: int = 20
    width_px: int = 512
    height_px: int = 512
    negative: bool = False
    settings: tuple[tuple[str, Json], ...] = ()
    embeddings: tuple[tuple[str, int], ...] = ()
    on_rows: Callable[[], None] = field(default=lambda: None, compare=False)


Offload = Literal["", "parts", "layers"]
"""What rests in main memory until it works: nothing; all networks but one; also of the one that draws all but a layer or block."""


@dataclass(frozen=True)
class LoadOptions:
    """How a checkpoint is brought to a device; ``report`` takes 0..1 and a few words for the user.

    ``learn`` takes what only the loaded weights could tell, by the names of ModelIdentity's fields ("prediction_type",
    "native_size_px"): it is remembered of this state of the file, and the identity of its next record has it. ``measured`` tells what
    the device does well, and may take seconds the first time; None: nobody knows. ``prediction_type`` and ``zero_terminal_snr`` are
    the user's choice; None: by the file. ``offload``: how little of the model may lie on the device, at least.
    ``comment`` takes what the user should know of the result.
    """

    device: str
    precision: str = "auto"
    vae_precision: str = "auto"
    prediction_type: PredictionType | None = None
    zero_terminal_snr: bool | None = None
    offload: Offload = ""
    report: Callable[[float, str], None] = lambda fraction, text: None
    learn: Callable[[str, Json], None] = lambda name, value: None
    measured: Callable[[], DeviceFacts | None] = lambda: None
    comment: Callable[[str], None] = lambda text: None


WorkingTask = Literal["predict", "decode", "decode_in_parts", "encode", "encode_in_parts"]
WorkingPrecision = Literal["float32", "bfloat16"]
Scratch = Callable[[tuple[int, ...], "torch.dtype"], "Tensor"]
"""Gives room for an intermediate tensor of a shape and number format; what lies in it before is anything."""


class LoadedModel(Protocol):
    """A checkpoint in memory, ready to draw."""

    identity: ModelIdentity
    prediction_type: PredictionType
    device: torch.device
    latent_channels: int
    downscale: int
    native_size_px: int
    latent_scale: float
    """Latents in sampling scale are the VAE's own times this."""

    @property
    def dtype(self) -> torch.dtype:
        """The number format that it predicts in now."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Bytes of all its weights."""
        ...

    @property
    def alphas_cumprod(self) -> Tensor:
        """(1000,) float32 on the CPU."""
        ...

    def encode_prompts(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """Encode plain prompts (attention grammar allowed, no scheduling) as one batch, like A1111's.

        All are padded to one length, and emphasis keeps the mean of the whole batch, in which a prompt counts as often as it is listed.
        """
        ...

    def using_embeddings(self, known: Sequence[TextEmbedding]) -> AbstractContextManager[None]:
        """Let prompts that are encoded inside the context know these words, in place of those that they knew before."""
        ...

    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw model output (B, C, H, W) for scaled input ``x``, fractional ``timesteps`` (B,) and B conditionings of one length."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, C, h, w) as sampled -> pixels (B, 3, H, W), float32 in 0..1 on the CPU."""
        ...

    def decode_in_parts(self, latents: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """As ``decode``, in less memory; large tensors go into ``scratch``. ``on_part`` is called between parts, and may raise."""
        ...

    def working_bytes(self, task: WorkingTask, width_px: int, height_px: int) -> int:
        """An estimate of the memory, beside the weights, that ``task`` takes for one row or picture of this size."""
        ...

    def lift_precision(self, task: WorkingTask, precision: WorkingPrecision = "float32") -> bool:
        """Do ``task`` in this number format from here on; False when it is done in it, or in float32, already."""
        ...

    def restore_precision(self, task: WorkingTask) -> None:
        """Undo ``lift_precision``: number format and weights are, bit by bit, what they were."""
        ...

    @property
    def offload(self) -> Offload:
        """What of it rests in main memory now."""
        ...

    def offload_more(self) -> bool:
        """Take the next way of ``Offload`` from here on, which is slower; False when there is none, or no other memory."""
        ...

    def describe(self) -> Mapping[str, str]:
        """Infotext items of what changes pictures in the way it computes now: number formats that are not the full ones."""
        ...

    def encode_images(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Pixels (B, 3, H, W) in 0..1 -> latents (B, C, h, w) in sampling scale (posterior mean without a generator)."""
        ...

    def encode_in_parts(self, pixels: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
        """As ``encode_images`` without a generator, in less memory, as ``decode_in_parts``."""
        ...

    def modules(self) -> Mapping[str, torch.nn.Module]:
        """The parts by name ("unet", "vae", "text_encoder" ...), for patches."""
        ...

    def original_weights(self, layers: Sequence[str]) -> Mapping[str, LayerWeights]:
        """The weights of layers ("unet.conv_in") as the checkpoint's file has them, in its number format, of the shapes that they have now.

        Raises ModelFileError when the file is not what it was, UserError for a layer that there is none of.
        """
        ...


class ModelFamily(Protocol):
    """Loads checkpoints of one family; listed in the web process too, so torch is imported inside ``load`` only."""

    id: str
    title: str
    kind: str
    native_size_px: int
    encoding_settings: tuple[str, ...]
    """Keys of the settings, with plain values, that the encoding of prompts depends on; see ``EncodeOptions.settings``."""

    def load(self, record: ModelRecord, header: ModelHeader, options: LoadOptions) -> LoadedModel:
        """Load the file; raises ModelFileError that names the file and the reason, and never half-loads."""
        ...

    def count_tokens(self, prompt: str, options: EncodeOptions | None = None) -> tuple[int, int]:
        """(used, limit) of a plain prompt, as the token counter shows them; no torch, and no errors whatever the text."""
        ...
