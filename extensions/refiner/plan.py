"""Plans where the refiner takes over, and says so in the infotext."""

from __future__ import annotations

from app.api import GenerationPlan, ModelSwitch, PassPlan, PlanInfo, Run, UserError, plan_checkpoint, short_number
from extensions.refiner.params import RefinerParams

PASSES_SETTING, BY_CALLS_SETTING = "hires_fix_refiner_pass", "refiner_switch_by_sample_steps"
FIRST, SECOND = "first pass", "second pass"


def with_refiner(plan: GenerationPlan, run: Run) -> GenerationPlan:
    """The plan with the change of checkpoint in the passes that the setting names; a job of one pass has it there."""
    params = RefinerParams.of(plan.params)
    if not params.is_on:
        return plan
    try:
        checkpoint = plan_checkpoint(params.checkpoint, run)
    except UserError as error:
        raise UserError(error.what, hint=error.hint, field=f"params.{RefinerParams.feature}.checkpoint") from error
    switch = ModelSwitch(checkpoint=checkpoint, at=params.switch_at, by_calls=bool(run.settings.get(BY_CALLS_SETTING, False)))
    wanted = run.settings.get(PASSES_SETTING, SECOND)
    if plan.later and wanted == SECOND:
        passes = [plan.first, *(_switching(step, switch, run) for step in plan.later)]
    elif plan.later and wanted == FIRST:
        passes = [_switching(plan.first, switch, run), *plan.later]
    else:
        passes = [_switching(step, switch, run) for step in plan.passes]
    return plan.model_copy(update={"first": passes[0], "later": tuple(passes[1:])})


def refiner_items(plan: GenerationPlan, run: Run) -> PlanInfo:
    """Which checkpoint took over, and when."""
    switch = next((step.switch for step in plan.passes if step.switch is not None), None)
    if switch is None or not RefinerParams.of(plan.params).is_on:
        return {}
    chosen = run.settings.get(PASSES_SETTING, SECOND)
    return {
        "Hires refiner": str(chosen) if plan.later and chosen != SECOND else None,
        "Refiner": switch.checkpoint.short_title,
        "Refiner switch at": short_number(switch.at),
        "Refiner switch by sampling steps": "True" if switch.by_calls else None,
    }


def _switching(step: PassPlan, switch: ModelSwitch, run: Run) -> PassPlan:
    if step.checkpoint.path == switch.checkpoint.path:
        run.comment(f"{switch.checkpoint.name} draws already, so the refiner changed nothing.")
        return step
    return step.model_copy(update={"switch": switch})
