"""What readers of other programs' metadata share: bounded JSON, the common sampler names, and an infotext built item by item."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from app.api import Json, MetadataReading, format_infotext

LONGEST_JSON = 4_000_000
"""Characters; longer texts are not read."""
LARGEST_NUMBER = 2**64
JsonObject: TypeAlias = dict[str, Json]

SAMPLERS: Mapping[str, str] = MappingProxyType(
    {
        "euler": "Euler",
        "euler_ancestral": "Euler a",
        "euler_a": "Euler a",
        "heun": "Heun",
        "dpm_2": "DPM2",
        "kdpm_2": "DPM2",
        "dpm_2_ancestral": "DPM2 a",
        "kdpm_2_a": "DPM2 a",
        "dpm_2_a": "DPM2 a",
        "lms": "LMS",
        "dpm_fast": "DPM fast",
        "dpm_adaptive": "DPM adaptive",
        "dpmpp_2s_ancestral": "DPM++ 2S a",
        "dpmpp_sde": "DPM++ SDE",
        "dpmpp_2m": "DPM++ 2M",
        "dpmpp_2m_sde": "DPM++ 2M SDE",
        "dpmpp_2m_sde_heun": "DPM++ 2M SDE Heun",
        "dpmpp_3m_sde": "DPM++ 3M SDE",
        "restart": "Restart",
        "ddim": "DDIM",
        "plms": "PLMS",
        "uni_pc": "UniPC",
        "unipc": "UniPC",
        "lcm": "LCM",
    }
)
"""k-diffusion's and other short names of samplers."""
SCHEDULES: Mapping[str, str] = MappingProxyType(
    {
        "normal": "Normal",
        "karras": "Karras",
        "exponential": "Exponential",
        "polyexponential": "Polyexponential",
        "sgm_uniform": "SGM Uniform",
        "simple": "Simple",
        "ddim_uniform": "DDIM",
        "beta": "Beta",
        "kl_optimal": "KL Optimal",
        "align_your_steps": "Align Your Steps",
    }
)
"""Short names of noise schedules."""


def read_object(text: str | None) -> JsonObject | None:
    """The JSON object in a text; None for everything else, however long or deep it is."""
    if not text or len(text) > LONGEST_JSON or text.lstrip()[:1] != "{":
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def number_of(value: Json) -> int | float | None:
    """A finite number, also one that is written as a text; whole ones as int."""
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("-").isdecimal() else float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) < LARGEST_NUMBER else None
    return None if not math.isfinite(value) else int(value) if value.is_integer() and abs(value) < LARGEST_NUMBER else value


def text_of(value: Json) -> str:
    """A text; "" for everything else."""
    return value if isinstance(value, str) else ""


def file_stem(name: str) -> str:
    """``models\\x.safetensors`` -> ``x``: how an infotext names a model file."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    return stem if dot and suffix in ("safetensors", "ckpt", "pt", "pth", "sft", "gguf", "bin") else last


class ForeignInfotext:
    """Collects what another program wrote, in A1111's terms; ``unread`` names what has no place there."""

    def __init__(self, software: str) -> None:
        self._software = software
        self._items: dict[str, str | int | float | None] = {}
        self._prompts = ["", ""]
        self._tags: list[str] = []
        self._unread: list[str] = []

    def prompts(self, prompt: str, negative_prompt: str) -> None:
        """Both prompts."""
        self._prompts = [_one_part(prompt), _one_part(negative_prompt)]
        if self._prompts != ["\n".join(text.splitlines()) for text in (prompt, negative_prompt)]:
            self.unread('a line of the prompt that begins with "Negative prompt:"')

    def item(self, label: str, value: str | int | float | None) -> None:
        """One item; None and "" leave it out."""
        if value is not None and value != "":
            self._items[label] = value.replace("\n", " ") if isinstance(value, str) else value

    def size(self, width: Json, height: Json) -> None:
        """The size in pixels."""
        width_px, height_px = number_of(width), number_of(height)
        if isinstance(width_px, int) and isinstance(height_px, int) and width_px > 0 < height_px:
            self.item("Size", f"{width_px}x{height_px}")

    def sampler(self, name: str, schedule: str) -> None:
        """Sampler and schedule by their short names."""
        plain = name.removesuffix("_gpu").removeprefix("k_")
        self._named("Sampler", "sampler", name, SAMPLERS.get(plain))
        self._named("Schedule type", "schedule", schedule, SCHEDULES.get(schedule))

    def lora(self, name: str, weight: Json, text_weight: Json = None) -> None:
        """A LoRA as a tag behind the prompt."""
        strength, of_text = number_of(weight), number_of(text_weight)
        if not name or strength is None or any(sign in name for sign in "<>:\n"):
            self.unread("a LoRA")
            return
        two = f"{of_text}:{strength}" if of_text is not None and of_text != strength else f"{strength}"
        self._tags.append(f"<lora:{file_stem(name)}:{two}>")

    def unread(self, what: str) -> None:
        """Something that cannot be restored, in a few words."""
        if what not in self._unread:
            self._unread.append(what)

    def reading(self) -> MetadataReading:
        """The whole, with the tags behind the prompt."""
        prompt, negative = self._prompts
        text = format_infotext(" ".join(part for part in (prompt, *self._tags) if part), negative, self._items)
        return MetadataReading(text, software=self._software, unread=tuple(self._unread))

    def _named(self, label: str, what: str, name: str, known: str | None) -> None:
        if known is not None:
            self.item(label, known)
        elif name:
            self.unread(f"the {what} {name[:60]!r}")


def _one_part(prompt: str) -> str:
    """The prompt without what would be taken for the beginning of the negative one."""
    return "\n".join(line for line in prompt.splitlines() if not line.strip().startswith("Negative prompt:"))
