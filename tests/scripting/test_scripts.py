"""Scripts as jobs: cells one after another, failures, interruptions and what is taken up after them, sheets."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from PIL import Image
from pydantic import Field

from app.api import (
    Cell,
    Cells,
    GenerationRequest,
    Job,
    JobImage,
    JobProgress,
    JobState,
    Script,
    ScriptParams,
    ScriptRequest,
    ScriptTask,
    Sheet,
    UserError,
    hookimpl,
    open_image,
    params_of_arguments,
    parse_infotext,
    resumable,
    resume_job,
)
from app.testing.drawing import drawing_host
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.web import running_client, with_tiny_worker

REQUEST = GenerationRequest(prompt="tree", seed=7, steps=2, sampler="Euler", width=64, height=64)


class StepsParams(ScriptParams):
    feature = "steps_script"
    counts: tuple[int, ...] = Field((1, 2, 3), title="Counts")
    where: str = Field("left", title="Side", json_schema_extra={"choices": ["left", "right"], "index": True})


class ChainParams(ScriptParams):
    feature = "chain"
    links: int = Field(3, ge=1, title="Links")


class Chain:
    """Each cell starts from the picture of the one before."""

    shows_cells = True

    def __init__(self, task: ScriptTask) -> None:
        self._task = task
        self.count = task.params.links
        self.seen: list[str] = []

    def cells(self):
        request = self._task.with_seeds()
        for link in range(self.count):
            before = yield Cell(request=request.model_copy(update={"prompt": f"tree {link} {' '.join(self.seen)}"}), label=f"Link {link}")
            if before.samples:
                self.seen.append(self._task.take_in(before.samples[0])[:8])

    def sheets(self, results):
        return ()


class ScriptsPlugin:
    @hookimpl
    def register_scripts(self, host):
        def begin(task: ScriptTask) -> Cells:
            if any(count < 1 for count in task.params.counts):
                raise UserError("Steps are at least 1.", field="counts")
            sampler = "Eule" if task.params.where == "right" else "Euler"
            base = task.request.model_copy(update={"sampler": sampler})
            cells = [
                Cell(request=base.model_copy(update={"steps": count}), label=f"Steps: {count}", infotext={"Counted": str(count)})
                for count in task.params.counts
            ]
            return Cells(cells, self.sheets)

        yield Script("Many steps", StepsParams, begin, order=20)
        yield Script("Chain", ChainParams, Chain, forms=("img2img",), order=10)

    def sheets(self, results):
        drawn = [result for result in results if result.images]
        sheet = Image.new("RGB", (64 * len(results), 64))
        for place, result in enumerate(results):
            if result.images:
                sheet.paste(open_image(Path(result.images[0].path)).image, (64 * place, 0))
        page = {".html": f"<p>{len(drawn)}</p>"}
        yield Sheet(sheet, drawn[0].images[0], name="many", items={"Script": "Many steps"}, beside=lambda path: page)


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, plugins=[ScriptsPlugin()]) as made:
        yield made


def draw(host, control=None, job_id="", script="steps_script", form="txt2img", **fields):
    asked = ScriptRequest(script=script, form=form, **{"request": REQUEST, "salt": "s", **fields})
    kind = host.job_kinds.get("script")
    kind.check(asked)
    run = RecordingRun(host, None, control)
    run.job = Job(id=job_id or uuid.uuid4().hex, kind="script", owner="", created=0.0, request=asked.model_dump(mode="json"))
    return kind.run(run, asked), run


def checks_of(host, **fields):
    control = ScriptedControl()
    draw(host, control, **fields)
    return control.checks


def test_cells_are_drawn_and_a_sheet_is_made_of_them(host):
    result, run = draw(host)
    assert [image.kind for image in result.images] == ["grid", "sample", "sample", "sample"]
    assert [parse_infotext(image.infotext)["Steps"] for image in result.images[1:]] == ["1", "2", "3"]
    assert [parse_infotext(image.infotext)["Counted"] for image in result.images[1:]] == ["1", "2", "3"]
    assert parse_infotext(result.images[0].infotext)["Script"] == "Many steps"
    grid = Path(result.images[0].path)
    assert grid.name.startswith("many-0000") and grid.with_suffix(".html").read_text() == "<p>3</p>"
    assert [event.image.kind for event in run.reported(JobImage)] == ["sample"] * 3
    told = run.reported(JobProgress)
    assert [event.fraction for event in told] == sorted(event.fraction for event in told) and "Cell 3/3: " in told[-1].text
    assert result.info["all_seeds"] == [7, 7, 7, 7] and result.info["cells_drawn"] == 3
    assert not list(host.paths.script_records.glob("*"))


def test_equal_cells_are_drawn_once_and_random_ones_each(host):
    result, run = draw(host, params={"counts": [2, 2, 1]})
    assert len(run.reported(JobImage)) == 2 and len({image.path for image in result.images}) == 3 and len(result.images) == 4
    _, run = draw(host, params={"counts": [2, 2]}, request=REQUEST.model_copy(update={"seed": -1}))
    assert len(run.reported(JobImage)) == 2


def test_a_failed_cell_leaves_a_gap_and_is_drawn_when_the_job_is_resumed(host, monkeypatch):
    from app.scripting import runner

    real = runner.generate

    def broken(request, run):
        if request.steps == 2:
            raise RuntimeError("the device is on fire")
        return real(request, run)

    with monkeypatch.context() as patched:
        patched.setattr(runner, "generate", broken)
        result, run = draw(host)
    assert len(result.images) == 3 and result.info["failed"] == ["Steps: 2: RuntimeError: the device is on fire"]
    assert any("on fire" in comment for comment in run.comments)
    again, run = draw(host, resumes=run.job.id)
    assert len(again.images) == 4 and len(run.reported(JobImage)) == 1 and again.info["failed"] == []
    assert not list(host.paths.script_records.glob("*"))


def test_an_interrupted_job_goes_on_where_it_stopped(host):
    stop_at = checks_of(host, params={"counts": [1]}) + 2
    result, first = draw(host, ScriptedControl(stop_at))
    assert result.stopped == "interrupt" and result.info["cells_drawn"] == 1 and result.info["cells"] == 3
    again, second = draw(host, resumes=first.job.id)
    assert again.stopped == "" and len(again.images) == 4
    drawn = [event.image for event in second.reported(JobImage) if event.image.kind == "sample"]
    assert [parse_infotext(image.infotext)["Steps"] for image in drawn] == ["2", "3"]
    assert again.images[1].path == result.images[1].path


def test_what_was_drawn_is_taken_over_by_one_job_alone(host):
    stop_at = checks_of(host, params={"counts": [1]}) + 2
    _, first = draw(host, ScriptedControl(stop_at))
    _, second = draw(host, ScriptedControl(2), resumes=first.job.id)
    with pytest.raises(UserError, match="Nothing is kept any more") as error:
        draw(host, resumes=first.job.id)
    assert error.value.status == 409
    again, begun_again = draw(host, job_id=second.job.id, resumes=first.job.id)
    assert len(again.images) == 4 and len(begun_again.reported(JobImage)) == 2
    assert not list(host.paths.script_records.glob("*"))


def test_a_sequence_starts_each_cell_from_the_one_before_also_after_an_interruption(host):
    whole, run = draw(host, script="Chain", form="img2img")
    prompts = [image.prompt for image in whole.images]
    assert [len(prompt.split()) for prompt in prompts] == [2, 3, 4] and prompts[2].startswith("tree 2 " + prompts[1].split()[2])
    stop_at = checks_of(host, script="chain", form="img2img", params={"links": 1}) + 2
    part, first = draw(host, ScriptedControl(stop_at), script="chain", form="img2img")
    assert part.info["cells_drawn"] == 1
    again, _ = draw(host, script="chain", form="img2img", resumes=first.job.id)
    assert [Image.open(image.path).tobytes() for image in again.images] == [Image.open(image.path).tobytes() for image in whole.images]


def test_what_is_wrong_is_told_before_anything_is_drawn(host):
    with pytest.raises(UserError, match="at least 1") as error:
        draw(host, params={"counts": [0]})
    assert error.value.field == "counts"
    with pytest.raises(UserError, match="Many steps, Counts"):
        draw(host, params={"counts": "x"})
    with pytest.raises(UserError, match="There are: Many steps"):
        draw(host, script="chain")
    with pytest.raises(UserError, match="would draw nothing"):
        draw(host, params={"counts": []})
    with pytest.raises(UserError, match="Steps: 1: .*no sampler 'Eule'"):
        draw(host, params={"where": "right"})


def test_arguments_come_in_order_or_by_name(host):
    script = host.scripts.get("steps_script")
    assert params_of_arguments(script, [[4, 5], 1], host, "txt2img") == {"counts": [4, 5], "where": "right"}
    assert params_of_arguments(script, {"where": "left"}, host, "txt2img") == {"where": "left"}
    assert params_of_arguments(script, [], host, "txt2img") == {}
    for wrong, sentence in (([[1]], "takes 2 arguments, not 1"), ([[1], 2], "no choice 2 for Side"), ({"x": 1}, "no field 'x'")):
        with pytest.raises(UserError, match=sentence):
            params_of_arguments(script, wrong, host, "txt2img")


def test_a_job_that_was_under_way_when_the_program_ended_is_resumed_by_the_next_one(tmp_path):
    def started():
        host = temporary_host(tmp_path, ["samplers", "noise_schedules"])
        executor = with_tiny_worker(host, "first.safetensors")
        host.hooks.register("scripts of the test", ScriptsPlugin())
        host.refill()
        return host, executor

    host, executor = started()
    executor.hold.clear()
    executor.free_checks = 8
    asked = {"script": "steps_script", "form": "txt2img", "request": REQUEST.model_dump(mode="json")}
    with running_client(host):
        job = host.jobs.submit("script", asked, owner="", source="txt2img", settings={})
        while not list(host.paths.script_records.glob(f"{job.id}.jsonl")):
            assert not host.jobs.wait(job.id, 0.02).state.ended
        host.jobs.close()
    host, _ = started()
    with running_client(host):
        old = host.jobs.get(job.id)
        assert old.state is JobState.INTERRUPTED
        left = resumable(old, host)
        assert left is not None and 0 < left.drawn < left.cells == 3
        done = host.jobs.wait(resume_job(old, host, "").id, 60)
        assert done.state is JobState.DONE and len(done.result.images) == 4 and done.source == "txt2img"
        assert resumable(done, host) is None and resumable(host.jobs.get(job.id), host) is None
        with pytest.raises(UserError, match="cannot be resumed"):
            resume_job(done, host, "")
