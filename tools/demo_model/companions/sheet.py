"""Draws what the companions do, with Paintbox itself: a sheet for the docs, and the picture on each one's card.

``python -m tools.demo_model.companions.sheet docs/images/demo-companions.webp``
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from app.values.request import GenerationRequest
from tools.demo_model.companions.train import DEMO, ROOT

FLAGS = {
    "ckpt-dir": [str(DEMO.parent)],
    "lora-dir": [str(ROOT / "models" / "Lora")],
    "hypernetwork-dir": [str(ROOT / "models" / "hypernetworks")],
    "vae-dir": [str(ROOT / "models" / "VAE")],
    "embeddings-dir": [str(ROOT / "embeddings")],
}
SCENES = (
    "day, mountain, grass, red house, tree",
    "sunset, water, boat, mountain",
    "day, blue sky, sun, grass, windmill",
    "night, moon, castle, grass",
    "day, grass, road, flower, person",
)
FIRST_SEED = 100
SIZE_PX, MARGIN_PX, TITLE_PX = 128, 4, 16
ROWS = (
    ("as it is", "{}", "None"),
    ("LoRA demo-framed", "{} <lora:demo-framed:1>", "None"),
    ("hypernetwork demo-autumn", "{} <hypernet:demo-autumn:1>", "None"),
    ("VAE demo-vivid", "{}", "demo-vivid.safetensors"),
    ("embedding demo-winter-night, without other words", "demo-winter-night", "None"),
)
CARDS = {
    0: "models/Stable-diffusion/paintbox-demo.png",
    1: "models/Lora/demo-framed.png",
    2: "models/hypernetworks/demo-autumn.png",
    4: "embeddings/demo-winter-night.preview.png",
}
"""The picture beside a file, by the row that shows it; in the folder of embeddings a .png may be an embedding itself."""
CARD_SCENE = 2


@contextmanager
def painter() -> Iterator[RecordingRun]:
    """A run of a host with all extensions, which finds the demo checkpoint and its companions."""
    with tempfile.TemporaryDirectory() as data:
        host = temporary_host(Path(data), None, role="worker", options={"flags": FLAGS, "hash_models": False})
        with host.running():
            yield RecordingRun(host, {"live_previews_enable": False})


def paint(run: RecordingRun, prompt: str, vae: str, seed: int) -> Image.Image:
    """One picture."""
    run.settings = {**run.settings, "sd_vae": vae}
    request = GenerationRequest(
        prompt=prompt,
        checkpoint=DEMO.stem,
        sampler="DPM++ 2M",
        scheduler="Karras",
        steps=20,
        cfg_scale=6.0,
        seed=seed,
        width=SIZE_PX,
        height=SIZE_PX,
        save="spool",
    )
    return Image.open(Path(draw(run, request).images[0].path)).convert("RGB")


def main() -> None:
    """Write the sheet, and the cards' pictures where ``--cards`` asks for them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--cards", action="store_true")
    arguments = parser.parse_args()
    step, height = SIZE_PX + MARGIN_PX, SIZE_PX + MARGIN_PX + TITLE_PX
    sheet = Image.new("RGB", (step * len(SCENES) + MARGIN_PX, height * len(ROWS) + MARGIN_PX), "white")
    writer, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    with painter() as run:
        for row, (title, template, vae) in enumerate(ROWS):
            writer.text((MARGIN_PX, row * height + 2), title, "black", font)
            for column, scene in enumerate(SCENES):
                picture = paint(run, template.format(scene), vae, FIRST_SEED + column)
                sheet.paste(picture, (MARGIN_PX + column * step, row * height + TITLE_PX + 2))
                if arguments.cards and column == CARD_SCENE and row in CARDS:
                    picture.save(ROOT / CARDS[row], optimize=True)
    arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(arguments.sheet, quality=88, method=6)


if __name__ == "__main__":
    main()
