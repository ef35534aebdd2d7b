"""Pictures drawn with hypernetworks: they change as the strength says, the truth is told, and all comes back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, ModelFileError, ModelIdentity, UserError, UserMetadata
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from extensions.hypernetworks.testing import write_hypernetwork
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

WIDTHS = (TinyCheckpoint().context_width, TinyCheckpoint().unet_channels[1])


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    data = tmp_path_factory.mktemp("hypernetworks")
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "tiny.safetensors")
    networks = data / "models" / "hypernetworks"
    write_hypernetwork(networks / "style.pt", WIDTHS)
    write_hypernetwork(networks / "below" / "another.pt", WIDTHS)
    write_hypernetwork(networks / "partly.pt", (WIDTHS[0], 768))
    write_hypernetwork(networks / "foreign.pt", (768,))
    write_hypernetwork(networks / "None.pt", WIDTHS)
    (networks / "broken.pt").write_bytes(b"PK\x03\x04")
    extensions = ["hypernetworks", "stable_diffusion", "samplers", "noise_schedules", "checkpoints", "hires_fix", "upscalers"]
    built = temporary_host(data, extensions, role="worker", options={"hash_models": False})
    with built.running():
        yield built


@pytest.fixture
def run(host):
    return RecordingRun(host, {"live_previews_enable": False})


def pixels(run, prompt, **fields):
    request = GenerationRequest(prompt=prompt, checkpoint="tiny", seed=3, steps=2, width=64, height=64, save="spool", **fields)
    result = draw(run, request)
    return np.asarray(Image.open(result.images[0].path)), result


def test_a_hypernetwork_changes_the_picture_by_its_strength_and_leaves_nothing_behind(run):
    base, _ = pixels(run, "a house")
    some, result = pixels(run, "a house<hypernet:style:0.5>")
    more, _ = pixels(run, "a house<hypernet:style>")
    assert (some != base).any()
    assert (more != some).any()
    again, _ = pixels(run, "a house")
    assert np.array_equal(again, base)
    (use,) = result.networks
    assert use.sentence() == "hypernet style: 16/16 keys applied (U-Net 16)"
    assert (use.file, use.strength) == ("style.pt", "0.5")
    assert result.comments == ()


def test_strength_0_is_the_base_picture_bit_by_bit(run):
    base, _ = pixels(run, "a house")
    none, _ = pixels(run, "a house<hypernet:style:0>")
    assert np.array_equal(none, base)


def test_two_work_one_after_another(run):
    two, result = pixels(run, "a house<hypernet:style:0.5><hypernet:another:0.7>")
    turned, _ = pixels(run, "a house<hypernet:another:0.7><hypernet:style:0.5>")
    by_path, _ = pixels(run, "a house<hypernet:style:0.5><hypernet:below/another:0.7>")
    assert [use.name for use in result.networks] == ["style", "another"]
    assert np.array_equal(two, by_path)
    assert (two != turned).any()
    twice, result = pixels(run, "a house<hypernet:style:0.5><hypernet:style:0.25>")
    once, _ = pixels(run, "a house<hypernet:style:0.5>")
    assert (twice != once).any()
    assert [use.strength for use in result.networks] == ["0.5 + 0.25"]


def test_a_second_pass_has_the_tags_of_its_own_prompt(run):
    def hires(prompt, second):
        params = {"hires_fix": {"enabled": True, "scale": 1.5, "prompt": second}}
        return pixels(run, prompt, params=params)[0]

    neither, second, both = hires("a house", ""), hires("a house", "a house<hypernet:style:1>"), hires("a house<hypernet:style:1>", "")
    assert neither.shape == second.shape
    assert (neither != second).any()
    assert (second != both).any()
    assert np.array_equal(hires("a house", ""), neither)


def test_a_file_that_fits_in_part_says_so(run):
    _, result = pixels(run, "a house<hypernet:partly:1>")
    told = "hypernet partly: 8/16 keys applied (U-Net 8); not matched: width 768. Reason: this checkpoint has no attention layer that wide."
    assert result.comments == (told,)


def test_missing_foreign_and_broken_files_are_errors(run):
    with pytest.raises(UserError, match="no hypernetwork 'nobody'") as missing:
        pixels(run, "a house<hypernet:nobody:1>")
    assert missing.value.field == "prompt"
    with pytest.raises(UserError, match="no hypernetwork 'None'"):
        pixels(run, "a house<hypernet:None:1>")
    with pytest.raises(UserError, match=r"foreign\.pt fits this checkpoint .*Stable Diffusion 1"):
        pixels(run, "a house<hypernet:foreign:1>")
    with pytest.raises(ModelFileError, match=r"broken\.pt"):
        pixels(run, "a house<hypernet:broken:1>", settings={"hypernetwork_on_missing": "warning"})
    for number in ("strong", "nan"):
        with pytest.raises(UserError, match=f"<hypernet:style:{number}>"):
            pixels(run, f"a house<hypernet:style:{number}>")


def test_they_are_warnings_where_the_settings_say_so(run):
    base, _ = pixels(run, "a house")
    drawn, result = pixels(run, "a house<hypernet:nobody:1><hypernet:foreign:1>", settings={"hypernetwork_on_missing": "warning"})
    assert np.array_equal(drawn, base)
    assert [any(name in comment for comment in result.comments) for name in ("nobody", "foreign")] == [True, True]


def test_the_setting_adds_a_hypernetwork_once(run):
    added, result = pixels(run, "a house", settings={"sd_hypernetwork": "style"})
    written, _ = pixels(run, "a house<hypernet:style:1.0>")
    assert np.array_equal(added, written)
    assert "<hypernet:style:1.0>" in result.images[0].infotext
    _, named = pixels(run, "a house<hypernet:style:0.3>", settings={"sd_hypernetwork": "style"})
    assert named.images[0].prompt.count("<hypernet:") == 1


def test_a_file_that_changes_is_read_again(run, host):
    path = write_hypernetwork(host.paths.data / "models" / "hypernetworks" / "changing.pt", WIDTHS)
    host.models.refresh("hypernetwork")
    first, _ = pixels(run, "a house<hypernet:changing:1>")
    write_hypernetwork(path, WIDTHS, size=2.0, fields={"optional_info": "trained further"})
    host.models.refresh("hypernetwork")
    second, _ = pixels(run, "a house<hypernet:changing:1>")
    assert (first != second).any()


def test_cards_and_choices(host):
    (kind,) = [kind for kind in host.network_types if kind.id == "hypernetworks"]
    record = next(record for record in host.models.records("hypernetwork") if record.stem == "style")
    assert kind.insert(record, UserMetadata()).prompt == "<hypernet:style:1>"
    user = UserMetadata.model_validate({"preferred weight": 0.6, "activation text": "ink"})
    assert kind.insert(record, user).prompt == "<hypernet:style:0.6> ink"
    told = record.model_copy(update={"identity": ModelIdentity(kind="hypernetwork", family="sd1", title="Hypernetwork")})
    assert kind.unfit(told, ModelIdentity(kind="checkpoint", family="sd1", title="x")) == ""
    assert "Stable Diffusion 1" in kind.unfit(told, ModelIdentity(kind="checkpoint", family="sdxl", title="x"))
    listed = host.settings.options["sd_hypernetwork"].choices.listed()
    assert listed[0] == "None"
    assert {"style", "another"} <= set(listed)
    assert listed.count("None") == 1
