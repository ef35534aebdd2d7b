"""Checks of what an extension provides: that a patch restores, a sampler repeats, a schedule falls, a model keeps its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.contracts import (
    Denoiser,
    EncodeOptions,
    GuidedPrediction,
    LoadedModel,
    ModelPatch,
    NoiseSchedule,
    Sampler,
    SamplerOptions,
    SamplerStep,
    SamplingTask,
    ScheduleTask,
    WorkingTask,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor

TRAINED_STEPS = 1000


class _Breakdown(Exception):
    """Raised on purpose inside a patch."""


def check_model_patch(patch: ModelPatch, model: LoadedModel) -> None:
    """A patch changes the model while it is applied, and leaves every weight bit-equal after its exit and after an exception."""
    before = _weights(model)
    with patch.apply(model):
        pass
    _assert_same(before, _weights(model), "after its exit")
    try:
        with patch.apply(model):
            raise _Breakdown
    except _Breakdown:
        pass
    _assert_same(before, _weights(model), "after an exception")
    with patch.apply(model), patch.apply(model):
        pass
    _assert_same(before, _weights(model), "after being applied twice")


def _weights(model: LoadedModel) -> dict[str, Tensor]:
    import torch

    found: dict[str, Tensor] = {}
    for part, module in model.modules().items():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            flat = tensor.detach().cpu().contiguous().flatten()
            found[f"{part}.{name}"] = flat.view(torch.uint8).clone()
    return found


def _assert_same(before: Mapping[str, Tensor], after: Mapping[str, Tensor], when: str) -> None:
    assert before.keys() == after.keys(), f"{when} the model has other tensors: {sorted(before.keys() ^ after.keys())[:5]}"
    changed = [name for name, bits in before.items() if not bits.equal(after[name])]
    assert not changed, f"{when} these weights are not what they were: {changed[:5]}"


class _SeededNoise:
    """One generator per picture, as the engine has."""

    def __init__(self, seeds: tuple[int, ...], shape: tuple[int, ...]) -> None:
        import torch

        self._generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        self._shape = shape

    def next(self) -> Tensor:
        import torch

        return torch.stack([torch.randn(self._shape, generator=generator) for generator in self._generators])


class _BrownianSteps:
    """Noise for steps that do not overlap: drawn anew for each."""

    def __init__(self, seeds: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self._noise = _SeededNoise(seeds, shape)

    def between(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        assert float(sigma_next) < float(sigma), f"noise was asked for from {float(sigma)} to {float(sigma_next)}"
        return self._noise.next()


def check_sampler(sampler: Sampler, steps: int = 6) -> None:
    """Equal seeds give equal latents; a batch equals its pictures drawn alone; steps are reported in order, some may be long."""
    together, reported = _sample(sampler, (11, 12), steps)
    again, _ = _sample(sampler, (11, 12), steps)
    alone, _ = _sample(sampler, (12,), steps)
    assert bool(together.isfinite().all()), "the result is not finite"
    assert together.equal(again), "the same seeds gave other latents"
    assert together[1:].allclose(alone, atol=1e-5), "a picture in a batch differs from the same picture alone"
    assert reported == list(range(len(reported))), f"steps were reported as {reported}"
    assert reported, "no step was reported"


def _sample(sampler: Sampler, seeds: tuple[int, ...], steps: int) -> tuple[Tensor, list[int]]:
    shape = (4, 8, 8)
    noise = _SeededNoise(seeds, shape)
    alphas = _alphas_cumprod()
    levels = _sigmas(alphas, steps) if sampler.space == "sigma" else _timesteps(steps)
    start = noise.next()
    reported: list[int] = []

    def on_step(step: SamplerStep) -> None:
        assert step.x.shape == start.shape == step.denoised.shape, "a step was reported with other shapes"
        reported.append(step.index)

    model = _toy_model(sampler.space, alphas)
    task = SamplingTask(
        model=model,
        x=start * levels[0] if sampler.space == "sigma" else start,
        levels=levels,
        noise=noise,
        alphas_cumprod=alphas,
        options=SamplerOptions(),
        on_step=on_step,
        brownian=_BrownianSteps(seeds, shape),
        guided=lambda x, level: GuidedPrediction(model(x, level), model(x, level), model(x, level)),
    )
    return sampler.load()(task), reported


def _toy_model(space: str, alphas: Tensor) -> Denoiser:
    """The ideal answer for pictures that are normal noise of deviation 0.5: D(x, s) = x * 0.25 / (0.25 + s^2)."""

    def denoised(x: Tensor, level: Tensor) -> Tensor:
        return x * (0.25 / (0.25 + level**2)).reshape(-1, 1, 1, 1)

    def predicted_noise(x: Tensor, level: Tensor) -> Tensor:
        alpha = alphas[level.long()].float().reshape(-1, 1, 1, 1)
        return x * (1 - alpha).sqrt() / (0.25 * alpha + 1 - alpha)

    return denoised if space == "sigma" else predicted_noise


def _alphas_cumprod() -> Tensor:
    import torch

    betas = torch.linspace(0.00085**0.5, 0.012**0.5, TRAINED_STEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def _sigmas(alphas: Tensor, steps: int) -> Tensor:
    import torch

    table = ((1 - alphas) / alphas).sqrt()
    picked = torch.linspace(TRAINED_STEPS - 1, 0, steps).long()
    return torch.cat([table[picked], torch.zeros(1)])


def _timesteps(steps: int) -> Tensor:
    import torch

    return torch.arange(0, TRAINED_STEPS, TRAINED_STEPS // steps)[:steps] + 1


def check_noise_schedule(schedule: NoiseSchedule, steps: int = 7) -> None:
    """At least ``steps`` + 1 float32 sigmas that fall strictly within the model's range, to 0 or not; the same twice; one step works."""
    import torch

    for count in (1, 2, steps):
        task = _schedule_task(count)
        sigmas = schedule.load()(task)
        assert sigmas.ndim == 1 and len(sigmas) > count, f"{count} steps gave {tuple(sigmas.shape)}"
        assert sigmas.dtype == torch.float32, f"the table is {sigmas.dtype}"
        assert bool((sigmas[1:] < sigmas[:-1]).all()), f"the table does not fall: {sigmas.tolist()}"
        assert sigmas[-1] >= 0, "the last sigma is below 0"
        assert sigmas[0] <= task.sigma_max * 1.001, "the first sigma is above the model's largest"
        assert sigmas.equal(schedule.load()(_schedule_task(count))), "the same call gave another table"


