"""The A1111 fields by which clients know the parts of a generation request, for errors that name them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import ValidationError

from app.api import Host, Json, UserError, field_extra

CORE_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "sampler": "sampler_name",
        "checkpoint": "override_settings.sd_model_checkpoint",
        "batch_count": "n_iter",
        "seed_resize_from_width": "seed_resize_from_w",
        "seed_resize_from_height": "seed_resize_from_h",
        "settings": "override_settings",
    }
)
FEATURES = "params."


def api_field(field: str, host: Host) -> str:
    """A1111's name of a field of a generation request ("params.hires_fix.upscaler" -> "hr_upscaler"); others stay as they are."""
    if not field.startswith(FEATURES):
        return CORE_FIELDS.get(field, field)
    feature, _, name = field.removeprefix(FEATURES).partition(".")
    model = host.params.find(feature)
    info = model.model_fields.get(name) if model is not None else None
    return str(field_extra(info).get("api", field)) if info is not None else field


def in_api_terms(error: UserError, host: Host) -> UserError:
    """The error with the field that the client sent, named also in its sentence."""
    field = api_field(error.field, host)
    if not field or field == error.field:
        return error
    what = error.what if field in error.what else f"{field}: {error.what}"
    return UserError(what, hint=error.hint, field=field, status=error.status)


def checked_params(params: dict[str, dict[str, Json]], host: Host) -> dict[str, dict[str, Json]]:
    """The features' parameters as given; raises UserError that names the A1111 field of a value that cannot be."""
    for feature, values in params.items():
        model = host.params.get(feature)
        try:
            model.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            field = api_field(f"{FEATURES}{feature}.{name}", host)
            raise UserError(f"{field}: {first['msg']}.", field=field) from error
    return params
