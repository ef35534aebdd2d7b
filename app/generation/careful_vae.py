"""Lets the VAE do something once more in another number format when half precision gives NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from app.contracts import LoadedModel, Run, WorkingPrecision, WorkingTask
from app.generation.careful_model import has_nan
from app.generation.denoise import no_number

AUTO_PRECISIONS: Mapping[str, WorkingPrecision] = {"auto_vae_precision_bfloat16": "bfloat16", "auto_vae_precision": "float32"}
"""Settings that are on by what they change the VAE to, in the order in which it is tried."""
LIFTED: Mapping[WorkingPrecision, str] = {
    "bfloat16": "The VAE returned values that are not numbers in half precision; it works in bfloat16 from here on.",
    "float32": "The VAE returned values that are not numbers in half precision; it works in full precision from here on.",
}


def without_nan(task: WorkingTask, work: Callable[[], Tensor], model: LoadedModel, run: Run) -> Tensor:
    """What ``work`` gives, if need be in the formats that the settings allow; the first that works stays, and is told.

    Raises UserError when none does; the VAE is then in its own format again.
    """
    result = work()
    if not run.host.options.nan_check or not has_nan(result):
        return result
    for setting, precision in AUTO_PRECISIONS.items():
        if run.settings.get(setting, precision == "float32") and model.lift_precision(task, precision):
            result = work()
            if not has_nan(result):
                run.comment(lifted_words(precision))
                return result
            model.restore_precision(task)
    raise no_number("The VAE", "Start with --no-half-vae, or choose another VAE or checkpoint.")


def lifted_words(precision: WorkingPrecision) -> str:
    """What the user reads."""
    return LIFTED[precision]
