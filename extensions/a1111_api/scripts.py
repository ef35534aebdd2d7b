"""A1111's always-on scripts: their positional arguments become the parameters of the features that have their titles."""

from __future__ import annotations

from app.api import Host, Json, UserError
from extensions.a1111_api.body import DrawingBody

WITHOUT_ARGUMENTS = {
    "sampler": "steps, sampler_name and scheduler",
    "seed": "seed, subseed and the fields after them",
    "refiner": "refiner_checkpoint and refiner_switch_at",
    "comments": "the setting enable_prompt_comments",
    "extra options": "override_settings",
    "hypertile": "override_settings",
    "api payload": "the body itself",
}
"""Parts of A1111's page that pass for always-on scripts, and what says the same: over its API too their arguments do nothing."""


def script_params(body: DrawingBody, host: Host, remarks: list[str]) -> dict[str, dict[str, Json]]:
    """Parameters by feature; fewer arguments leave the rest as it is, more are ignored. Raises UserError for an unknown title.

    Arguments may also be an object, by the names of the feature's fields.

    ``remarks`` takes sentences about arguments that do nothing.
    """
    if body.script_name and body.script_name.lower() != "none":
        raise UserError(f"Script '{body.script_name}' not found.", hint="No installed extension provides it.", field="script_name")
    models = {model.script.lower(): model for model in host.params if model.script}
    params: dict[str, dict[str, Json]] = {}
    for title, given in body.alwayson_scripts.items():
        model = models.get(title.lower())
        if model is None and title.lower() in WITHOUT_ARGUMENTS:
            if isinstance(given, dict) and given.get("args"):
                instead = WITHOUT_ARGUMENTS[title.lower()]
                remarks.append(f"The arguments of the script {title!r} do nothing over the API; use {instead}.")
            continue
        if model is None:
            raise UserError(f"Script '{title}' not found.", hint="No installed extension provides it.", field="alwayson_scripts")
        arguments = given.get("args") if isinstance(given, dict) else None
        if isinstance(arguments, dict):
            params[model.feature] = arguments
        elif isinstance(arguments, list):
            params[model.feature] = model.from_script(arguments)
        else:
            raise UserError(f"The script '{title}' needs a list of args.", field="alwayson_scripts")
    return params
