"""Judges the demo checkpoint: recall per tag, negative prompts, emphasis and speed, by a tag classifier."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .captions import CaptionIds
from .classifier import (
    HELD_OUT_SEED,
    TagClassifier,
    pictures_and_labels,
    shown,
    through_vae,
    trained_classifier,
)
from .prompts import prompts_without, sampled_prompts
from .renderer import TAGS
from .sampler import Checkpoint
from .train_vae import to_tensor

BATCH = 20
HELD_OUT_PICTURES = 400
UNWANTED_PROMPTS, EMPHASIS_PROMPTS = 12, 8  # per tag
UNWANTED_TAGS = ("cloud", "bird", "stars", "moon", "sun", "rain", "rainbow", "mountain", "boat", "tree", "flower", "fence")
EMPHASISED_TAGS = ("cloud", "bird", "rainbow", "mountain", "castle", "flower", "person", "road", "red house", "palm tree")


class Judge:
    """A checkpoint, a classifier and what they say about prompts."""

    def __init__(self, checkpoint: Checkpoint, classifier: TagClassifier, skip: int) -> None:
        self._checkpoint = checkpoint
        self._classifier = classifier
        self._captions = CaptionIds()
        self._skip = skip

    def pictures(
        self, prompts: list[list[str]], unwanted: list[str] | None = None, emphasis: tuple[str, float] | None = None
    ) -> NDArray[np.uint8]:
        """One picture per prompt, (B, 128, 128, 3)."""
        drawn = []
        for start in range(0, len(prompts), BATCH):
            part = prompts[start : start + BATCH]
            ids = np.array([self._captions.exact(prompt) for prompt in part])
            weights = None if emphasis is None else np.stack([self._weights(prompt, *emphasis) for prompt in part])
            empty = np.array([self._captions.exact(unwanted or [])] * len(part))
            wanted = self._checkpoint.context(ids, weights, self._skip)
            drawn.append(self._checkpoint.draw(wanted, self._checkpoint.context(empty, None, self._skip), 1000 + start))
        return np.concatenate(drawn)

    def _weights(self, prompt: list[str], tag: str, weight: float) -> NDArray[np.float32]:
        weights = np.ones(77, dtype=np.float32)
        place = prompt.index(tag)
        start = len([i for i in self._captions.exact(prompt[:place]) if i < 49406]) + 1 + bool(place)
        end = len([i for i in self._captions.exact(prompt[: place + 1]) if i < 49406]) + 1
        weights[start:end] = weight
        return weights

    def shown(self, pictures: NDArray[np.uint8]) -> torch.Tensor:
        """Which tags the classifier sees, bool (B, 30)."""
        return shown(self._classifier, to_tensor(pictures))


def held_out_accuracy(classifier: TagClassifier, checkpoint: Checkpoint) -> dict[str, tuple[float, float]]:
    """Per tag: recall and false-positive share of the classifier on autoencoded pictures it never saw."""
    pictures, labels = pictures_and_labels(HELD_OUT_SEED, HELD_OUT_PICTURES)
    found = shown(classifier, through_vae(checkpoint.vae, to_tensor(pictures), 0.0)).float()
    right = (found * labels).sum(0) / labels.sum(0)
    wrong = (found * (1 - labels)).sum(0) / (1 - labels).sum(0)
    return {tag: (float(right[i]), float(wrong[i])) for i, tag in enumerate(TAGS)}


def recall(judge: Judge, prompts: list[list[str]]) -> dict[str, tuple[float, int]]:
    """Per tag: share of the prompts naming it whose picture shows it, and how many prompts name it."""
    found = judge.shown(judge.pictures(prompts))
    table = {}
    for index, tag in enumerate(TAGS):
        rows = [row for row, prompt in enumerate(prompts) if tag in prompt]
        table[tag] = (float(found[rows, index].float().mean()), len(rows))
    return table


def unwanted_shares(judge: Judge, count: int) -> dict[str, tuple[float, float]]:
    """Per tag: share of pictures showing it without and with the tag in the negative prompt."""
    table = {}
    for index, tag in enumerate(UNWANTED_TAGS):
        prompts = prompts_without(tag, count, seed=index)
        place = TAGS.index(tag)
        plain, avoided = (judge.shown(judge.pictures(prompts, unwanted))[:, place] for unwanted in ([], [tag]))
        table[tag] = (float(plain.float().mean()), float(avoided.float().mean()))
    return table


def emphasis_recall(judge: Judge, count: int) -> dict[float, float]:
    """Mean recall of a tag at weights 0.5, 1 and 1.5."""
    table = {}
    for weight in (0.5, 1.0, 1.5):
        hits = []
        for index, tag in enumerate(EMPHASISED_TAGS):
            prompts = [p for p in sampled_prompts(count * len(TAGS), 50 + index, 3, 5) if tag in p][:count]
            hits.append(judge.shown(judge.pictures(prompts, None, (tag, weight)))[:, TAGS.index(tag)].float().mean())
        table[weight] = float(torch.stack(hits).mean())
    return table


def seconds_for_one(judge: Judge) -> float:
    """The best of three times for one picture of 20 steps, text encoding and decoding included."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        judge.pictures([["night", "stars", "moon", "pine tree", "snow"]])
        times.append(time.perf_counter() - start)
    return min(times)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _report_recall(judge: Judge, classifier: TagClassifier, checkpoint: Checkpoint, count: int) -> None:
    accuracy = held_out_accuracy(classifier, checkpoint)
    table = recall(judge, sampled_prompts(count, seed=11))
    _write("| tag | recall | prompts | classifier: recall | false alarms |")
    _write("|---|---|---|---|---|")
    for tag, (share, times) in sorted(table.items(), key=lambda item: item[1][0]):
        _write(f"| {tag} | {share:.2f} | {times} | {accuracy[tag][0]:.3f} | {accuracy[tag][1]:.3f} |")
    total = sum(share * times for share, times in table.values()) / sum(times for _, times in table.values())
    mean = sum(share for share, _ in table.values()) / len(table)
    _write(f"mean recall over tags {mean:.3f}, over prompt words {total:.3f}, least {min(s for s, _ in table.values()):.2f}")


