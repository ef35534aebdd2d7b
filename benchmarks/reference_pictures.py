"""Draws recorded requests and compares the pictures with the reference's, pixel by pixel.

``python -m benchmarks.reference_pictures --cases cases.json --checkpoint file.safetensors [--only ID,GROUP]``. A case is a text-to-image
request of A1111's API with the pictures it gave there (float32 on a CPU); requests that use a feature, a sampler or a setting that is
not installed are left out and named.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.errors import UserError
from app.generation.generate import generate
from app.host import Host
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from app.values.params import field_extra
from app.values.request import GenerationRequest
from benchmarks.table import print_table

EXTENSIONS = ("stable_diffusion", "samplers", "noise_schedules", "tiling", "hires_fix")
FIELDS = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "seed": "seed",
    "steps": "steps",
    "cfg_scale": "cfg_scale",
    "width": "width",
    "height": "height",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "batch_size": "batch_size",
    "subseed": "subseed",
    "subseed_strength": "subseed_strength",
    "seed_resize_from_w": "seed_resize_from_width",
    "seed_resize_from_h": "seed_resize_from_height",
}
SETTINGS = ("s_churn", "s_noise", "s_tmin", "s_tmax")


@dataclass(frozen=True)
class Difference:
    """Absolute differences of pixels, 0 to 255: the worst picture's mean and maximum."""

    mean: float
    maximum: float


def request_of(body: Mapping[str, Any], host: Host) -> GenerationRequest:
    """A case's request; raises KeyError for a field that neither this program nor an installed feature knows."""
    features = {field_extra(field).get("api"): (model.feature, name) for model in host.params for name, field in model.model_fields.items()}
    params: dict[str, dict[str, Any]] = {}
    fields: dict[str, Any] = {}
    settings: dict[str, Any] = {"randn_source": "CPU", "grid_save": False, "return_grid": False, **body.get("override_settings", {})}
    for key, value in body.items():
        if key in SETTINGS:
            settings[key] = value
        elif key in features:
            feature, name = features[key]
            params.setdefault(feature, {})[name] = value
        elif key != "override_settings":
            fields[FIELDS[key]] = value
    return GenerationRequest(**fields, settings=settings, params=params)


def draw(run: RecordingRun, body: Mapping[str, Any]) -> list[Path]:
    """The pictures of a request, in order."""
    result = generate(request_of(body, run.host), run)
    return [Path(image.path) for image in result.images if image.kind == "sample"]


def compare(found: list[Path], wanted: list[Path]) -> Difference:
    """The worst of the pairs."""
    pairs = [np.abs(_pixels(left) - _pixels(right)) for left, right in zip(found, wanted, strict=True)]
    return Difference(max(float(pair.mean()) for pair in pairs), max(float(pair.max()) for pair in pairs))


def _pixels(path: Path) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def rows(host: Host, document: Mapping[str, Any], folder: Path, only: set[str]) -> Iterator[list[str]]:
    """A line of the table for each case; the checkpoint is loaded once."""
    run = RecordingRun(host)
    for case in document["cases"]:
        if only and not only & {case["id"], case["group"]}:
            continue
        if case["needs"] or not case["endpoint"].endswith("/txt2img"):
            continue
        tolerance = case.get("tolerance") or document["tolerance"]
        started = time.monotonic()
        try:
            difference = compare(draw(run, case["request"]), [folder / name for name in case["images"]])
        except (KeyError, UserError) as error:
            yield [case["id"], "left out", "", "", str(error)]
            continue
        good = difference.mean <= tolerance["mean"] and difference.maximum <= tolerance["max"]
        taken = f"{time.monotonic() - started:.1f} s"
        yield [case["id"], "ok" if good else "DIFFERS", f"{difference.mean:.4f}", f"{difference.maximum:.0f}", taken]


def main() -> None:
    """Draw the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    document = json.loads(arguments.cases.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as data:
        flags = {"ckpt-dir": [str(arguments.checkpoint.resolve().parent)]}
        options = {"flags": flags, "precision": "full", "vae_precision": "full", "hash_models": False}
        host = temporary_host(Path(data), EXTENSIONS, role="worker", options=options)
        with host.running():
            table = []
            for row in rows(host, document, arguments.cases.parent, set(filter(None, arguments.only.split(",")))):
                sys.stderr.write("  ".join(row) + "\n")
                table.append(row)
    print_table("Pictures against the reference", ["case", "", "mean", "maximum", ""], table)


if __name__ == "__main__":
    main()