def _schedule_task(steps: int) -> ScheduleTask:
    import torch

    alphas = _alphas_cumprod()
    table = ((1 - alphas) / alphas).sqrt()
    places = torch.arange(TRAINED_STEPS, dtype=torch.float32)

    def t_to_sigma(t: Tensor) -> Tensor:
        low = t.floor().long().clamp(0, TRAINED_STEPS - 1)
        high = t.ceil().long().clamp(0, TRAINED_STEPS - 1)
        share = t.float() - low
        return ((1 - share) * table[low].log() + share * table[high].log()).exp()

    def sigma_to_t(sigma: Tensor) -> Tensor:
        nearest = (sigma.reshape(-1, 1) - table.reshape(1, -1)).abs().argmin(1)
        return places[nearest].reshape(sigma.shape)

    return ScheduleTask(
        steps=steps,
        sigma_min=float(table[0]),
        sigma_max=float(table[-1]),
        model_sigmas=table,
        sigma_to_t=sigma_to_t,
        t_to_sigma=t_to_sigma,
    )


def check_loaded_model(model: LoadedModel) -> None:
    """Encoding pads a batch to one length; prediction keeps the latent's shape; decoding gives pictures in 0..1."""
    import torch

    side = model.native_size_px // model.downscale
    options = EncodeOptions(width_px=model.native_size_px, height_px=model.native_size_px)
    short, long = model.encode_prompts(["a tree", "a tree, " * 60], options)
    assert short.context.shape == long.context.shape, "prompts of one batch were encoded to different lengths"
    x = torch.randn((2, model.latent_channels, side, side), generator=torch.Generator().manual_seed(1)).to(model.device, model.dtype)
    output = model.predict(x, torch.tensor([500.0, 20.5], device=model.device), [short, long])
    assert output.shape == x.shape, f"predict gave {tuple(output.shape)} for {tuple(x.shape)}"
    assert bool(output.isfinite().all()), "predict gave values that are not finite"
    pixels = model.decode(x[:1])
    _check_pixels(pixels, model)
    latents = model.encode_images(pixels)
    assert latents.shape == x[:1].shape, f"encode_images gave {tuple(latents.shape)}"
    parted = model.encode_in_parts(pixels, lambda shape, dtype: torch.empty(shape, dtype=dtype, device=model.device), lambda: None)
    assert torch.allclose(parted, latents, atol=1e-3), "encode_in_parts gave other latents than encode_images"
    assert model.alphas_cumprod.shape == (TRAINED_STEPS,) and model.alphas_cumprod.dtype == torch.float32
    assert model.memory_bytes == sum(_part_bytes(part) for part in model.modules().values())
    assert all(label and value for label, value in model.describe().items()), "an infotext item is empty"
    _check_precision(model)


def _check_precision(model: LoadedModel) -> None:
    before = _weights(model), model.describe()
    tasks: tuple[WorkingTask, ...] = ("predict", "decode")
    for task in tasks:
        if model.lift_precision(task):
            assert not model.lift_precision(task), "what is lifted already was lifted again"
            model.restore_precision(task)
    _assert_same(before[0], _weights(model), "after its precision was restored")
    assert model.describe() == before[1], "restore_precision left something changed"


def _check_pixels(pixels: Tensor, model: LoadedModel) -> None:
    import torch

    assert pixels.shape == (1, 3, model.native_size_px, model.native_size_px), f"decode gave {tuple(pixels.shape)}"
    assert pixels.dtype == torch.float32 and pixels.device.type == "cpu", f"decode gave {pixels.dtype} on {pixels.device}"
    assert 0 <= float(pixels.min()) and float(pixels.max()) <= 1, "pixels are outside of 0..1"


def _part_bytes(module: torch.nn.Module) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in [*module.parameters(), *module.buffers()])