def _report_control(judge: Judge) -> None:
    for weight, share in emphasis_recall(judge, EMPHASIS_PROMPTS).items():
        _write(f"emphasis {weight}: recall {share:.3f}")
    shares = unwanted_shares(judge, UNWANTED_PROMPTS)
    _write("| tag | shown unasked | with the tag in the negative prompt |")
    _write("|---|---|---|")
    for tag, (plain, avoided) in shares.items():
        _write(f"| {tag} | {plain:.2f} | {avoided:.2f} |")
    _write(f"mean with negative prompt {float(np.mean([avoided for _, avoided in shares.values()])):.3f}")


def main() -> None:
    """Prints the report for one checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--state", type=Path, default=Path("demo_state"), help="where the classifier is kept")
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--clip-skip", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="processor threads; 0: torch's choice")
    parser.add_argument("--bfloat16", action="store_true", help="draw in bfloat16 (fast with AMX or AVX512-BF16)")
    parser.add_argument("--only", choices=("all", "recall", "control", "speed"), default="all")
    parser.add_argument("--classifier-only", action="store_true", help="stop when the classifier is trained")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    checkpoint = Checkpoint(options.checkpoint, options.bfloat16)
    if options.threads:
        torch.set_num_threads(options.threads)
    classifier = trained_classifier(options.state / "classifier.pt", checkpoint.vae)
    if options.classifier_only:
        return
    judge = Judge(checkpoint, classifier, options.clip_skip - 1)
    if options.only in ("all", "recall"):
        _report_recall(judge, classifier, checkpoint, options.prompts)
    if options.only in ("all", "control"):
        _report_control(judge)
    if options.only in ("all", "speed"):
        _write(f"20 steps, one picture: {seconds_for_one(judge):.2f} s")


if __name__ == "__main__":
    main()
