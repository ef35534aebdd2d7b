"""A1111's scripts: always-on ones are the features of their titles, a chosen one makes the request a job of another kind."""

from __future__ import annotations

import re

from app.api import SCRIPT_KIND, GenerationRequest, Host, Json, Params, Script, ScriptRequest, UserError, field_extra, params_of_arguments
from extensions.a1111_api.body import DrawingBody

GENERATE = "generate"
_VERSION = re.compile(r"\sv\d[\w.+-]*$")
WITHOUT_ARGUMENTS = {
    "sampler": "steps, sampler_name and scheduler",
    "seed": "seed, subseed and the fields after them",
    "refiner": "refiner_checkpoint and refiner_switch_at",
    "comments": "the setting enable_prompt_comments",
    "extra options": "override_settings",
    "hypertile": "",
    "api payload": "the body itself",
}
"""Parts of A1111's page that pass for always-on scripts, and what says the same: over its API too their arguments do nothing.

"" stands for what Paintbox does not have.
"""


def job_of(body: DrawingBody, request: GenerationRequest, host: Host) -> tuple[str, dict[str, Json]]:
    """Kind and request of the job that a body asks for: the request itself, or a script's use of it. Raises UserError."""
    script = _chosen(body, host)
    if script is None:
        return GENERATE, request.model_dump(mode="json")
    params = params_of_arguments(script, body.script_args, host, body.route)
    return SCRIPT_KIND, ScriptRequest(script=script.id, form=body.route, request=request, params=params).model_dump(mode="json")


def _chosen(body: DrawingBody, host: Host) -> Script | None:
    """The script that ``script_name`` names; None where it names none."""
    if not body.script_name or body.script_name.lower() == "none":
        return None
    script = host.scripts.find(body.script_name)
    if script is None or not script.is_offered(body.route):
        raise UserError(
            f"Script '{body.script_name}' not found.", hint="GET /sdapi/v1/scripts lists those that there are.", field="script_name"
        )
    return script


def _why_nothing(title: str) -> str:
    instead = WITHOUT_ARGUMENTS[title.lower()]
    if not instead:
        return f"The arguments of the script {title!r} do nothing: it is not there."
    return f"The arguments of the script {title!r} do nothing over the API; use {instead}."


def _unversioned(title: str) -> str:
    """A title in small letters, without the version that some extensions put behind it: "Dynamic Prompts v2.17.1"."""
    return _VERSION.sub("", title.lower())


def always_on(host: Host) -> dict[str, type[Params]]:
    """The features that are always-on scripts, by the titles of these: A1111's, and those whose fields clients reach in no other way.

    The latter have the title of their extension; where it is taken, their feature's id.
    """
    found: dict[str, type[Params]] = {}
    for model in host.params:
        title = model.script or (_own_title(model, host) if _has_unclaimed_fields(model) else "")
        if title and not (not model.script and title.lower() in WITHOUT_ARGUMENTS):
            found[model.feature if title in found else title] = model
    return found


def _own_title(model: type[Params], host: Host) -> str:
    return host.extensions.get(host.params.owner(model.feature)).title


def _has_unclaimed_fields(model: type[Params]) -> bool:
    return any(info.title is not None and not field_extra(info).get("api") for info in model.model_fields.values())


def script_params(body: DrawingBody, host: Host, remarks: list[str]) -> dict[str, dict[str, Json]]:
    """Parameters by feature; fewer arguments leave the rest as it is, more are ignored. Raises UserError for an unknown title.

    Arguments may also be an object, by the names of the feature's fields.

    ``remarks`` takes sentences about arguments that do nothing.
    """
    scripts = always_on(host)
    models = {model.feature: model for model in scripts.values()} | {_unversioned(title): model for title, model in scripts.items()}
    params: dict[str, dict[str, Json]] = {}
    for title, given in body.alwayson_scripts.items():
        model = models.get(_unversioned(title))
        if model is None and title.lower() in WITHOUT_ARGUMENTS:
            if isinstance(given, dict) and given.get("args"):
                remarks.append(_why_nothing(title))
            continue
        if model is None and host.scripts.find(title) is not None:
            what = f"The script '{title}' is not one that is always on."
            raise UserError(what, hint="Name it as script_name, with script_args.", field="alwayson_scripts")
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
