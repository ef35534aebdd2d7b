"""The model families that this extension registers: what the web process may know, and the way to the loader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from .architecture.text import TextLayout
from .params import EncodingSettings

if TYPE_CHECKING:
    from app.api import EncodeOptions, LoadedModel, LoadOptions, ModelHeader, ModelRecord

    from .tokenizers import Tokenizer

Flag = Callable[[str], object]
"""The value of a command-line flag that the manifest declares."""


class StableDiffusionFamily:
    """One family; fulfils ModelFamily. ``text_layouts``: its text encoders in the order in which their outputs are joined."""

    kind = "checkpoint"
    encoding_settings = tuple(EncodingSettings.model_fields)

    def __init__(
        self, family_id: str, title: str, native_size_px: int, text_layouts: tuple[TextLayout, ...], flag: Flag = lambda name: None
    ) -> None:
        self.id = family_id
        self.title = title
        self.native_size_px = native_size_px
        self._text_layouts = text_layouts
        self._flag = flag

    @cached_property
    def tokenizers(self) -> tuple[Tokenizer, ...]:
        """The tokenizers of the text encoders, shared by all models of the family."""
        from .tokenizers import make_tokenizer

        return tuple(make_tokenizer(layout) for layout in self._text_layouts)

    def load(self, record: ModelRecord, header: ModelHeader, options: LoadOptions) -> LoadedModel:
        """Load the file; raises ModelFileError that names the file and the reason, and never half-loads."""
        from .load import Loading, load_model

        return load_model(record, header, options, Loading(self.tokenizers, self._flag))

    def count_tokens(self, prompt: str, options: EncodeOptions | None = None) -> tuple[int, int]:
        """(used, limit) as the token counter shows them; no torch. A prompt with a malformed weight is counted as plain text."""
        from app.api import ChunkOptions, UserError, chunk_prompt

        cutting = ChunkOptions(options.comma_padding_backtrack, options.emphasis, dict(options.embeddings)) if options else ChunkOptions()
        try:
            chunks = chunk_prompt(prompt, self.tokenizers[0].clip, cutting)
        except UserError:
            chunks = chunk_prompt(prompt, self.tokenizers[0].clip, replace(cutting, emphasis="None"))
        return chunks.token_count, chunks.token_limit


def make_families(flag: Flag = lambda name: None) -> tuple[StableDiffusionFamily, ...]:
    """The families, newly made for a host."""
    return (
        StableDiffusionFamily("sd1", "Stable Diffusion 1.x", 512, ("clip",), flag),
        StableDiffusionFamily("sd2", "Stable Diffusion 2.x", 512, ("openclip",), flag),
        StableDiffusionFamily("sdxl", "Stable Diffusion XL", 1024, ("clip", "openclip"), flag),
        StableDiffusionFamily("sdxl-refiner", "Stable Diffusion XL refiner", 1024, ("openclip",), flag),
    )
