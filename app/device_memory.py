"""The memory of the devices that models are loaded onto, as the tensor library tells it; asked in a worker only."""

from __future__ import annotations

from app.memory import is_out_of_memory


class TorchMemory:
    """Fulfils DeviceMemory."""

    def free_bytes(self, device: str) -> int | None:
        """Free bytes of a cuda device, without what the allocator holds back; None for devices that do not tell."""
        if not device.startswith("cuda"):
            return None
        import torch

        torch.cuda.empty_cache()
        free, _ = torch.cuda.mem_get_info(torch.device(device))
        return int(free)

    def is_exhausted(self, error: BaseException) -> bool:
        """True for the out-of-memory errors of all devices."""
        return is_out_of_memory(error)
