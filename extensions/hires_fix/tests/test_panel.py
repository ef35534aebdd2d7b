"""What the form says of the sizes, what can be chosen in it, and that its block is drawn for txt2img alone."""

from __future__ import annotations

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker
from extensions.hires_fix.panel import SIZE_KEYS, size_note
from extensions.hires_fix.params import HiresParams


def note(*values, final=False):
    return size_note(dict(zip(SIZE_KEYS, values, strict=True)), asked_is_final=final)


def test_the_sizes_are_those_of_the_two_passes():
    assert note(512, 768, 1.5, 0, 0) == "from <b>512x768</b> to <b>768x1152</b>"
    assert note(512, 768, 1.5, 1024, 1024) == "from <b>512x768</b> to <b>1024x1024</b>"
    assert note(1024, 1024, 2, 0, 0, final=True) == "from <b>512x512</b> to <b>1024x1024</b>"


def test_what_is_no_number_yet_shows_nothing():
    assert note("", 768, 2, 0, 0) == note(512, 0, 2, 100, 100) == note(512, None, 2, 0, 0) == ""


def test_choices_are_those_of_the_host(tmp_path):
    host = temporary_host(tmp_path, ["hires_fix", "samplers", "noise_schedules"])
    with_tiny_worker(host, "first.safetensors")
    choices = HiresParams.choices(host)
    assert choices["checkpoint"][0] == "Use same checkpoint" and choices["checkpoint"][1].startswith("first")
    assert choices["sampler"][:2] == ["Use same sampler", host.samplers.names()[0]]
    assert choices["scheduler"][:2] == ["Use same scheduler", "Automatic"]
    assert choices["upscaler"][0] == "Latent"


def test_the_page_has_the_block_and_the_button(tmp_path):
    host = temporary_host(tmp_path, ["hires_fix", "txt2img", "samplers", "noise_schedules"])
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        page = client.get("/config").json()
    labels = {component["props"].get("elem_id"): component["props"].get("label") for component in page["components"]}
    ids = set(labels)
    second_pass = ("hr_checkpoint", "hr_sampler", "hr_scheduler", "hires_prompt", "hires_neg_prompt")
    assert [labels[name] for name in second_pass] == [
        "Checkpoint", "Hires sampling method", "Hires schedule type", "Hires prompt", "Hires negative prompt",
    ]  # fmt: skip
    assert {"hr_checkpoint_refresh", "txtimg_hr_finalres"} <= ids
    assert {"txt2img_hr", "txt2img_hr-checkbox", "txt2img_hr_upscaler", "txt2img_hires_steps", "txt2img_upscale"} <= ids
