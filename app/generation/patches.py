"""The temporary changes of a model for one plan: applied in order, undone in reverse, also after an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app import hookspecs
from app.contracts import LoadedModel
from app.generation.run_helpers import GenerationRun
from app.values.plan import GenerationPlan


@contextmanager
def patched(plan: GenerationPlan, model: LoadedModel, run: GenerationRun) -> Iterator[tuple[str, ...]]:
    """Apply what the extensions ask for; yields the keys of the patches."""
    hooks = run.host.hooks
    wanted = hooks.collect(hookspecs.patch_model, strict=True, plan=plan, model=model, run=run)
    with ExitStack() as stack:
        for owned in wanted:
            with hooks.isolated(owned.owner, f"the model patch {owned.value.key!r}", strict=True):
                stack.enter_context(owned.value.apply(model))
        yield tuple(owned.value.key for owned in wanted)
