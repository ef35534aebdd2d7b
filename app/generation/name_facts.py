"""What the patterns of file names stand for: the facts of one picture, from the plan it is drawn by or from the job it came of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from PIL import Image

from app.generation.infotext.parse import parse
from app.values.job import Job, SavedImage
from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest

JOB_TIMESTAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True)
class NameFacts:
    """One picture of a job; ``index`` counts the job's pictures from 0, ``count`` is how many there are.

    ``typed_prompt`` is what was asked before styles and other extensions changed it; ``base`` begins the names of grids;
    ``in_zip``: the name is that of an archive of several pictures.
    """

    picture: Image.Image
    prompt: str = ""
    negative_prompt: str = ""
    typed_prompt: str = ""
    styles: tuple[str, ...] = ()
    seed: int = 0
    first_seed: int = 0
    last_seed: int = 0
    steps: int = 0
    cfg_scale: float = 0.0
    denoising_strength: float | None = None
    clip_skip: int = 1
    sampler: str = ""
    scheduler: str = "Automatic"
    model_name: str = ""
    model_hash: str = ""
    vae: str = ""
    batch_size: int = 1
    index: int = 0
    count: int = 1
    job_timestamp: str = ""
    user: str = ""
    prompt_words: int = 8
    base: str = ""
    in_zip: bool = False


@dataclass(frozen=True)
class NamedJob:
    """What all pictures of a job share in their names; ``asked`` is the request before any extension changed it."""

    asked: GenerationRequest
    started: datetime
    user: str = ""
    prompt_words: int = 8

    def facts(self, plan: GenerationPlan, image: ImagePlan, picture: Image.Image, infotext: str) -> NameFacts:
        """The facts of a picture that was drawn by ``plan``."""
        checkpoint = plan.first.checkpoint
        return NameFacts(
            picture=picture,
            prompt=image.prompt,
            negative_prompt=image.negative_prompt,
            typed_prompt=self.asked.prompt,
            styles=self.asked.styles,
            seed=image.seed,
            first_seed=plan.images[0].seed,
            last_seed=plan.images[-1].seed,
            steps=plan.first.steps,
            cfg_scale=plan.first.cfg_scale,
            denoising_strength=last_denoising_strength(plan),
            clip_skip=plan.clip_skip,
            sampler=plan.first.sampler,
            scheduler=plan.first.scheduler,
            model_name=checkpoint.name,
            model_hash=checkpoint.short_hash,
            vae=parse(infotext).get("VAE", ""),
            batch_size=plan.batch_size,
            index=image.index,
            count=len(plan.images),
            job_timestamp=self.started.strftime(JOB_TIMESTAMP),
            user=self.user,
            prompt_words=self.prompt_words,
        )


def facts_of_job(job: Job, asked: GenerationRequest, image: SavedImage, picture: Image.Image, prompt_words: int) -> NameFacts:
    """The same facts of a picture of an ended job, from its result and what it was ``asked`` for (see ``JobKind``)."""
    info = job.result.info
    seeds, strength = info.get("all_seeds"), info.get("denoising_strength")
    listed = [int(seed) for seed in seeds if isinstance(seed, int)] if isinstance(seeds, list) else []
    facts = NameFacts(
        picture=picture,
        prompt=image.prompt,
        negative_prompt=image.negative_prompt,
        typed_prompt=asked.prompt,
        styles=asked.styles,
        seed=image.seed,
        first_seed=listed[0] if listed else image.seed,
        last_seed=listed[-1] if listed else image.seed,
        denoising_strength=float(strength) if isinstance(strength, int | float) else None,
        vae=parse(image.infotext).get("VAE", ""),
        index=max(0, image.index),
        count=max(1, len(listed)),
        job_timestamp=str(info.get("job_timestamp", "")),
        user=job.owner,
        prompt_words=prompt_words,
    )
    return replace(
        facts,
        steps=_whole(info.get("steps"), 0),
        cfg_scale=_number(info.get("cfg_scale"), 0.0),
        clip_skip=_whole(info.get("clip_skip"), 1),
        batch_size=max(1, _whole(info.get("batch_size"), 1)),
        sampler=str(info.get("sampler_name", "")),
        scheduler=str(info.get("scheduler", "Automatic")),
        model_name=str(info.get("sd_model_name", "")),
        model_hash=str(info.get("sd_model_hash", "")),
    )


def last_denoising_strength(plan: GenerationPlan) -> float | None:
    """Of the last pass that starts from a picture."""
    strengths = [step.denoising_strength for step in plan.passes if step.denoising_strength is not None]
    return strengths[-1] if strengths else None


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
