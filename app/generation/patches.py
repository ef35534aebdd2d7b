"""The temporary changes of a model: applied in order, undone in reverse, also after an error, and kept while the same are asked for."""

from __future__ import annotations

from contextlib import ExitStack

from app import hookspecs
from app.contracts import PassContext
from app.generation.run_helpers import GenerationRun


class AppliedPatches:
    """What is changed of one loaded model now."""

    def __init__(self, run: GenerationRun) -> None:
        self._run = run
        self._stack = ExitStack()
        self.keys: tuple[str, ...] = ()

    def apply(self, context: PassContext) -> None:
        """Change the model into what the extensions want for this pass; does nothing when it is that already."""
        hooks = self._run.host.hooks
        wanted = hooks.collect(hookspecs.patch_model, strict=True, context=context, run=self._run)
        keys = tuple(owned.value.key for owned in wanted)
        if keys == self.keys:
            return
        self.undo()
        for owned in wanted:
            with hooks.isolated(owned.owner, f"the model patch {owned.value.key!r}", strict=True):
                self._stack.enter_context(owned.value.apply(context.model))
        self.keys = keys

    def undo(self) -> None:
        """Change the model back."""
        self.keys = ()
        self._stack.close()
