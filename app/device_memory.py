"""The memory of the devices that models are loaded onto, as the tensor library tells it; asked in a worker only."""

from __future__ import annotations

from app.memory import is_out_of_memory
from app.values.base import Json


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


def told_memory(device: str) -> dict[str, Json]:
    """Bytes of a cuda device as A1111's clients know them, and how often it ran short; nothing for devices that do not tell."""
    if not device.startswith("cuda"):
        return {}
    import torch

    free, total = torch.cuda.mem_get_info(torch.device(device))
    stats = torch.cuda.memory_stats(torch.device(device))
    parts = {name: f"{name}_bytes.all" for name in ("active", "allocated", "reserved")} | {"inactive": "inactive_split_bytes.all"}
    told: dict[str, Json] = {"system": {"free": free, "used": total - free, "total": total}}
    for name, key in parts.items():
        told[name] = {"current": int(stats.get(f"{key}.current", 0)), "peak": int(stats.get(f"{key}.peak", 0))}
    return told | {"events": {"retries": int(stats.get("num_alloc_retries", 0)), "oom": int(stats.get("num_ooms", 0))}}
