"""Noise that looks like a picture: its spectrum, its phases and its colours, for the part of it that is not there yet."""

from __future__ import annotations

from typing import Any

import numpy as np

Pixels = Any
"""float (H, W, 3) in 0..1."""
TINY = 1e-8
SMOOTHNESS = 3.14
UNKNOWN, KNOWN = 1e-6, 1e-3


def matched_noise(picture: Pixels, mask: Pixels, noise_q: float, color_variation: float, seed: int) -> Pixels:
    """The picture (H, W, 3) with noise where the ``mask`` (H, W) is 1, mixed in between; equal seeds give equal noise.

    Where nothing is known the picture counts as its mean colour. Its spectrum's magnitude, to the power ``noise_q``, and its phases shape
    the spectrum of random noise, of which ``color_variation`` is each channel's own; the histogram of each channel is then that of the
    known part.
    """
    chance = np.random.default_rng(seed % 2**63)
    known, unknown = mask < KNOWN, mask > UNKNOWN
    if not known.any() or not unknown.any():
        return picture
    soft = mask[..., np.newaxis]
    mean = picture[known].mean(axis=0)
    spectrum = np.fft.fft2(picture * (1 - soft) + mean * soft, axes=(0, 1), norm="ortho")
    magnitude = np.abs(spectrum)
    phase = spectrum / np.maximum(magnitude, TINY)
    shaped = np.abs(np.fft.fft2(_smooth(chance, picture.shape, color_variation), axes=(0, 1), norm="ortho")) ** 2
    noise = np.real(np.fft.ifft2(shaped * magnitude**noise_q * phase, axes=(0, 1), norm="ortho"))
    fitted = np.stack([_with_histogram(noise[..., channel], picture[known][:, channel], unknown) for channel in range(3)], axis=-1)
    return np.clip(picture * (1 - soft) + fitted * soft, 0.0, 1.0)


def _smooth(chance: np.random.Generator, shape: tuple[int, ...], color_variation: float) -> Pixels:
    """Noise of which low frequencies are strongest."""
    own = chance.random(shape)
    mixed = own * color_variation + own.mean(axis=-1, keepdims=True) * (1 - color_variation)
    rows, columns = (np.fft.fftshift((np.arange(side) / side * 2 - 1) * SMOOTHNESS) for side in shape[:2])
    window = 1 / (1 + rows**2)[:, np.newaxis] / (1 + columns**2)[np.newaxis, :]
    return np.real(np.fft.ifft2(np.fft.fft2(mixed, axes=(0, 1), norm="ortho") * window[..., np.newaxis], axes=(0, 1), norm="ortho"))


def _with_histogram(noise: Pixels, reference: Pixels, where: Pixels) -> Pixels:
    """Noise (H, W) whose values ``where`` the mask says are distributed like those of the reference (N,)."""
    fitted = np.zeros_like(noise)
    values = noise[where]
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.linspace(0.0, 1.0, len(values))
    fitted[where] = np.interp(ranks, np.linspace(0.0, 1.0, len(reference)), np.sort(reference))
    return fitted
