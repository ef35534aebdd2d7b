"""Trains all companions, one after another, and writes them: ``python -m tools.demo_model.companions.train --state DIR``."""

from __future__ import annotations

import argparse
import json
import logging
import socket
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.demo_model.fused_norm import build_kernel
from tools.demo_model.layers import use_kernel
from tools.demo_model.parallel import join
from tools.demo_model.sampler import Checkpoint

from .data import Lesson, lesson
from .embedding import train_embedding, write_embedding
from .hypernetwork import train_hypernetwork, write_hypernetwork
from .looks import autumn, framed
from .lora import train_lora, write_lora
from .upscaler import train_upscaler, write_upscaler
from .vivid_vae import train_vae, write_vae

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "models" / "Stable-diffusion" / "paintbox-demo.safetensors"
PARTS = ("lora", "embedding", "hypernetwork", "vae", "upscaler")
SCENES, LORA_SCENES = 4096, 2048
WORD = frozenset({"night", "snow", "moon", "pine tree"})
"""What the embedding stands for."""
WORD_SCENES = 512


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("companions_state"), help="folder for the training state")
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder with models/ and embeddings/")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--lora-minutes", type=float, default=10.0)
    parser.add_argument("--embedding-minutes", type=float, default=3.0)
    parser.add_argument("--hypernetwork-minutes", type=float, default=5.0)
    parser.add_argument("--vae-minutes", type=float, default=6.0)
    parser.add_argument("--upscaler-minutes", type=float, default=50.0)
    return parser.parse_args()


def tag_frequency(scenes: Sequence[frozenset[str]]) -> str:
    """``ss_tag_frequency`` as kohya's scripts write it."""
    return json.dumps({"10_framed": dict(Counter(tag for scene in scenes for tag in sorted(scene)).most_common())})


def make_lora(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """A LoRA that puts a frame around pictures."""
    learnt = lesson(options.state, "framed", checkpoint.vae, LORA_SCENES, framed)
    changes = train_lora(options.state, checkpoint, learnt, options.lora_minutes * 60)
    facts = {
        "ss_output_name": "demo-framed",
        "ss_sd_model_name": DEMO.name,
        "ss_num_train_images": str(LORA_SCENES),
        "ss_resolution": "(128, 128)",
        "ss_tag_frequency": tag_frequency(learnt.scenes),
    }
    write_lora(_place(options.out, "models/Lora", "demo-framed.safetensors"), changes, facts)


def make_embedding(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """A word for a snowy night with a moon over pine trees."""
    learnt: Lesson = lesson(options.state, "winter-night", checkpoint.vae, WORD_SCENES, lambda picture: picture, WORD)
    word = train_embedding(options.state, checkpoint, learnt, WORD, options.embedding_minutes * 60)
    write_embedding(_place(options.out, "embeddings", "demo-winter-night.safetensors"), word)


def make_hypernetwork(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """A hypernetwork that turns leaves and grass orange."""
    learnt = lesson(options.state, "autumn", checkpoint.vae, SCENES, autumn)
    network = train_hypernetwork(options.state, checkpoint, learnt, options.hypernetwork_minutes * 60)
    facts = {"name": "demo-autumn", "step": 1, "sd_checkpoint": None, "sd_checkpoint_name": DEMO.stem, "optional_info": ""}
    write_hypernetwork(_place(options.out, "models/hypernetworks", "demo-autumn.pt"), network, facts)


def make_vae(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """A VAE with strong colours."""
    vae = train_vae(options.state, checkpoint.vae, options.vae_minutes * 60)
    write_vae(_place(options.out, "models/VAE", "demo-vivid.safetensors"), vae)


def make_upscaler(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """A network that enlarges the checkpoint's pictures four times."""
    network = train_upscaler(options.state, checkpoint.vae, options.upscaler_minutes * 60)
    write_upscaler(_place(options.out, "models/ESRGAN", "demo-scenes-4x.safetensors"), network)


def _place(out: Path, folder: str, name: str) -> Path:
    (out / folder).mkdir(parents=True, exist_ok=True)
    return out / folder / name


def main() -> None:
    """Train what is asked for; a part that is done is only written again."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.state.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    join(0, 1, port)
    kernel = build_kernel(options.state)
    makers = {
        "lora": make_lora,
        "embedding": make_embedding,
        "hypernetwork": make_hypernetwork,
        "vae": make_vae,
        "upscaler": make_upscaler,
    }
    for part in options.only:
        checkpoint = Checkpoint(DEMO)
        for model in (checkpoint.unet, checkpoint.vae):
            use_kernel(model, kernel)
        makers[part](options, checkpoint)


if __name__ == "__main__":
    main()
