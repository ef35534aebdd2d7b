"""Draws a labelled sheet of sample pictures from a checkpoint."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .captions import CaptionIds
from .sampler import Checkpoint

PROMPTS = (
    "night, stars, moon, pine tree, snow",
    "sunset, sun, palm tree, desert",
    "day, blue sky, red house, grass, flower",
    "castle, mountain, night, moon",
    "windmill, grass, blue sky, cloud",
    "water, boat, sun, blue sky",
    "rainbow, yellow house, grass",
    "sunset, bird, water, boat",
    "rain, day, blue house, fence",
    "person, snow, pine tree, day",
    "road, mountain, blue sky, tree",
    "white house, night, stars, snow",
    "desert, castle, sunset, sun",
    "tree, fence, flower, day",
    "mountain, water, sunset, cloud",
    "palm tree, water, boat, blue sky",
)
COLUMNS, CELL_PX, LABEL_PX = 4, 136, 14


def sheet(checkpoint: Checkpoint, seed: int, enlarge: int = 2) -> Image.Image:
    """All sample prompts with one seed each, labelled."""
    captions = CaptionIds()
    ids = np.array([captions.exact(prompt.split(", ")) for prompt in PROMPTS])
    empty = np.array([captions.exact([])] * len(PROMPTS))
    drawn = checkpoint.draw(checkpoint.context(ids), checkpoint.context(empty), seed)
    cell, rows = CELL_PX * enlarge, len(PROMPTS) // COLUMNS
    page = Image.new("RGB", (COLUMNS * cell, rows * (cell + LABEL_PX)), (250, 249, 246))
    pen = ImageDraw.Draw(page)
    for index, (prompt, pixels) in enumerate(zip(PROMPTS, drawn, strict=True)):
        left, top = index % COLUMNS * cell, index // COLUMNS * (cell + LABEL_PX)
        picture = Image.fromarray(pixels)
        page.paste(picture.resize((128 * enlarge, 128 * enlarge), Image.Resampling.BICUBIC), (left + 8, top + 8))
        pen.text((left + 8, top + cell - 7), prompt, fill=(40, 40, 40))
    return page


def main() -> None:
    """Writes the sheet as a PNG of at most 256 colours, to keep it small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    page = sheet(Checkpoint(options.checkpoint), options.seed)
    page.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(options.picture, optimize=True)


if __name__ == "__main__":
    main()
