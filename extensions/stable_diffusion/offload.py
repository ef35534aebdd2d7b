"""Keeps the networks in main memory and brings each to the device only when it works: slower, for cards with little memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import torch
from torch import nn

from app.api import Offload

logger = logging.getLogger(__name__)
WAYS: tuple[Offload, ...] = ("", "parts", "layers")
"""All networks are on the device; a network at a time; and of the U-Net a block at a time."""
RESTING = torch.device("cpu")


class Residence:
    """Lets one network, or one block of the U-Net, be on the device at a time; the last one stays until another is needed."""

    def __init__(self, parts: Mapping[str, nn.Module], device: torch.device, offload: Offload) -> None:
        self._parts = parts
        self._device = device
        self._resident: nn.Module | None = None
        self.offload: Offload = offload
        """The way in use."""
        self._hook_blocks()

    def offload_more(self) -> bool:
        """Move everything to main memory and take the next way; False after the last one, and where the device has no other memory."""
        if self._device == RESTING or self.offload == WAYS[-1]:
            return False
        for part in self._parts.values():
            part.to(RESTING)
        self._resident = None
        self.offload = WAYS[WAYS.index(self.offload) + 1]
        self._hook_blocks()
        return True

    def bring(self, name: str) -> None:
        """Call before a part is used."""
        if self.offload == "parts" or (self.offload == "layers" and name != "unet"):
            self._swap(self._parts[name])

    def _hook_blocks(self) -> None:
        if self.offload == "layers":
            for block in blocks_of(self._parts["unet"]):
                block.register_forward_pre_hook(self._before_block)

    def _before_block(self, block: nn.Module, given: object) -> None:
        self._swap(block)

    def _swap(self, wanted: nn.Module) -> None:
        if wanted is self._resident:
            return
        if self._resident is not None:
            self._resident.to(RESTING)
        wanted.to(self._device)
        self._resident = wanted


def blocks_of(unet: nn.Module) -> list[nn.Module]:
    """The parts of a U-Net that run one after another: its children, and the elements of its lists."""
    found: list[nn.Module] = []
    for child in unet.children():
        found.extend(child if isinstance(child, nn.ModuleList) else [child])
    return found


def choose_offload(flag: Callable[[str], object], family: str, device: torch.device, least: Offload = "") -> Offload:
    """What the flags --lowvram, --medvram and --medvram-sdxl ask for, or ``least`` if that is more; nothing on a processor, whose memory
    is the main memory."""
    wanted: Offload = ""
    if flag("medvram") or (flag("medvram-sdxl") and family.startswith("sdxl")):
        wanted = "parts"
    if flag("lowvram"):
        wanted = "layers"
    if wanted and device.type == RESTING.type:
        logger.info("--medvram and --lowvram have no effect on a processor: its memory is the main memory.")
        return ""
    return max(wanted, least, key=WAYS.index) if device.type != RESTING.type else ""
