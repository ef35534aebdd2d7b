"""What the trainers of LoRA files wrote into their metadata (keys of kohya's scripts and of ModelSpec), made readable."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.api import ModelFileError, ModelRecord, NetworkNotes

if TYPE_CHECKING:
    from app.api import Host

MOST_WORDS = 100
MOST_READ = 200_000
"""Tags that are counted of one file; no data set of a person's has as many."""
LONGEST = 300
NOTHING = ("", "none", "null")
PLAIN: Mapping[str, str] = {
    "ss_output_name": "Output name",
    "ss_sd_model_name": "Base model",
    "ss_base_model_version": "Base version",
    "modelspec.architecture": "Architecture",
    "modelspec.title": "Title",
    "modelspec.author": "Author",
    "modelspec.license": "Licence",
    "ss_network_module": "Module",
    "ss_clip_skip": "Clip skip",
    "ss_steps": "Steps",
    "ss_learning_rate": "Learning rate",
    "ss_training_comment": "Comment",
}
FACTS = (*PLAIN.values(), "Dims / alpha", "Dims", "Epochs", "Trained", "Resolutions", "Pictures", "Unknown")
DOWN = (".lora_down.weight", ".lora_A.weight")


def notes_of(record: ModelRecord, host: Host) -> NetworkNotes:
    """The facts that people ask for, the tags of the training's data set by how often they were there, and trigger words."""
    told = record.metadata
    facts = [(label, text) for key, label in PLAIN.items() if (text := _line(told.get(key)))]
    facts[2:2] = [*_dimensions(record, host), *_epochs(told)]
    facts += [*_dates(told), *_data_set(told)]
    triggers = tuple(filter(None, (_line(told.get("modelspec.trigger_phrase")),)))
    return NetworkNotes(facts=tuple(facts), words=words_of(told), triggers=triggers)


def words_of(told: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """``ss_tag_frequency``: {folder: {tag: count}}; the most frequent first."""
    counts: Counter[str] = Counter()
    read = 0
    for tags in _object(told.get("ss_tag_frequency")).values():
        for tag, count in tags.items() if isinstance(tags, dict) else ():
            read += 1
            if read <= MOST_READ and isinstance(count, int) and not isinstance(count, bool) and 0 < count < 10**9 and _line(tag):
                counts[_line(tag)] += count
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_WORDS])


def _dimensions(record: ModelRecord, host: Host) -> Iterator[tuple[str, str]]:
    dims, alpha = _line(record.metadata.get("ss_network_dim")), _line(record.metadata.get("ss_network_alpha"))
    if not dims:
        dims = _dimensions_of_tensors(record, host)
    if dims:
        yield ("Dims / alpha", f"{dims} / {alpha}") if alpha else ("Dims", dims)


def _dimensions_of_tensors(record: ModelRecord, host: Host) -> str:
    """The ranks in the file, where its trainer did not write them down."""
    if record.identity is None:
        return ""
    try:
        tensors = host.models.header(record).tensors
    except ModelFileError:
        return ""
    ranks = sorted({info.shape[0] for name, info in tensors.items() if name.endswith(DOWN) and info.shape})
    return ", ".join(map(str, ranks[:8])) + (" ..." if len(ranks) > 8 else "")


def _epochs(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    done, planned = _line(told.get("ss_epoch")), _line(told.get("ss_num_epochs"))
    if done or planned:
        yield "Epochs", f"{done} / {planned}" if done and planned and done != planned else done or planned


def _dates(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        started = datetime.fromtimestamp(float(told.get("ss_training_started_at", "")), UTC)
        yield "Trained", started.strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        if _line(told.get("modelspec.date")):
            yield "Trained", _line(told.get("modelspec.date"))


def _data_set(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Resolutions with their numbers of pictures, and the size of the data set."""
    buckets = _object(told.get("ss_bucket_info")).get("buckets")
    shown = []
    for bucket in buckets.values() if isinstance(buckets, dict) else ():
        sides, count = (bucket.get("resolution"), bucket.get("count")) if isinstance(bucket, dict) else (None, None)
        if isinstance(sides, list) and len(sides) == 2 and all(isinstance(side, int) for side in (*sides, count)):
            shown.append(f"{sides[0]}x{sides[1]}" + (f" ({count})" if count else ""))
    resolution = _line(told.get("ss_resolution")).strip("()").replace(", ", "x")
    if shown or resolution:
        yield "Resolutions", ", ".join(shown[:12]) + (" ..." if len(shown) > 12 else "") if shown else resolution
    folders = [each for each in _object(told.get("ss_dataset_dirs")).values() if isinstance(each, dict)]
    counts = [count for each in folders if isinstance(count := each.get("img_count"), int)]
    if counts:
        yield "Pictures", f"{sum(counts):,}"


def _object(text: str | None) -> dict[str, object]:
    """A JSON object in a text; {} for anything else."""
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _line(text: object) -> str:
    """A text in one line, not too long; "" for what means nothing."""
    words = " ".join(text[: 4 * LONGEST].split()) if isinstance(text, str) else ""
    if words.lower() in NOTHING:
        return ""
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} …"
