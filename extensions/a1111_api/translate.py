"""Turns the body of a drawing request into a generation request."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.api import GenerationRequest, Host, Json, UserError, field_extra, split_sampler
from extensions.a1111_api.body import DrawingBody
from extensions.a1111_api.field_names import checked_params
from extensions.a1111_api.scripts import script_params
from extensions.a1111_infotext.api import SamplerNames

CHECKPOINT = "sd_model_checkpoint"
OVERRIDES = "override_settings"
SIZE_STEP_PX = 8
SETTING_FIELDS = {
    "eta": ("eta_ancestral", "eta_ddim"),
    "s_min_uncond": ("s_min_uncond",),
    "s_churn": ("s_churn",),
    "s_tmax": ("s_tmax",),
    "s_tmin": ("s_tmin",),
    "s_noise": ("s_noise",),
}
"""Fields that stand for settings of this request."""
FEATURE_FIELDS = ("init_images", "enable_hr", "restore_faces", "tiling", "refiner_checkpoint")
"""Fields that switch on what an extension must provide; their values for "off" are false, null, "", "None" and nothing in a list."""


@dataclass
class Translation:
    """The request, and remarks on what was taken otherwise than it was written."""

    request: GenerationRequest
    lasting_settings: dict[str, Json] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def translate(body: DrawingBody, host: Host) -> Translation:
    """The request for a body; raises UserError that names the field at fault."""
    remarks: list[str] = []
    scripts = script_params(body, host, remarks)
    sampler, scheduler = _sampler(body, host, remarks)
    settings, checkpoint = _settings(body, host, remarks)
    params = _params(body, host)
    params.update({feature: {**params.get(feature, {}), **values} for feature, values in scripts.items()})
    request = GenerationRequest(
        prompt=body.prompt,
        negative_prompt=body.negative_prompt,
        styles=tuple(body.styles),
        checkpoint=checkpoint,
        sampler=sampler,
        scheduler=scheduler,
        steps=body.steps,
        cfg_scale=body.cfg_scale,
        width=_side(body.width),
        height=_side(body.height),
        seed=body.seed,
        subseed=body.subseed,
        subseed_strength=body.subseed_strength,
        seed_resize_from_width=max(0, body.seed_resize_from_w),
        seed_resize_from_height=max(0, body.seed_resize_from_h),
        batch_count=body.n_iter,
        batch_size=body.batch_size,
        ignore_tags=body.disable_extra_networks,
        params=params,
        settings=settings,
        save="outputs" if body.save_images else "spool",
    )
    return Translation(request, {} if body.override_settings_restore_afterwards else _lasting(settings, checkpoint, body), remarks)


def _sampler(body: DrawingBody, host: Host, remarks: list[str]) -> tuple[str, str]:
    """Names of sampler and schedule; as in A1111, what is unknown becomes the first sampler, and Automatic."""
    asked, schedule = body.sampler_name or body.sampler_index, body.scheduler
    samplers, schedules = list(host.samplers), list(host.schedules)
    if not samplers or not schedules:
        return asked, schedule or "Automatic"
    known = host.schedules.find(schedule) if schedule else None
    sampler, combined = split_sampler(asked, host.samplers, host.schedules)
    if sampler is not None:
        found, label = sampler.name, combined or (known or schedules[0]).label
    else:
        found, label = SamplerNames(samplers, schedules).used(asked, known.label if known else schedule)
        remarks.append(f"There is no sampler {asked!r}; {found!r} was used.")
    if schedule and known is None:
        remarks.append(f"There is no schedule type {schedule!r}; {label!r} was used.")
    return found, label


def _settings(body: DrawingBody, host: Host, remarks: list[str]) -> tuple[dict[str, Json], str | None]:
    """Settings for this request, checked, and the checkpoint among them; unknown keys are left out, as clients send those of A1111."""
    settings: dict[str, Json] = {}
    options = host.settings.options
    for name, keys in SETTING_FIELDS.items():
        value = getattr(body, name)
        if value is not None:
            settings.update(_checked(host, {key: value for key in keys if key in options}, name))
    for key, value in body.override_settings.items():
        if key not in options:
            remarks.append(_left_out(key, host))
        elif key != CHECKPOINT and not options[key].extra.get("restrict_api"):
            settings.update(_checked(host, {key: value}, OVERRIDES))
    return settings, _checkpoint(body.override_settings.get(CHECKPOINT), host)


def _left_out(key: str, host: Host) -> str:
    try:
        host.settings.option(key)
    except UserError as error:
        return f"{error.what} Its override was left out."
    return ""


def _checked(host: Host, values: dict[str, Json], name: str) -> dict[str, Json]:
    try:
        return host.settings.validated(values)
    except UserError as error:
        raise UserError(f"{name}: {error.what}", hint=error.hint, field=name) from error


def _checkpoint(wanted: Json, host: Host) -> str | None:
    """Title of the checkpoint asked for; None for the one in use. Raises UserError for one that is not here: another draws otherwise."""
    if wanted is None or wanted == "":
        return None
    record = host.models.find("checkpoint", wanted) if isinstance(wanted, str) else None
    if record is None:
        hint = "GET /sdapi/v1/sd-models lists those there are."
        raise UserError(f"{OVERRIDES}: unknown checkpoint {wanted!r}.", hint=hint, field=f"{OVERRIDES}.{CHECKPOINT}")
    return record.title


def _params(body: DrawingBody, host: Host) -> dict[str, dict[str, Json]]:
    """What the fields say to the features that claim them; asking for a feature that nobody provides is an error.

    Fields that were not sent say something where the API's default is another than the feature's.
    """
    params: dict[str, dict[str, Json]] = {}
    values, sent = body.model_dump(mode="json"), body.model_fields_set
    claimed: set[str] = set()
    for model in host.params:
        for name, info in model.model_fields.items():
            api_name = str(field_extra(info).get("api", ""))
            claimed.add(api_name)
            value = values.get(api_name)
            if value is not None and (api_name in sent or value != info.default):
                params.setdefault(model.feature, {})[name] = value
    for name in FEATURE_FIELDS:
        if name not in claimed and values.get(name) not in (None, False, "", "None", []):
            raise UserError(f"{name} cannot be used: no installed extension provides it.", hint="Leave it out.", field=name)
    return checked_params(params, host)


def _lasting(settings: dict[str, Json], checkpoint: str | None, body: DrawingBody) -> dict[str, Json]:
    """The overrides that stay after the request."""
    lasting = {key: value for key, value in settings.items() if key in body.override_settings}
    return {**lasting, CHECKPOINT: checkpoint} if checkpoint else lasting


def _side(asked_px: int | None) -> int | None:
    """A side in whole latent pixels, rounded down as A1111 does."""
    return None if asked_px is None else asked_px - asked_px % SIZE_STEP_PX
