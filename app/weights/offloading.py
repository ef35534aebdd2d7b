"""The ways to keep less of a model on its device, one after another, and what the user reads of them."""

from __future__ import annotations

from collections.abc import Mapping

from app.contracts import Offload

NEXT_OFFLOAD: Mapping[Offload, Offload] = {"": "parts", "parts": "layers"}
TOLD: Mapping[Offload, str] = {
    "": "The whole model lay on the device.",
    "parts": "To save memory the parts of the model were on the device one at a time, which is slower.",
    "layers": "To save memory the layers of the model were on the device one at a time, which is slow.",
}


def next_offload(offload: Offload, device: str) -> Offload | None:
    """The next way after ``offload``; None after the last one, and for processors, whose memory is the main memory itself."""
    return None if device.startswith("cpu") else NEXT_OFFLOAD.get(offload)
