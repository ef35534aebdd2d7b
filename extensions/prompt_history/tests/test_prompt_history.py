"""params.txt holds the infotext of the last job's first picture."""

from __future__ import annotations

from app.api import SavedImage
from app.testing.hosts import temporary_host
from extensions.prompt_history import on_image_saved


def saved(index, infotext, kind="sample"):
    fields = {"path": "x.png", "width_px": 8, "height_px": 8, "seed": 1, "subseed": 1, "prompt": "", "negative_prompt": ""}
    return SavedImage(**fields, index=index, infotext=infotext, kind=kind)


def test_the_first_picture_of_the_last_job_is_remembered(tmp_path):
    host = temporary_host(tmp_path, ["prompt_history"], role="worker")
    for image in (saved(0, "old"), saved(0, "夜空, tree\nSteps: 20"), saved(1, "second"), saved(-1, "sheet", "grid")):
        on_image_saved(image, host)
    assert (tmp_path / "params.txt").read_text(encoding="utf-8") == "夜空, tree\nSteps: 20"


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, caplog):
    host = temporary_host(tmp_path, ["prompt_history"], role="worker")
    (tmp_path / "params.txt").mkdir()
    on_image_saved(saved(0, "text"), host)
    assert "params.txt" in caplog.text


def test_the_flag_of_the_command_line_turns_it_off(tmp_path):
    host = temporary_host(tmp_path, ["prompt_history"], role="worker", options={"flags": {"no-prompt-history": True}})
    on_image_saved(saved(0, "text"), host)
    assert not (tmp_path / "params.txt").exists()
