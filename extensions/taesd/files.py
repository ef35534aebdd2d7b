"""Which file of the folder is the TAESD of a family: by its name, for the files say nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from app.api import ModelRecord, UserError

if TYPE_CHECKING:
    from app.api import Host

Part = Literal["decoder", "encoder"]
FOLDER_KIND = "vae-approx"
NAMES: Mapping[str, str] = MappingProxyType({"sd1": "taesd", "sd2": "taesd", "sdxl": "taesdxl", "sdxl-refiner": "taesdxl"})
"""What the files are called, by the family of the checkpoint."""


def find_file(part: Part, family: str, host: Host) -> ModelRecord:
    """The file that holds this part for checkpoints of a family; raises UserError that says what to put where."""
    name = NAMES.get(family)
    if name is None:
        raise UserError(f"There is no TAESD for checkpoints of the family {family!r}.", hint="Choose another method.", field=_setting(part))
    records = host.models.records(FOLDER_KIND)
    alone = next((record for record in records if record.stem.lower() == f"{name}_{part}"), None)
    both = next((record for record in records if _is_whole(record, name)), None)
    found = alone or both
    if found is None:
        raise UserError(
            f"TAESD for this checkpoint is not here: models/VAE-taesd holds neither {name}_{part}.pth nor {name}.safetensors.",
            hint=f"Put {name}_{part}.pth from github.com/madebyollin/taesd there, or choose another method.",
            field=_setting(part),
        )
    return found


def _is_whole(record: ModelRecord, name: str) -> bool:
    """Whether file or a folder on its path is called so: "taesd/diffusion_pytorch_model.safetensors", "taesd-fp16.safetensors"."""
    path = record.name.lower().rpartition(".")[0]
    return any(re.fullmatch(rf"{name}([-.].*|_(?!decoder|encoder).*)?", piece) for piece in path.split("/"))


def _setting(part: Part) -> str:
    return "sd_vae_decode_method" if part == "decoder" else "sd_vae_encode_method"
