"""What prompts and passes do, on the demo checkpoint: ``python -m benchmarks.effects --state FOLDER --out docs/images``.

Draws over the API as a client does, has the tag classifier of ``tools/demo_model`` look at the pictures (kept in the folder ``--state``,
and trained first when it is not there), prints tables and writes one sheet of pictures for each effect.
"""

from __future__ import annotations

import argparse
import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

from benchmarks.server import DEMO, Server, running
from benchmarks.table import print_table
from tools.demo_model.classifier import TagClassifier, shown, trained_classifier
from tools.demo_model.renderer import TAGS
from tools.demo_model.sampler import Checkpoint
from tools.demo_model.train_vae import to_tensor

SIZE, CELL, LABEL = 128, 192, 18
SEEDS = range(100, 112)
BASE: Mapping[str, Any] = {"steps": 20, "cfg_scale": 6, "sampler_name": "DPM++ 2M", "scheduler": "Karras", "width": SIZE, "height": SIZE}
SETTLED = "mountain, grass, blue house"
Labelled = tuple[str, Image.Image]


class Studio:
    """A running server and the classifier that looks at its pictures."""

    def __init__(self, server: Server, classifier: TagClassifier) -> None:
        self._server = server
        self._classifier = classifier

    def draw(self, prompt: str, path: str = "/sdapi/v1/txt2img", **fields: Any) -> Image.Image:
        """One picture."""
        answer = self._server.post(path, {**BASE, "prompt": prompt, "seed": SEEDS[0], **fields})
        return Image.open(io.BytesIO(base64.b64decode(answer["images"][0]))).convert("RGB")

    def share(self, pictures: Sequence[Image.Image], tag: str) -> float:
        """Share of the pictures in which the classifier sees the tag."""
        pixels: Tensor = to_tensor(np.stack([np.asarray(picture) for picture in pictures]))
        return float(shown(self._classifier, pixels)[:, TAGS.index(tag)].float().mean())


