"""From the prompts of a pass to the words that its model is taught, with the truth about each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from torch import Tensor

from app.api import (
    EncodeOptions,
    GenerationPlan,
    LoadedModel,
    ModelPatch,
    NetworkUse,
    PassContext,
    Run,
    StashKey,
    TextEmbedding,
    shown_prompts,
)
from extensions.textual_inversion.api import Embedding
from extensions.textual_inversion.candidates import TYPE, Candidates, candidates
from extensions.textual_inversion.files import checksum
from extensions.textual_inversion.library import vectors_of
from extensions.textual_inversion.words import words_in

ENCODERS = {"text_encoder": "text encoder", "text_encoder_2": "text encoder 2"}


@dataclass
class _Used:
    """The embeddings of each picture of a plan, by its index and their names."""

    plan: GenerationPlan
    of_images: dict[int, dict[str, Embedding]] = field(default_factory=dict)


USED = StashKey[_Used]("embeddings of each picture")


@dataclass
class WordsPatch:
    """Fulfils ModelPatch: the model knows these words."""

    key: str
    words: tuple[TextEmbedding, ...]

    def apply(self, model: LoadedModel) -> AbstractContextManager[None]:
        """Teach the model the words for the length of the context."""
        return model.using_embeddings(self.words)


def word_patches(context: PassContext, run: Run) -> Iterable[ModelPatch]:
    """The words that occur in the prompts of this pass, as one patch; tells what became of each, and of those that do not fit.

    Raises ModelFileError for a file that cannot be read.
    """
    widths = encoder_widths(context.model)
    texts = shown_prompts(context, run)
    found = candidates(context, run, tuple(widths.values()), [text for shown in texts for text in shown])
    reader = _Reader(context, run)
    used: dict[str, Embedding] = {}
    for image, shown in zip(context.images, texts, strict=True):
        here = {name: found.fitting[name] for text in shown for name in reader.words(text, found.counts())}
        _used(context.plan, run).setdefault(image.index, {}).update(here)
        used |= here
    _tell_unfit(found, reader.all_words(texts, found), _used(context.plan, run), run)
    if not used:
        return []
    words = tuple(_word(embedding, list(widths), run) for embedding in used.values())
    _tell_others(used, found, run)
    return [WordsPatch(f"{TYPE}|{'|'.join(sorted(embedding.name + '=' + embedding.key for embedding in used.values()))}", words)]


def used_words(index: int, plan: GenerationPlan, run: Run) -> list[Embedding]:
    """The embeddings that the picture of this index was drawn with, in the order of its prompts."""
    return list(_used(plan, run).get(index, {}).values())


def encoder_widths(model: LoadedModel) -> dict[str, int]:
    """How wide the vectors are that each text encoder reads, in order, by the tables of their tokens."""
    modules = model.modules()
    widths = {}
    for encoder in ENCODERS:
        named = modules[encoder].named_modules() if encoder in modules else ()
        table = next((module for name, module in named if name.endswith("token_embedding")), None)
        if table is not None:
            widths[encoder] = int(table.get_parameter("weight").shape[1])
    return widths


class _Reader:
    """Finds words in the texts of one pass, as its model cuts them into tokens."""

    def __init__(self, context: PassContext, run: Run) -> None:
        plan = context.plan
        self._family = run.host.families.get(context.model.identity.family)
        self._options = EncodeOptions(emphasis=plan.emphasis, comma_padding_backtrack=plan.comma_padding_backtrack)

    def words(self, text: str, counts: Mapping[str, int]) -> list[str]:
        """Those of the words that are in the text."""
        return words_in(text, counts, self._family, self._options)

    def all_words(self, texts: Iterable[Iterable[str]], found: Candidates) -> list[str]:
        """Those that fit and those that do not, in any of the texts, each once; none where all fit."""
        if not found.unfit:
            return []
        counts = {**{name: max(1, use.total) for name, use in found.unfit.items()}, **found.counts()}
        return list(dict.fromkeys(name for shown in texts for text in shown for name in self.words(text, counts)))


def _word(embedding: Embedding, encoders: Sequence[str], run: Run) -> TextEmbedding:
    vectors: Sequence[Tensor] = vectors_of(embedding, run.host)
    run.used_network(
        NetworkUse(
            type=TYPE,
            name=embedding.name,
            file=embedding.file,
            applied=embedding.count * len(encoders),
            total=embedding.count * len(encoders),
            parts={ENCODERS[encoder]: embedding.count for encoder in encoders},
            note=f"Checksum {checksum(vectors[0])}." if len(vectors) == 1 else "",
        )
    )
    return TextEmbedding(embedding.name, dict(zip(encoders, vectors, strict=True)))


def _tell_unfit(found: Candidates, named: Iterable[str], used: Mapping[int, Mapping[str, Embedding]], run: Run) -> None:
    """Warn of words in the prompts whose files do not fit; where another checkpoint of this job has used one, that report stands."""
    for name in named:
        if name not in found.unfit:
            continue
        if any(name in words for words in used.values()):
            run.comment(f"The embedding {name} was left out of a part of the steps. {found.unfit[name].note}")
        else:
            run.used_network(found.unfit[name])


def _used(plan: GenerationPlan, run: Run) -> dict[int, dict[str, Embedding]]:
    """Of the plan that is being drawn; a job may draw several, one after the other."""
    known = run.stash.get(USED, None)
    if known is None or known.plan != plan:
        known = run.stash[USED] = _Used(plan)
    return known.of_images


def _tell_others(used: Mapping[str, Embedding], found: Candidates, run: Run) -> None:
    for name in used:
        if name in found.hidden:
            run.comment(f"There are several embeddings {name}: {used[name].file} was used, not {', '.join(found.hidden[name])}.")
