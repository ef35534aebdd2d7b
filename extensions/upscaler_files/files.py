"""The files that are upscalers: where they lie, what they are called, and which of them can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from app.api import Listed, ModelFileError, ModelFolder, ModelHeader, ModelIdentity, ModelRecord, PixelUpscale, Upscaler
from extensions.upscaler_files.layout import Layout, layout_of

if TYPE_CHECKING:
    from app.api import Host

KIND = "upscaler"
REAL_ESRGAN = "realesrgan"
SUFFIXES = (".pth", ".pt", ".safetensors")
FOLDERS = tuple(
    ModelFolder(kind, f"{title} upscalers", title, SUFFIXES, f"{kind}-models-path", comfy_names=comfy, holds=holds)
    for kind, title, comfy, holds in (
        ("esrgan", "ESRGAN", ("upscale_models",), (KIND,)),
        (REAL_ESRGAN, "RealESRGAN", (), ()),
        ("bsrgan", "BSRGAN", (), ()),
        ("dat", "DAT", (), ()),
        ("ldsr", "LDSR", (), ()),
        ("scunet", "ScuNET", (), ()),
        ("swinir", "SwinIR", (), ()),
    )
)
NAMES: Mapping[str, str] = {
    "RealESRGAN_x4plus": "R-ESRGAN 4x+",
    "RealESRGAN_x4plus_anime_6B": "R-ESRGAN 4x+ Anime6B",
    "RealESRGAN_x2plus": "R-ESRGAN 2x+",
    "realesr-general-x4v3": "R-ESRGAN General 4xV3",
    "realesr-general-wdn-x4v3": "R-ESRGAN General WDN 4xV3",
    "realesr-animevideov3": "R-ESRGAN AnimeVideo",
    "SwinIR_4x": "SwinIR 4x",
    "DAT_x2": "DAT x2",
    "DAT_x3": "DAT x3",
    "DAT_x4": "DAT x4",
}
"""What A1111 calls files that it knows; others are called by their stems."""
SPANDREL = "spandrel"
FAMILY, SCALE = "upscaler", "x"


@dataclass(frozen=True)
class UpscalerFile:
    """A file that can be used, and what it is called."""

    name: str
    record: ModelRecord
    scale: float


def has_spandrel() -> bool:
    """Whether the package is there that knows many architectures."""
    return find_spec(SPANDREL) is not None


def identify(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """What an upscaler is from its header; None for everything else.

    Where spandrel is there, what lies in the folders of upscalers and is known to nobody else is left for it to try.
    """
    layout = layout_of(header)
    if layout is None:
        is_ours = has_spandrel() and _lies_in_folders(header, host)
        return ModelIdentity(kind=KIND, family=FAMILY, variant="other", title="Upscaler") if is_ours else None
    supported = layout.family != "other" or has_spandrel()
    reason = "" if supported else f"it is a {layout.title} upscaler, for which the Python package spandrel must be installed"
    return ModelIdentity(
        kind=KIND, family=FAMILY, variant=_variant(layout), title=f"{layout.title} upscaler", supported=supported, reason=reason
    )


def _lies_in_folders(header: ModelHeader, host: Host) -> bool:
    places = [host.models.folders[folder.kind] for folder in FOLDERS if folder.kind in host.models.folders]
    return any(header.path.is_relative_to(root) for place in places for root in place.roots)


def _variant(layout: Layout) -> str:
    return layout.family if layout.family == "other" else f"{layout.family}-{SCALE}{layout.scale}"


def usable_files(host: Host) -> list[UpscalerFile]:
    """All that can be used, as far as is known, sorted by name whatever the case; the second of a name is called by its path."""
    found: dict[str, UpscalerFile] = {}
    for folder in FOLDERS:
        for record in host.models.records(folder.kind) if folder.kind in host.models.folders else ():
            if not _is_usable(record):
                continue
            name = NAMES.get(record.stem, record.stem)
            name = f"{folder.title.split()[0]}/{record.name}" if name in found else name
            found[name] = UpscalerFile(name, record, _scale(record))
    return sorted(found.values(), key=lambda file: file.name.casefold())


def _is_usable(record: ModelRecord) -> bool:
    return record.pending or (record.usable and record.identity is not None and record.identity.kind == KIND)


def _scale(record: ModelRecord) -> float:
    """What the header says; 4, which most have, while that is not known."""
    variant = record.identity.variant if record.identity else ""
    digits = variant.rpartition(SCALE)[2]
    return float(digits) if digits.isdecimal() else 4.0


def listed_upscalers(host: Host) -> Listed[Upscaler]:
    """The files as upscalers; they come and go."""

    def upscalers() -> Iterable[Upscaler]:
        for file in usable_files(host):
            path, stem = file.record.path, file.record.stem
            yield Upscaler(file.name, pixel=_loader(path), scale=file.scale, model_name=stem, model_path=path, aliases=(stem,))

    def state() -> object:
        return [host.models.state(folder.kind) for folder in FOLDERS if folder.kind in host.models.folders]

    return Listed("upscaler files", upscalers, state)


def _loader(path: str) -> Callable[[], PixelUpscale]:
    def load() -> PixelUpscale:
        from extensions.upscaler_files.enlarge import upscale_function

        return upscale_function(path)

    return load


def refused(path: str, why: str) -> ModelFileError:
    """The error that names the file."""
    from pathlib import Path

    return ModelFileError(f"{Path(path).name} cannot be used as an upscaler: {why}.", hint="Choose another one.", field="upscaler")
