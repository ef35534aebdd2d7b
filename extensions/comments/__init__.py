"""Comments in prompts: # hides the rest of its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.api import GenerationPlan, GenerationRequest, Json, PassPlan, Run, SettingsSection, hookimpl
from extensions.comments.params import SETTING, CommentSettings
from extensions.comments.strip import strip_comments

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """The switch."""
    return [SettingsSection("sd", "Stable Diffusion", CommentSettings)]


@hookimpl(trylast=True)
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Both prompts without comments, after others have put texts into them."""
    if not _enabled(run.settings):
        return request
    changes = {"prompt": strip_comments(request.prompt), "negative_prompt": strip_comments(request.negative_prompt)}
    return request.model_copy(update=changes)


@hookimpl(trylast=True)
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """The prompts of passes that have their own."""
    if not _enabled(run.settings):
        return plan
    return plan.model_copy(update={"first": _without_comments(plan.first), "later": tuple(map(_without_comments, plan.later))})


@hookimpl(trylast=True)
def edit_counted_prompt(prompt: str, negative: bool, styles: Sequence[str], host: Host) -> str:
    """Comments are not counted."""
    return strip_comments(prompt) if host.settings.get(SETTING) else prompt


def _enabled(settings: Mapping[str, Json]) -> bool:
    return bool(settings.get(SETTING, True))


def _without_comments(step: PassPlan) -> PassPlan:
    prompts = {"prompts": step.prompts, "negative_prompts": step.negative_prompts}
    return step.model_copy(update={name: tuple(map(strip_comments, texts)) for name, texts in prompts.items()})
