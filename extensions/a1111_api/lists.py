"""The lists of A1111's API: checkpoints, samplers, schedules, upscalers."""

from __future__ import annotations

from pathlib import Path

from app.api import Host, Json
from extensions.checkpoints.api import usable


def checkpoints(host: Host) -> list[dict[str, Json]]:
    """The checkpoints that can be used; hashes are null until they have been computed."""
    return [
        {
            "title": record.title,
            "model_name": record.name.replace("/", "_").rpartition(".")[0] or record.name,
            "hash": record.short_hash,
            "sha256": record.sha256,
            "filename": record.path,
            "config": _sidecar(record.path),
        }
        for record in usable(host)
    ]


def _sidecar(path: str) -> str | None:
    """The configuration file beside a checkpoint, if there is one."""
    sidecar = Path(path).with_suffix(".yaml")
    return str(sidecar) if sidecar.is_file() else None


def samplers(host: Host) -> list[dict[str, Json]]:
    """The samplers; options are texts, as in A1111."""
    return [
        {"name": item.name, "aliases": list(item.aliases), "options": {key: str(value) for key, value in item.options.items()}}
        for item in host.samplers
    ]


def schedulers(host: Host) -> list[dict[str, Json]]:
    """The schedule types."""
    return [
        {
            "name": item.name,
            "label": item.label,
            "aliases": list(item.aliases) or None,
            "default_rho": item.default_rho,
            "need_inner_model": item.need_inner_model,
        }
        for item in host.schedules
    ]


def upscalers(host: Host) -> list[dict[str, Json]]:
    """The upscalers of pictures."""
    return [
        {
            "name": item.name,
            "model_name": item.model_name,
            "model_path": item.model_path,
            "model_url": None,
            "scale": item.scale,
        }
        for item in host.upscalers
        if item.space == "pixel"
    ]


def latent_upscale_modes(host: Host) -> list[dict[str, Json]]:
    """The ways to enlarge latents."""
    return [{"name": item.name} for item in host.upscalers if item.space == "latent"]
