"""Changes what guides pictures: each positive prompt is encoded once more by the tuned encoder, and both encodings are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from app.api import (
    Conditioning,
    ConditioningPart,
    ConditioningStep,
    ImageConditioning,
    LoadedModel,
    NetworkUse,
    PassContext,
    Run,
    StashKey,
    UserError,
    encode_texts,
)
from extensions.aesthetic_gradients.files import FIELD, Projection, find_embedding, find_projection, read_embedding
from extensions.aesthetic_gradients.mixing import mixed, slerped
from extensions.aesthetic_gradients.params import AestheticParams
from extensions.aesthetic_gradients.tuning import PROJECTION, Goal, TunedEncoding, read_features

ENCODERS = ("text_encoder", "text_encoder_2")
WITHOUT_LAST_BLOCK = ("sd2",)


@dataclass(frozen=True)
class Done:
    """A part of a prompt that was tuned for: its steps as they came and as they went."""

    params: AestheticParams
    before: tuple[ConditioningStep, ...]
    after: tuple[ConditioningStep, ...]

    def is_for(self, params: AestheticParams, steps: Sequence[ConditioningStep]) -> bool:
        """Whether these are the very encodings that the host keeps: then prompts, weights and patches are the same."""
        same = (a.conditioning is b.conditioning and a.end_at_step == b.end_at_step for a, b in zip(self.before, steps, strict=False))
        return params == self.params and len(steps) == len(self.before) and all(same)


DONE = StashKey[list[Done]]("prompts that were tuned for")
"""In the job's stash, so that further batches need no more tuning."""


@dataclass(frozen=True)
class Aim:
    """The encoder that is tuned, and where to."""

    encoder: nn.Module
    goal: Goal


def tuned(
    conditioning: Sequence[ImageConditioning], params: AestheticParams, context: PassContext, run: Run
) -> Sequence[ImageConditioning]:
    """The conditionings with positive parts that lean towards the embedding.

    Raises UserError for a file that is missing or does not fit the checkpoint; another one that takes over is told instead.
    """
    try:
        aim = _aim(params, context, run)
    except UserError as error:
        if context.checkpoint.path == context.plan.first.checkpoint.path:
            raise
        run.comment(f"Aesthetic gradients were left out with {context.checkpoint.name}. {error}")
        return conditioning
    return [replace(one, positive=tuple(_part(part, aim, params, context, run) for part in one.positive)) for one in conditioning]


def _part(part: ConditioningPart, aim: Aim, params: AestheticParams, context: PassContext, run: Run) -> ConditioningPart:
    done = run.stash.made(DONE, list)
    known = next((one.after for one in done if one.is_for(params, part.steps)), None)
    if known is None:
        run.tell("Tuning the text encoder")
        with TunedEncoding(aim.encoder, aim.goal, run.control.check).entered():
            encoded = encode_texts([step.text for step in part.steps], context, run)
        known = tuple(
            replace(step, conditioning=_mixed(step.conditioning, other, params)) for step, other in zip(part.steps, encoded, strict=True)
        )
        done.append(Done(params, part.steps, known))
    return replace(part, steps=known)


def _mixed(own: Conditioning, other: Conditioning, params: AestheticParams) -> Conditioning:
    context = mixed(own.context, other.context, params.weight, slerp=params.slerp)
    if own.pooled is None or other.pooled is None:
        return replace(own, context=context)
    weight = params.weight
    pooled = slerped(own.pooled, other.pooled, weight, -1) if params.slerp else own.pooled * (1 - weight) + other.pooled * weight
    return replace(own, context=context, pooled=pooled)


def _aim(params: AestheticParams, context: PassContext, run: Run) -> Aim:
    """Embedding, encoder and projection that go together; raises UserError."""
    record = find_embedding(params.embedding, run.host)
    direction = read_embedding(record)
    encoder, projection = _encoder(direction.shape[1], context.model, run)
    if params.text.strip():
        direction = _turned(direction, _read_text(params.text, encoder, projection.matrix, context, run), params)
    note = f"Text projection of {projection.source}." if projection.source else ""
    strength = f"{params.weight:g}, {params.steps} steps of {params.learning_rate:g}"
    run.used_network(
        NetworkUse(type="aesthetic embedding", name=params.embedding, file=record.name, strength=strength, applied=1, total=1, note=note)
    )
    return Aim(encoder, Goal(direction, projection.matrix, params.steps, params.learning_rate))


def _encoder(features: int, model: LoadedModel, run: Run) -> tuple[nn.Module, Projection]:
    """The encoder whose features are so wide, with its projection: the model's own, or that of a file."""
    if model.identity.family in WITHOUT_LAST_BLOCK:
        raise UserError(
            "Aesthetic gradients do not work with Stable Diffusion 2: the last block of its text encoder is not loaded.",
            hint="Choose another checkpoint, or the embedding None.",
            field=FIELD,
        )
    encoders = [model.modules()[name] for name in ENCODERS if name in model.modules()]
    widths = [_width(encoder) for encoder in encoders]
    for encoder in encoders:
        own = getattr(encoder, PROJECTION, None)
        if own is not None and own.weight.shape[0] == features:
            return encoder, Projection(own.weight.detach().float().cpu())
    without = [encoder for encoder in encoders if getattr(encoder, PROJECTION, None) is None]
    fitting = next((encoder for encoder in without if _width(encoder) == features), None)
    if fitting is None:
        wanted = " or ".join(str(width) for width in widths) or "no"
        raise UserError(
            f"The aesthetic embedding has {features} numbers, and this checkpoint needs {wanted}.",
            hint="Choose an embedding that was made for it.",
            field=FIELD,
        )
    return fitting, find_projection(features, _width(fitting), run.host)


def _width(encoder: nn.Module) -> int:
    return next(parameter.shape[-1] for name, parameter in encoder.named_parameters() if name.endswith("token_embedding.weight"))


def _read_text(text: str, encoder: nn.Module, projection: Tensor, context: PassContext, run: Run) -> Tensor:
    """Features (1, features) of a text, of length 1; of a long one those of its first 75 tokens."""
    with torch.no_grad():
        return read_features(encoder, projection, lambda: encode_texts([text], context, run))


def _turned(direction: Tensor, text: Tensor, params: AestheticParams) -> Tensor:
    """The direction turned towards a text's features, or away from them."""
    towards = nn.functional.normalize(direction - text, dim=-1) if params.text_negative else text
    return slerped(direction, towards, params.slerp_angle, -1)