def encoded(picture: Image.Image) -> str:
    """A picture as the API takes it."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def sheet(cells: Sequence[Labelled]) -> Image.Image:
    """Pictures side by side, each under its words."""
    page = Image.new("RGB", (len(cells) * (CELL + 4) - 4, CELL + LABEL), "white")
    for column, (words, picture) in enumerate(cells):
        scale = Image.Resampling.NEAREST if picture.width <= CELL else Image.Resampling.LANCZOS
        page.paste(picture.resize((CELL, CELL), scale), (column * (CELL + 4), LABEL))
        ImageDraw.Draw(page).text((column * (CELL + 4) + 2, 3), words, "black")
    return page


def scheduling(studio: Studio) -> tuple[list[Labelled], list[list[str]]]:
    """``[day:night:N]`` between a day and a night: what the first steps have settled stays, the rest follows the second word."""
    prompts = {word: f"{word}, {SETTLED}" for word in ("day", "[day:night:0.5]", "[day:night:0.2]", "night")}
    drawn = {word: [studio.draw(prompt, seed=seed) for seed in SEEDS] for word, prompt in prompts.items()}
    ends = [np.stack([np.asarray(each) for each in drawn[word]]).astype(int) for word in ("day", "night")]
    rows = [
        [
            word,
            *(f"{studio.share(pictures, tag):.2f}" for tag in ("day", "night")),
            *(f"{np.abs(np.stack([np.asarray(each) for each in pictures]).astype(int) - end).mean():.1f}" for end in ends),
        ]
        for word, pictures in drawn.items()
    ]
    return [(prompts[word], pictures[0]) for word, pictures in drawn.items()], rows


def combining(studio: Studio) -> tuple[list[Labelled], list[list[str]]]:
    """``AND`` of two scenes."""
    scenes = ("castle, night, stars", "boat, water", "castle, night, stars AND boat, water")
    drawn = {scene: [studio.draw(scene, seed=seed) for seed in SEEDS] for scene in scenes}
    rows = [[scene, *(f"{studio.share(pictures, tag):.2f}" for tag in ("castle", "boat"))] for scene, pictures in drawn.items()]
    return [(scene, pictures[0]) for scene, pictures in drawn.items()], rows


def inpainting(studio: Studio) -> tuple[list[Labelled], list[list[str]]]:
    """A windmill into the middle of a landscape; the rest stays as it was."""
    start = studio.draw("day, blue sky, grass, mountain")
    mask = Image.new("L", start.size)
    ImageDraw.Draw(mask).rectangle((40, 36, 88, 100), fill=255)
    fields = {"init_images": [encoded(start)], "mask": encoded(mask), "mask_blur": 0, "inpainting_fill": 2, "inpaint_full_res": False}
    changed = studio.draw("windmill, day, grass, blue sky", "/sdapi/v1/img2img", denoising_strength=0.95, **fields)
    apart = np.abs(np.asarray(start).astype(int) - np.asarray(changed).astype(int)).max(axis=2)
    outside = np.asarray(mask) == 0
    rows = [["largest difference outside the mask", f"{apart[outside].max()}"], ["mean difference inside", f"{apart[~outside].mean():.1f}"]]
    return [("before", start), ("mask", mask.convert("RGB")), ("after", changed)], rows


def enlarging(studio: Studio) -> tuple[list[Labelled], list[list[str]]]:
    """Hires fix beside the same picture enlarged by Lanczos; detail is what a blur takes away."""
    prompt = "castle, mountain, tree, flower, day"
    small = studio.draw(prompt)
    plain = small.resize((2 * SIZE, 2 * SIZE), Image.Resampling.LANCZOS)
    hires = studio.draw(prompt, enable_hr=True, hr_scale=2, hr_upscaler="Latent", denoising_strength=0.55)
    rows = [[words, f"{detail(picture):.2f}"] for words, picture in (("enlarged by Lanczos", plain), ("hires fix", hires))]
    return [("128x128", small), ("enlarged by Lanczos", plain), ("hires fix", hires)], rows


def detail(picture: Image.Image) -> float:
    """Mean difference to the picture blurred by one pixel, in levels of 255."""
    sharp, blurred = (np.asarray(each).astype(int) for each in (picture, picture.filter(ImageFilter.GaussianBlur(1))))
    return float(np.abs(sharp - blurred).mean())


def varying(studio: Studio) -> tuple[list[Labelled], list[list[str]]]:
    """Variation strength from one seed's picture to another's."""
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)
    drawn = [studio.draw("sunset, boat, water, bird", subseed=SEEDS[-1], subseed_strength=strength) for strength in strengths]
    ends = [np.asarray(drawn[place]).astype(int) for place in (0, -1)]
    rows = [
        [f"{strength}", *(f"{np.abs(np.asarray(picture).astype(int) - end).mean():.1f}" for end in ends)]
        for strength, picture in zip(strengths, drawn, strict=True)
    ]
    return [(f"strength {strength}", picture) for strength, picture in zip(strengths, drawn, strict=True)], rows


EFFECTS = (
    ("scheduling", scheduling, ["prompt begins with", "day seen", "night seen", "from day", "from night"]),
    ("and", combining, ["prompt", "castle seen", "boat seen"]),
    ("inpainting", inpainting, ["what", "levels of 255"]),
    ("hires", enlarging, ["picture", "detail"]),
    ("variation", varying, ["strength", "from the first", "from the last"]),
)


def main() -> None:
    """Draw, print and write everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(0)
    classifier = trained_classifier(options.state / "classifier.pt", Checkpoint(DEMO).vae)
    with running() as server:
        server.wait_for("/internal/ping")
        for name, effect, columns in EFFECTS:
            cells, rows = effect(Studio(server, classifier))
            sheet(cells).save(options.out / f"effect-{name}.webp", quality=88, method=6)
            print_table(name, columns, rows)


if __name__ == "__main__":
    main()
