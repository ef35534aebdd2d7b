"""What becomes of every tensor of a merge, settled from the headers alone; no torch.

The rules are A1111's: the result has the tensors of A. Those with "model" in their names that B has as well are merged; of C those that
it has, and where C lacks one, B's difference from it counts as none. A's first convolution may have more input channels than B's (9 of
an inpainting checkpoint, 8 of instruct-pix2pix): then the four that both have are merged. A baked VAE takes the place of A's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.api import FLOAT_FORMATS, SAVED_FORMATS, ModelHeader, TensorInfo, UserError, tensor_bytes, tensor_of_scales
from extensions.checkpoint_merger.blocks import BlockWeights, parse_block_weights
from extensions.checkpoint_merger.params import ADD_DIFFERENCE, NO_INTERPOLATION, MergeRequest
from extensions.checkpoint_merger.vae_names import original_names

SHARED_CHANNELS = 4
SPECIAL: Mapping[int, str] = {9: "inpainting", 8: "instruct-pix2pix"}
VAE_PREFIX = "first_stage_model."
NEVER_MERGED = frozenset({"cond_stage_model.transformer.text_model.embeddings.position_ids"})
_OLD_NAMES = tuple(
    (f"cond_stage_model.transformer.{part}", f"cond_stage_model.transformer.text_model.{part}")
    for part in ("embeddings.", "encoder.", "final_layer_norm.")
)
Names = Mapping[str, str]
"""By today's names: the names in the file."""


@dataclass(frozen=True)
class MergedTensor:
    """One tensor of the result: ``info`` of what is written; the names in each file; the multiplier; the channels that are merged, 0: all.

    ``vae``: its name in the VAE file that takes its place.
    """

    info: TensorInfo
    first: str
    second: str = ""
    third: str = ""
    multiplier: float = 0.0
    channels: int = 0
    vae: str = ""


@dataclass(frozen=True)
class MergePlan:
    """``special``: "inpainting" or "instruct-pix2pix" where A's extra channels were kept; ``remarks`` are for the user."""

    tensors: Mapping[str, MergedTensor]
    special: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def name_suffix(self) -> str:
        """What A1111 puts behind the name of such a result."""
        return f".{self.special}" if self.special else ""

    @property
    def size_bytes(self) -> int:
        """Of all tensors."""
        return sum(tensor_bytes(tensor.info) for tensor in self.tensors.values())


def plan_merge(
    request: MergeRequest, first: ModelHeader, second: ModelHeader | None, third: ModelHeader | None, vae: ModelHeader | None
) -> MergePlan:
    """The plan, with the tensors that are to be discarded; raises UserError that names the field, the file and the tensor."""
    discarded(request)
    headers = [header for header in (first, second, third) if header is not None]
    if len(headers) > 1 or request.save_as:
        for header, field in zip(headers, ("primary", "secondary", "tertiary"), strict=False):
            _refuse_scaled(header, field)
    names = [_names(header) for header in headers]
    blocks = parse_block_weights(request.block_weights, names[0], request.multiplier) if len(headers) > 1 else None
    tensors: dict[str, MergedTensor] = {}
    special = ""
    for key in names[0]:
        tensor = _merged(key, headers, names, blocks, request)
        special = SPECIAL.get(headers[0].tensors[tensor.first].shape[1], "") if tensor.channels else special
        tensors[key] = tensor
    baked, told = _bake(tensors, vae)
    tensors = {key: _saved(tensor, request) for key, tensor in {**tensors, **baked}.items()}
    return MergePlan(tensors, special, tuple(_remarks(headers, names, request) + told))


def discard(plan: MergePlan, request: MergeRequest) -> MergePlan:
    """The plan without the tensors whose names match the expression; raises UserError where none is left.

    For workers: an expression can take longer than anybody lives, and a worker can be ended.
    """
    expression = discarded(request)
    if expression is None:
        return plan
    tensors = {key: tensor for key, tensor in plan.tensors.items() if expression.search(key) is None}
    if not tensors:
        raise UserError("No tensor is left: the expression matches all names.", field="discard_weights")
    return replace(plan, tensors=tensors)


def discarded(request: MergeRequest) -> re.Pattern[str] | None:
    """The expression for names that are left out; raises UserError for what is none."""
    if not request.discard_weights:
        return None
    try:
        return re.compile(request.discard_weights)
    except (re.error, RecursionError, OverflowError) as error:
        raise UserError(f"{request.discard_weights[:80]!r} is no regular expression: {error}.", field="discard_weights") from error


def _refuse_scaled(header: ModelHeader, field: str) -> None:
    scaled = tensor_of_scales(header.tensors)
    if scaled:
        raise UserError(
            f"{header.path.name} has 8-bit weights with scales ({scaled}), which cannot be added up.",
            hint="Use a version of the checkpoint in float16.",
            field=field,
        )


def _names(header: ModelHeader) -> Names:
    """Names by what they are called today: early SD1 checkpoints lack a level in those of the text encoder."""
    return {_today(name): name for name in header.tensors}


def _today(name: str) -> str:
    for old, new in _OLD_NAMES:
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name


