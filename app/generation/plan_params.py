"""The features' parameters of a request, checked and completed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from pydantic import ValidationError

from app.errors import UserError
from app.registry import Registry
from app.values.base import Json
from app.values.params import Params


def plan_params(given: Mapping[str, Mapping[str, Json]], registry: Registry[type[Params]]) -> dict[str, dict[str, Json]]:
    """Every registered feature with all its fields; raises UserError that names the feature and the field at fault."""
    for feature in given:
        if feature not in registry:
            near = difflib.get_close_matches(feature, registry.names(), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Is its extension installed and enabled?"
            raise UserError(f"No installed extension provides the feature {feature!r}.", hint=hint, field=f"params.{feature}")
    return {model.feature: _checked(model, given.get(model.feature, {})) for model in registry}


def _checked(model: type[Params], given: Mapping[str, Json]) -> dict[str, Json]:
    try:
        return model.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{model.feature}: {field}: {first['msg']}.", field=f"params.{model.feature}.{field}") from error
