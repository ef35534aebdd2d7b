"""Trains the demo checkpoint from nothing, in resumable stages: pictures, vae, latents, unet, decoder, export."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from pathlib import Path

import torch.multiprocessing

from .dataset import sample_scene
from .export import export_checkpoint
from .latents import cached_latents
from .parallel import join
from .pictures import rendered_pictures
from .state import ALLOCATOR_ENVIRONMENT
from .train_decoder import train_decoder
from .train_unet import train_unet
from .train_vae import train_vae

PROCESSES = 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("demo_state"), help="folder for the training state")
    parser.add_argument("--pictures", type=int, default=48_000, help="pictures to draw, all for the autoencoder")
    parser.add_argument("--encoded", type=int, default=24_576, help="how many of them the U-Net learns from")
    parser.add_argument("--vae-minutes", type=float, default=17.0)
    parser.add_argument("--unet-minutes", type=float, default=64.0)
    parser.add_argument("--decoder-minutes", type=float, default=9.0)
    parser.add_argument("--until", choices=("pictures", "vae", "latents", "unet", "export"), default="export")
    return parser.parse_args()


def train_together(rank: int, options: argparse.Namespace, port: int) -> None:
    """The stages after the pictures, as process number `rank` of the training group."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    join(rank, PROCESSES, port)
    pictures = rendered_pictures(options.state, options.pictures)
    vae = train_vae(options.state, pictures, options.vae_minutes * 60)
    if options.until == "vae":
        return
    latents = cached_latents(options.state, vae, pictures[: options.encoded])
    if options.until == "latents":
        return
    scenes = [sample_scene(seed).tags for seed in range(min(options.encoded, options.pictures))]
    painter = train_unet(options.state, latents, scenes, options.unet_minutes * 60)
    if options.until == "unet":
        return
    train_decoder(options.state, vae, latents, pictures, options.decoder_minutes * 60)
    if rank == 0:
        path = options.state / "export" / "paintbox-demo.safetensors"
        size = export_checkpoint({**painter.parts(), "vae": vae}, path)
        logging.getLogger(__name__).info("wrote %s, %d bytes", path, size)


def main() -> None:
    """Runs the stages in order; a stage that is done returns at once."""
    if any(name not in os.environ for name in ALLOCATOR_ENVIRONMENT):
        command = [sys.executable, "-m", "tools.demo_model.train", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **ALLOCATOR_ENVIRONMENT})
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.state.mkdir(parents=True, exist_ok=True)
    pictures = rendered_pictures(options.state, options.pictures)
    del pictures
    if options.until != "pictures":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        torch.multiprocessing.spawn(train_together, (options, port), nprocs=PROCESSES)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