def _merged(key: str, headers: list[ModelHeader], names: list[Names], blocks: BlockWeights | None, request: MergeRequest) -> MergedTensor:
    mine = names[0][key]
    info = headers[0].tensors[mine]
    alone = MergedTensor(info, mine)
    others = [table.get(key, "") for table in names[1:]]
    if not others or "model" not in key or key in NEVER_MERGED or not all(others) or info.dtype not in FLOAT_FORMATS:
        return alone
    infos = [header.tensors[name] for header, name in zip(headers[1:], others, strict=True)]
    channels = _shared_channels(key, headers, info, infos)
    multiplier = blocks.of(key) if blocks else request.multiplier
    dtype = promoted({info.dtype, *(other.dtype for other in infos)})
    third = others[1] if len(others) > 1 else ""
    return MergedTensor(TensorInfo(dtype, info.shape), mine, others[0], third, multiplier, channels)


def _shared_channels(key: str, headers: list[ModelHeader], info: TensorInfo, others: list[TensorInfo]) -> int:
    """How many input channels are merged; 0 where all are. Raises UserError where the shapes do not go together."""
    mine = info.shape
    theirs = others[0].shape
    if any(other.shape != theirs for other in others):
        sizes = f"{theirs} in {headers[1].path.name} and {others[-1].shape} in {headers[-1].path.name}"
        raise UserError(f"{key} is {sizes}: no difference can be taken.", field="tertiary")
    if mine == theirs:
        return 0
    if len(mine) == len(theirs) == 4 and mine[:1] + mine[2:] == theirs[:1] + theirs[2:]:
        if mine[1] in SPECIAL and theirs[1] == SHARED_CHANNELS:
            return SHARED_CHANNELS
        if mine[1] == SHARED_CHANNELS and theirs[1] in SPECIAL:
            what = f"When an {SPECIAL[theirs[1]]} model is merged with a normal one, A must be the {SPECIAL[theirs[1]]} model."
            raise UserError(what, hint="Exchange A and B.", field="primary")
    raise UserError(
        f"{key} is {mine} in {headers[0].path.name} and {theirs} in {headers[1].path.name}: these models cannot be merged.",
        hint="Both must be of the same kind (SD1, SD2, SDXL).",
        field="secondary",
    )


def promoted(formats: set[str]) -> str:
    """The number format that numbers of these formats are added up in, as torch has it; 8-bit numbers count as less than any other."""
    if len(formats) == 1:
        return next(iter(formats))
    wide = {name for name in formats if not name.startswith("F8")}
    if len(wide) == 1:
        return next(iter(wide))
    return "F64" if "F64" in wide else "F32"


def _bake(tensors: Mapping[str, MergedTensor], vae: ModelHeader | None) -> tuple[dict[str, MergedTensor], list[str]]:
    """The tensors whose place the VAE's take, and what the user should know."""
    if vae is None:
        return {}, []
    own = {name.removeprefix(VAE_PREFIX): name for name in vae.tensors if not name.startswith(("loss", "model_ema."))}
    bare = {original: own[name] for name, original in original_names(own).items()}
    baked: dict[str, MergedTensor] = {}
    left = []
    for key, name in bare.items():
        place = tensors.get(VAE_PREFIX + key)
        if place is None:
            left.append(name)
            continue
        if not _is_same_weight(place.info.shape, vae.tensors[name].shape):
            sizes = f"{vae.tensors[name].shape} in {vae.path.name} and {place.info.shape} in the checkpoint"
            raise UserError(f"{key} is {sizes}: this VAE does not fit.", field="bake_in_vae")
        baked[VAE_PREFIX + key] = MergedTensor(TensorInfo(vae.tensors[name].dtype, place.info.shape), place.first, vae=name)
    if not baked:
        raise UserError(f"{vae.path.name} cannot be baked in: it has no tensor of the checkpoint's VAE.", field="bake_in_vae")
    return baked, [f"{vae.path.name}: {len(left)} tensors have no place in the checkpoint, such as {left[0]}."] if left else []


def _is_same_weight(mine: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """True for one shape, and for a matrix beside a 1x1 convolution: the attention of diffusers' layout beside the original one's."""
    return mine == theirs or (mine[:2] == theirs[:2] and set(mine[2:] + theirs[2:]) <= {1})


def _saved(tensor: MergedTensor, request: MergeRequest) -> MergedTensor:
    wanted = SAVED_FORMATS.get(request.save_as)
    if wanted is None or tensor.info.dtype not in FLOAT_FORMATS:
        return tensor
    return replace(tensor, info=TensorInfo(wanted, tensor.info.shape))


def _remarks(headers: list[ModelHeader], names: list[Names], request: MergeRequest) -> list[str]:
    """What of the files is not merged."""
    told = []
    mergeable = {key for key in names[0] if "model" in key and key not in NEVER_MERGED}
    for header, table in zip(headers[1:], names[1:], strict=True):
        lacking = sorted(mergeable - set(table))
        more = sorted(key for key in set(table) - set(names[0]) if "model" in key)
        if lacking:
            told.append(f"{header.path.name} lacks {len(lacking)} tensors, such as {lacking[0]}: they are A's.")
        if more and header is headers[1]:
            told.append(f"{header.path.name} has {len(more)} tensors that A lacks, such as {more[0]}: they are left out.")
    if request.method == NO_INTERPOLATION and request.block_weights.strip():
        told.append("Weights per block have no effect without interpolation.")
    if request.method != ADD_DIFFERENCE and request.tertiary and request.tertiary != "None":
        told.append(f"The tertiary model is not used by the method {request.method!r}.")
    return told
