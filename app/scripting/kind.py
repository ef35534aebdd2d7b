"""The job kind "script": a request, and the script that makes several of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from app.contracts import Cells, JobKind, Run, Script, ScriptTask, ScriptWork, typed_as
from app.errors import UserError
from app.generation.check import check_pictures, check_request
from app.scripting.record import CellRecord
from app.scripting.request import SCRIPT_KIND, ScriptRequest
from app.values.base import Json
from app.values.job import JobResult
from app.values.params import ScriptParams
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from app.host import Host


def script_kind(host: Host) -> JobKind:
    """The kind, as the host registers it; torch is imported by the first run."""

    def check(request: BaseModel) -> None:
        asked = typed(request)
        check_request(asked.request, host)
        script = script_of(asked, host)
        check_cells(script.begin(task_of(asked, script, host, host.settings.snapshot(), "")), host)

    def parts(request: BaseModel) -> int:
        asked = typed(request)
        script = script_of(asked, host)
        work = script.begin(task_of(asked, script, host, host.settings.snapshot(), ""))
        return work.count * asked.request.batch_count

    def run_script(run: Run, request: BaseModel) -> JobResult:
        from app.scripting.runner import ScriptRunner

        asked = typed(request)
        script = script_of(asked, host)
        record = CellRecord(run.host.paths.script_records, run.job.id, run.job.owner)
        if asked.resumes:
            record.take_over(asked.resumes)
        task = replace(task_of(asked, script, host, run.settings, run.job.owner), run=run)
        return ScriptRunner(script, task, record, run).run()

    def check_owner(request: BaseModel, owner: str) -> None:
        asked = typed(request)
        check_pictures(asked.request, owner, host)
        if owner:  # only now a script can look at pictures that were brought
            script = script_of(asked, host)
            check_cells(script.begin(task_of(asked, script, host, host.settings.snapshot(), owner)), host)

    return JobKind(SCRIPT_KIND, "Run a script", ScriptRequest, run_script, check, parts, typed_request, check_owner=check_owner)


def typed_request(request: BaseModel) -> GenerationRequest:
    """What the script makes its cells of."""
    return typed(request).request


def typed(request: BaseModel) -> ScriptRequest:
    """The request."""
    return typed_as(ScriptRequest, request)


def script_of(asked: ScriptRequest, host: Host) -> Script:
    """The script; raises UserError for one that is not here, or that the form does not offer."""
    script = host.scripts.find(asked.script)
    if script is None or not script.is_offered(asked.form):
        titles = [each.title for each in host.scripts if each.is_offered(asked.form)]
        hint = f"There are: {', '.join(titles)}." if titles else "No installed extension provides one."
        raise UserError(f"Script '{asked.script}' not found.", hint=hint, field="script_name")
    return script


def task_of(asked: ScriptRequest, script: Script, host: Host, settings: Mapping[str, Json], owner: str) -> ScriptTask:
    """What the script is asked to do; raises UserError that names a field with a wrong value."""
    return ScriptTask(asked.request, read_params(script, asked.params), host, asked.form, settings, owner, asked.salt)


def read_params(script: Script, values: Mapping[str, Json]) -> ScriptParams:
    """The values of a script's fields; raises UserError that names the field at fault."""
    try:
        return script.params.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        info = script.params.model_fields.get(str(problem["loc"][0])) if problem["loc"] else None
        label = (info.title if info else None) or name or "its fields"
        raise UserError(f"{script.title}, {label}: {problem['msg']}.", field=name or "script_args") from error


def check_cells(work: ScriptWork, host: Host) -> None:
    """Cells that do not depend on each other are looked at before any is drawn; raises UserError that names the cell."""
    if not work.count:
        raise UserError("The script would draw nothing.", hint="Fill in its fields.")
    for cell in work.listed if isinstance(work, Cells) else ():
        try:
            check_request(cell.request, host)
        except UserError as error:
            named = f"{cell.label}: {error.what}" if cell.label else error.what
            raise UserError(named, hint=error.hint, field=error.field, status=error.status) from error
