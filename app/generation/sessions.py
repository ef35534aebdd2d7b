"""Models that are ready to draw: loaded, patched for a pass, and kept until another one is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

from app.contracts import LoadedModel, PassContext
from app.generation.batch_tags import batch_tags
from app.generation.patches import AppliedPatches
from app.generation.run_helpers import GenerationRun
from app.generation.weight_edits import edit_weights
from app.values.plan import GenerationPlan, ImagePlan, PassPlan, PlannedCheckpoint


@dataclass(frozen=True)
class Session:
    """A model that is ready for a pass; ``patch_keys`` name how it is changed."""

    context: PassContext
    patch_keys: tuple[str, ...]


class ModelSessions:
    """Opens the models of one plan, one at a time; a context manager that leaves them as they were."""

    def __init__(self, plan: GenerationPlan, run: GenerationRun) -> None:
        self._plan = plan
        self._run = run
        self._pins = ExitStack()
        self._patches = AppliedPatches(run)
        self._model: LoadedModel | None = None
        self._path = ""
        self._current: Session | None = None

    @property
    def current(self) -> Session:
        """The session that was opened last; RuntimeError before the first one."""
        if self._current is None:
            raise RuntimeError("no model was opened yet")
        return self._current

    def __enter__(self) -> ModelSessions:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def open(self, index: int, images: Sequence[ImagePlan], checkpoint: PlannedCheckpoint | None = None) -> Session:
        """The model of pass ``index``, or ``checkpoint`` in its place; the session opened before is not to be used any more."""
        wanted = checkpoint or self._plan.passes[index].checkpoint
        context = self._context(index, images, wanted, self._load(wanted))
        self._current = Session(context, self._changed(context))
        return self._current

    @contextmanager
    def while_encoding(self, session: Session) -> Iterator[Session]:
        """The session as its prompts are encoded: with the patches of another pass where the plan says so, undone afterwards."""
        context, other = session.context, session.context.step.encoded_as
        if other is None or self._plan.passes[other].checkpoint.path != context.checkpoint.path:
            yield session
            return
        images = [self._plan.images[image.index] for image in context.images]
        try:
            yield Session(context, self._changed(self._context(other, images, context.checkpoint, context.model)))
        finally:
            self._changed(context)

    def _changed(self, context: PassContext) -> tuple[str, ...]:
        """Change the model as the extensions want it for a pass; returns what encoded prompts depend on."""
        read_by_prompts = edit_weights(context, self._run)
        self._patches.apply(context)
        return (*self._patches.keys, *read_by_prompts)

    def _context(self, index: int, images: Sequence[ImagePlan], checkpoint: PlannedCheckpoint, model: LoadedModel) -> PassContext:
        images = _with_prompts_of(self._plan.passes[index], images)
        return PassContext(self._plan, index, images, checkpoint, model, batch_tags(images, self._plan, self._run))

    def _load(self, wanted: PlannedCheckpoint) -> LoadedModel:
        if self._model is None or self._path != wanted.path:
            self._close()
            self._run.tell(f"Loading {wanted.name}")
            self._model = self._pins.enter_context(self._run.weights.pin(wanted.path, self._run.load_options(wanted.path)))
            self._path = wanted.path
            self._run.tell_model(wanted.path)
        return self._model

    def _close(self) -> None:
        self._patches.undo()
        self._model, self._path = None, ""
        self._pins.close()


def _with_prompts_of(step: PassPlan, images: Sequence[ImagePlan]) -> tuple[ImagePlan, ...]:
    """The pictures with the prompts of a pass."""
    prompts = [step.prompts_of(image) for image in images]
    return tuple(
        image.model_copy(update={"prompt": prompt, "negative_prompt": negative})
        for image, (prompt, negative) in zip(images, prompts, strict=True)
    )
