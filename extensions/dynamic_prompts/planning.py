"""Puts the resolved prompts into a plan, for every picture and every pass."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from app.api import GenerationPlan, ImagePlan, PassPlan, Run, StashKey, take_tags
from extensions.dynamic_prompts.choosing import Chooser, EveryChoice, SeededChooser
from extensions.dynamic_prompts.params import MOST_COMBINATIONS, DynamicPromptsParams
from extensions.dynamic_prompts.resolving import Resolver
from extensions.wildcards.api import Library, open_library

TEMPLATES = StashKey[dict[int, tuple[str, str]]]("prompts as they were typed, by the number of the picture")
RANDOM_SEEDS = 1 << 62


@dataclass(frozen=True)
class Prompts:
    """Both prompts of a picture, and those of passes that have their own; "" where a pass has none."""

    main: tuple[str, str]
    passes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, image: ImagePlan, plan: GenerationPlan) -> Prompts:
        """As the plan has them."""
        place = image.index
        own = ((_at(step.prompts, place), _at(step.negative_prompts, place)) for step in plan.passes)
        return cls((image.prompt, image.negative_prompt), tuple(own))

    def resolved(self, resolver: Resolver, choosers: Callable[[], tuple[Chooser, Chooser]], *, negative: bool) -> Prompts:
        """Every template resolved; the same template is the same text in every pass."""
        known: dict[tuple[bool, str], str] = {}

        def of(kind: bool, template: str) -> str:
            if kind and not negative:
                return template
            if (kind, template) not in known:
                known[kind, template] = resolver.resolve(template, choosers()[kind])
            return known[kind, template]

        main = of(False, self.main[0]), of(True, self.main[1])
        return Prompts(main, tuple((of(False, prompt), of(True, other)) for prompt, other in self.passes))


def with_choices(plan: GenerationPlan, run: Run) -> GenerationPlan:
    """The plan with texts in the place of templates; unchanged where nothing in it is dynamic."""
    params = DynamicPromptsParams.of(plan.params)
    if TEMPLATES in run.stash:
        del run.stash[TEMPLATES]
    templates = [Prompts.of(image, plan) for image in plan.images]
    library = _Wildcards(run)
    resolver = Resolver(library, run.control.check)
    texts = {text for prompts in templates for pair in (prompts.main, *prompts.passes) for text in pair}
    if not params.enabled:
        return plan
    for text in _typed(templates, negative=not params.ignore_negative):
        resolver.remark_on_unclosed(text)
    if all(resolver.is_plain(text) for text in texts):
        _tell(run, resolver.remarks)
        return plan
    if params.combinatorial:
        templates, chosen, images = _all_combinations(plan, templates[0], params, resolver, run)
    else:
        chosen = [_by_chance(prompts, image, params, resolver) for prompts, image in zip(templates, plan.images, strict=True)]
        images = plan.images
    if params.fixed_seed:
        images = tuple(image.model_copy(update={"seed": images[0].seed}) for image in images)
    run.stash[TEMPLATES] = {number: prompts.main for number, prompts in enumerate(templates)}
    _tell(run, (*resolver.remarks, *library.problems))
    return _in_small_batches(_with_prompts(plan, images, chosen), run)


def _typed(templates: Iterable[Prompts], *, negative: bool) -> dict[str, None]:
    """The templates that are to be resolved, each once, in their order."""
    pairs = [pair for prompts in templates for pair in (prompts.main, *prompts.passes)]
    return dict.fromkeys(text for pair in pairs for text in pair[: 1 + negative])


def _tell(run: Run, remarks: Iterable[str]) -> None:
    for remark in remarks:
        run.comment(remark)


def _by_chance(prompts: Prompts, image: ImagePlan, params: DynamicPromptsParams, resolver: Resolver) -> Prompts:
    """Chosen by the picture's seed, or by a new one; positive and negative templates each begin anew."""
    seed = secrets.randbelow(RANDOM_SEEDS) if params.unlink_seed else image.seed
    return prompts.resolved(
        resolver, lambda: (SeededChooser(seed, image.index), SeededChooser(seed, image.index)), negative=not params.ignore_negative
    )


def _all_combinations(
    plan: GenerationPlan, prompts: Prompts, params: DynamicPromptsParams, resolver: Resolver, run: Run
) -> tuple[list[Prompts], list[Prompts], tuple[ImagePlan, ...]]:
    """Templates, texts and pictures, one for each combination of the first picture's templates."""
    limit = params.max_generations or MOST_COMBINATIONS
    found = list(islice(_combinations(prompts, resolver, negative=not params.ignore_negative), limit + 1))
    if len(found) > limit and not params.max_generations:
        run.comment(f"There are more than {MOST_COMBINATIONS} combinations; the first {MOST_COMBINATIONS} were drawn.")
    chosen = found[:limit] * params.combinatorial_batches
    first, varies = plan.images[0], plan.subseed_strength > 0
    images = tuple(
        first.model_copy(update={"index": number, "seed": first.seed + number * (not varies), "subseed": first.subseed + number})
        for number in range(len(chosen))
    )
    return [prompts] * len(chosen), chosen, images


def _combinations(prompts: Prompts, resolver: Resolver, *, negative: bool) -> Iterator[Prompts]:
    every = EveryChoice()
    while True:
        yield prompts.resolved(resolver, lambda: (every, every), negative=negative)
        if not every.advance():
            return


def _with_prompts(plan: GenerationPlan, images: tuple[ImagePlan, ...], chosen: list[Prompts]) -> GenerationPlan:
    named = tuple(
        image.model_copy(update={"prompt": prompts.main[0], "negative_prompt": prompts.main[1]})
        for image, prompts in zip(images, chosen, strict=True)
    )
    first, *later = (_with_own(step, number, chosen) for number, step in enumerate(plan.passes))
    return plan.model_copy(update={"images": named, "first": first, "later": tuple(later)})


def _with_own(step: PassPlan, number: int, chosen: list[Prompts]) -> PassPlan:
    own = [prompts.passes[number] for prompts in chosen]
    return step.model_copy(
        update={
            "prompts": tuple(prompt for prompt, _ in own) if step.prompts else (),
            "negative_prompts": tuple(prompt for _, prompt in own) if step.negative_prompts else (),
        }
    )


def _in_small_batches(plan: GenerationPlan, run: Run) -> GenerationPlan:
    """One picture at a time where those of a batch ask for different networks: the first one's would count for all."""
    if plan.batch_size == 1 or plan.ignore_tags:
        return plan
    for start in range(0, len(plan.images), plan.batch_size):
        batch = plan.images[start : start + plan.batch_size]
        asked = {tuple(take_tags(step.prompts_of(image)[0])[1] for step in plan.passes) for image in batch}
        if len(asked) > 1:
            run.comment("Pictures of a batch ask for different networks, so they were drawn one at a time.")
            return plan.model_copy(update={"batch_size": 1})
    return plan


def _at(prompts: tuple[str, ...], place: int) -> str:
    return prompts[place] if place < len(prompts) else ""


class _Wildcards:
    """The wildcards, whose folders are looked at when the first one is asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.problems: list[str] = []

    @cached_property
    def _library(self) -> Library:
        library = open_library(self._run.host)
        self.problems = library.problems
        return library

    def find(self, pattern: str) -> list[str]:
        """Names that are meant."""
        return self._library.find(pattern)

    def values(self, name: str) -> tuple[str, ...]:
        """The texts of one."""
        return self._library.values(name)
