"""Whole generation jobs on a tiny checkpoint: what a user gets, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from app.contracts import LoadOptions
from app.device_memory import TorchMemory
from app.errors import JobStopped, NotFoundError, UserError
from app.generation.generate import generate
from app.hookspecs import hookimpl
from app.testing.drawing import pixels_of
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.tiny import TinyFamily, write_tiny_checkpoint
from app.values.events import JobImage, JobProgress, WorkerStatus
from app.values.owned import Owned
from app.values.request import GenerationRequest
from app.weights.cache import CacheLimits, ModelCache
from app.weights.loading import checkpoint_loader
from app.weights.offloading import TOLD

STEPS = 4
WAYS = ("", "parts", "layers")


def request(**fields):
    return GenerationRequest(**{"prompt": "tree, snow", "steps": STEPS, "seed": 7, **fields})


def draw(host, control=None, configured=None, **fields):
    run = RecordingRun(host, configured, control)
    return generate(request(**fields), run), run


def samples(result):
    return [image for image in result.images if image.kind == "sample"]


def test_a_picture_of_the_asked_size_lies_in_the_outputs(host):
    result, _ = draw(host, width=96, height=64)
    (saved,) = result.images
    assert Image.open(saved.path).size == (96, 64) == (saved.width_px, saved.height_px)
    assert Path(saved.path).is_relative_to(host.paths.data / "outputs" / "txt2img-images")
    assert Path(saved.path).name == "00000-7.png"
    assert (saved.seed, saved.spooled, result.stopped) == (7, False, "")


def test_the_size_left_out_is_the_models_own(host):
    result, _ = draw(host)
    assert Image.open(result.images[0].path).size == (64, 64)


def test_the_same_request_gives_the_same_picture_and_another_seed_or_prompt_another(host):
    first, again = draw(host)[0].images[0], draw(host)[0].images[0]
    assert first.path != again.path
    assert (pixels_of(first) == pixels_of(again)).all()
    for other in ({"seed": 8}, {"prompt": "sea"}, {"negative_prompt": "snow"}, {"steps": 5}, {"cfg_scale": 2.0}, {"sampler": "Euler a"}):
        assert (pixels_of(draw(host, **other)[0].images[0]) != pixels_of(first)).any(), other


@pytest.mark.parametrize("sampler", ["Euler", "Euler a", "DPM++ 2M", "DDIM"])
def test_picture_i_of_a_batch_equals_the_single_picture_with_seed_plus_i(host, sampler):
    settings = {"eta_ddim": 1.0}
    together = samples(draw(host, configured=settings, sampler=sampler, batch_size=2, batch_count=2)[0])
    assert [image.seed for image in together] == [7, 8, 9, 10]
    for image in together:
        (single,) = draw(host, configured=settings, sampler=sampler, seed=image.seed)[0].images
        assert abs(pixels_of(single) - pixels_of(image)).max() <= 1


def test_variation_keeps_the_seed_and_counts_the_variation_seeds(host):
    pictures = samples(draw(host, subseed=100, subseed_strength=0.3, batch_size=2)[0])
    assert [(image.seed, image.subseed) for image in pictures] == [(7, 100), (7, 101)]
    assert (pixels_of(pictures[0]) != pixels_of(pictures[1])).any()


def test_a_random_seed_is_drawn_once_and_reproduces_the_picture(host):
    (first,) = draw(host, seed=-1)[0].images
    assert first.seed >= 0
    (again,) = draw(host, seed=first.seed)[0].images
    assert (pixels_of(again) == pixels_of(first)).all()


def test_the_infotext_is_in_the_file_and_in_the_result(host):
    (saved,) = draw(host, sampler="DPM++ 2M Karras", negative_prompt="rain")[0].images
    assert Image.open(saved.path).info["parameters"] == saved.infotext
    assert saved.infotext.startswith(
        "tree, snow\nNegative prompt: rain\nSteps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7"
    )
    assert "Model: first" in saved.infotext and "Model hash: " in saved.infotext


def test_options_that_changed_the_picture_are_in_the_infotext(host):
    settings = {"eta_ancestral": 0.5, "eta_noise_seed_delta": 31337, "sigma_max": 10.0, "CLIP_stop_at_last_layers": 2}
    text = draw(host, sampler="Euler a", scheduler="Karras", configured=settings)[0].images[0].infotext
    for item in ("Eta: 0.5", "ENSD: 31337", "Schedule max sigma: 10.0", "Clip skip: 2"):
        assert item in text
    assert "ENSD" not in draw(host, sampler="Euler", configured=settings)[0].images[0].infotext


def test_progress_names_what_is_done_and_never_goes_back(host):
    _, run = draw(host, batch_count=2)
    progress = run.reported(JobProgress)
    texts = [event.text for event in progress]
    assert texts[0].startswith(("Hashing first", "Loading first"))
    for text in ("Encoding prompt", "Sampling 1/4", "Sampling 4/4", "Decoding", "Saving"):
        assert any(text in seen for seen in texts), text
    fractions = [event.fraction for event in progress]
    assert fractions == sorted(fractions) and fractions[-1] <= 1
    assert progress[-1].eta_s is not None and progress[-1].eta_s >= 0
    assert run.reported(WorkerStatus)[0].model.startswith("first.safetensors")


def test_after_a_skip_the_progress_says_how_many_steps_were_done(host):
    _, run = draw(host, ScriptedControl(stop_at=3, kind="skip"), steps=30)
    progress = run.reported(JobProgress)
    decoding = next(event for event in progress if "Decoding" in event.text)
    last = max(event.step for event in progress if "Sampling" in event.text)
    assert 0 < last < 30 and (decoding.step, decoding.steps) == (last, 30) and decoding.fraction < 0.5


def test_each_picture_is_reported_as_soon_as_it_is_saved(host):
    result, run = draw(host, batch_count=3)
    reported = [event.image for event in run.reported(JobImage)]
    assert [image.path for image in reported if image.kind == "sample"] == [image.path for image in samples(result)]
    first_image = next(index for index, event in enumerate(run.events) if isinstance(event, JobImage))
    assert any("batch 3 of 3" in event.text for event in run.events[first_image:] if isinstance(event, JobProgress))


# --- ending early ---


def test_an_interrupt_returns_the_unfinished_picture_unsaved_and_draws_no_more(host):
    result, run = draw(host, ScriptedControl(stop_at=3), batch_count=3)
    (saved,) = result.images
    assert result.stopped == "interrupt"
    assert saved.spooled and Path(saved.path).is_relative_to(host.paths.spool)
    assert not (host.paths.data / "outputs").exists()
    assert (pixels_of(saved) != pixels_of(draw(host)[0].images[0])).any()


def test_an_interrupt_before_the_first_step_gives_no_picture(host):
    result, _ = draw(host, ScriptedControl(stop_at=1))
    assert (result.images, result.stopped) == ((), "interrupt")


def test_unfinished_pictures_are_saved_where_the_settings_say_so(host):
    result, _ = draw(host, ScriptedControl(stop_at=3), configured={"save_incomplete_images": True})
    assert not result.images[0].spooled


def test_a_skip_goes_on_with_the_next_batch(host):
    result, _ = draw(host, ScriptedControl(stop_at=3, kind="skip"), batch_count=3)
    pictures = samples(result)
    assert [image.seed for image in pictures] == [7, 8, 9]
    assert [image.spooled for image in pictures] == [True, False, False]
    assert (pixels_of(pictures[1]) == pixels_of(draw(host, seed=8)[0].images[0])).all()


def test_stopping_after_the_batch_keeps_it_whole(host):
    control = ScriptedControl()
    control.stop_after_batch = True
    result, _ = draw(host, control, batch_count=3)
    (saved,) = result.images
    assert (pixels_of(saved) == pixels_of(draw(host)[0].images[0])).all()


@pytest.mark.parametrize("kind", ["cancel", "interrupt", "skip"])
def test_decoding_can_be_ended_between_two_pictures(host, kind, monkeypatch):
    from app.generation import generate as module

    control = ScriptedControl()
    real = module.decode

    def decode(latents, images, model, run):
        run.control = ScriptedControl(0, kind)
        return real(latents, images, model, run)

    monkeypatch.setattr(module, "decode", decode)
    if kind == "cancel":
        with pytest.raises(JobStopped):
            draw(host, control, batch_size=3)
        return
    result, _ = draw(host, control, batch_size=3)
    assert ([image.seed for image in samples(result)], result.stopped) == ([7], kind)
    assert not result.images[0].spooled


def test_a_cancel_ends_the_job(host):
    with pytest.raises(JobStopped):
        draw(host, ScriptedControl(stop_at=3, kind="cancel"))


# --- wrong input ---


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"sampler": "Oiler"}, "sampler", "'Euler'"),
        ({"sampler": "k_eulr_a"}, "sampler", "'k_euler_a'"),
        ({"scheduler": "Karas"}, "scheduler", "'Karras'"),
        ({"width": 100}, "width", "96 or 104"),
        ({"batch_count": 10_000, "batch_size": 256}, "batch_count", "2,560,000 pictures"),
        ({"height": 65}, "height", "64 or 72"),
        ({"checkpoint": "third"}, "checkpoint", "third"),
        ({"params": {"tilling": {}}}, "params.tilling", "tilling"),
        ({"settings": {"eta_ancestrl": 1}}, "eta_ancestrl", "eta_ancestral"),
        ({"settings": {"eta_ancestral": 7}}, "eta_ancestral", "7"),
    ],
)
def test_a_wrong_field_is_named_with_the_way_out(host, fields, field, words):
    with pytest.raises(UserError) as error:
        draw(host, **fields)
    assert error.value.field == field
    assert words in str(error.value)
    assert 400 <= error.value.status < 500


def test_without_a_checkpoint_the_folder_is_named(host, tmp_path):
    (tmp_path / "models" / "Stable-diffusion" / "first.safetensors").unlink()
    host.models.refresh()
    with pytest.raises(UserError, match="no checkpoint to draw with.*Stable-diffusion") as error:
        draw(host)
    assert error.value.field == "", "no field can have been wrong"


def test_a_truncated_checkpoint_is_named(host, tmp_path):
    path = tmp_path / "models" / "Stable-diffusion" / "broken.safetensors"
    path.write_bytes((tmp_path / "models" / "Stable-diffusion" / "first.safetensors").read_bytes()[:2000])
    host.models.refresh()
    with pytest.raises(UserError, match="broken"):
        draw(host, checkpoint="broken")


@pytest.mark.parametrize("name", ["Euler a", "euler A", "k_euler_ancestral"])
def test_samplers_are_found_by_any_of_their_names(host, name):
    assert draw(host, sampler=name)[0].info["sampler_name"] == "Euler a"


def test_the_requests_settings_count_for_this_request_alone(host):
    plain = draw(host, sampler="Euler a")[0].images[0]
    changed = draw(host, sampler="Euler a", settings={"eta_ancestral": 0.0})[0].images[0]
    assert (pixels_of(changed) != pixels_of(plain)).any()
    assert (pixels_of(draw(host, sampler="Euler a")[0].images[0]) == pixels_of(plain)).all()


def test_the_configured_checkpoint_is_used_and_a_missing_one_is_told(host, tmp_path):
    write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / "second.safetensors", seed=5)
    host.models.refresh()
    first, _ = draw(host)
    second, _ = draw(host, configured={"sd_model_checkpoint": "second"})
    assert (first.info["sd_model_name"], second.info["sd_model_name"]) == ("first", "second")
    assert (pixels_of(first.images[0]) != pixels_of(second.images[0])).any()
    gone, _ = draw(host, configured={"sd_model_checkpoint": "gone.safetensors"})
    assert gone.info["sd_model_name"] == "first" and "gone.safetensors" in gone.comments[0]


# --- extensions ---


class Plugin:
    """An extension that takes part in everything."""

    def __init__(self):
        self.saved = []

    @hookimpl
    def edit_request(self, request, run):
        return request.model_copy(update={"prompt": request.prompt + ", gold"})

    @hookimpl
    def describe_image(self, image, plan, run):
        return {"Touched": "yes", "Absent": None}

    @hookimpl
    def on_image_saved(self, saved, host):
        self.saved.append(saved)


def test_extensions_change_request_and_infotext(host):
    plain = draw(host, prompt="tree, snow, gold")[0].images[0]
    plugin = Plugin()
    host.hooks.register("mine", plugin)
    saved = draw(host)[0].images[0]
    assert saved.prompt == "tree, snow, gold"
    assert (pixels_of(saved) == pixels_of(plain)).all()
    assert "Touched: yes" in saved.infotext and "Absent" not in saved.infotext
    assert plugin.saved == [saved]


class Follower:
    """A listener that counts, and halves the prediction of the first call."""

    def __init__(self):
        self.states = []

    def begin(self, latents, state):
        self.states.append(("begin", state.call_index, state.step))

    def before_model(self, x, state):
        self.states.append(("before", state.call_index, state.step))
        return x

    def after_model(self, denoised, state):
        return denoised * 0.5 if state.call_index == 0 else denoised

    def after_step(self, denoised, state):
        self.states.append(("step", state.call_index, state.step))

    def end(self, latents):
        self.states.append(("end", -1, -1))
        return latents


@pytest.mark.parametrize("sampler", ["Euler", "DDIM"])
def test_a_listener_follows_and_changes_the_pass(host, sampler):
    plain = draw(host, sampler=sampler, steps=3)[0].images[0]
    follower = Follower()

    class Following:
        @hookimpl
        def follow_denoising(self, context, run):
            return [follower]

    host.hooks.register("following", Following())
    changed = draw(host, sampler=sampler, steps=3)[0].images[0]
    assert (pixels_of(changed) != pixels_of(plain)).any()
    expected = [("begin", 0, 0)]
    for call in range(3):
        expected += [("before", call, call), ("step", call + 1, call)]
    assert follower.states == [*expected, ("end", -1, -1)]


def test_a_listener_that_fails_is_named(host):
    class Failing:
        @hookimpl
        def follow_denoising(self, context, run):
            return [object()]

    host.hooks.register("clumsy", Failing())
    with pytest.raises(Exception, match="'clumsy'"):
        draw(host)


class Doubling:
    """A patch that doubles a weight."""

    key = "doubling"

    def __init__(self, log):
        self.log = log

    def apply(self, model):
        from contextlib import contextmanager

        @contextmanager
        def patch():
            weight = model.modules()["unet"][0].weight
            before = weight.clone()
            weight.mul_(2)
            self.log.append("on")
            try:
                yield
            finally:
                weight.copy_(before)
                self.log.append("off")

        return patch()


@pytest.mark.parametrize("stop", [None, "cancel", "interrupt"])
def test_patches_are_undone_however_the_job_ends(host, stop):
    log = []

    class Patching:
        @hookimpl
        def patch_model(self, context, run):
            return [Doubling(log)]

    run = RecordingRun(host)
    plain = pixels_of(generate(request(), run).images[0])
    host.hooks.register("patching", Patching())
    patched = pixels_of(generate(request(), run).images[0])
    assert (patched != plain).any()
    if stop is not None:
        run.control = ScriptedControl(2, stop)
        try:
            generate(request(), run)
        except JobStopped as stopped:
            assert stopped.kind == stop == "cancel"
        run.control = ScriptedControl()
    host.hooks.unregister("patching")
    assert (pixels_of(generate(request(), run).images[0]) == plain).all()
    assert log == ["on", "off"] * (len(log) // 2)


def test_a_model_that_returns_nan_says_so(host, monkeypatch):
    import torch

    from app.testing.tiny import TinyModel

    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: torch.full_like(x, float("nan")))
    with pytest.raises(UserError, match="not numbers"):
        draw(host)


def test_without_the_check_the_picture_is_taken_as_it_is(host, monkeypatch):
    import torch

    from app.testing.tiny import TinyModel

    monkeypatch.setattr(host, "options", host.options.model_copy(update={"nan_check": False}))
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: torch.full_like(x, float("nan")))
    monkeypatch.setattr(TinyModel, "decode", lambda self, latents: torch.full((1, 3, 64, 64), float("nan")))
    assert pixels_of(draw(host)[0].images[0]).shape == (64, 64, 3)


def test_a_vae_that_fails_in_half_precision_is_tried_in_full(host, monkeypatch):
    import torch

    from app.testing.tiny import TinyModel

    plain = pixels_of(draw(host)[0].images[0])
    real = TinyModel.decode

    def decode(self, latents):
        half = next(self.modules()["vae"].parameters()).dtype is torch.float16
        return torch.full((1, 3, 64, 64), float("nan")) if half else real(self, latents)

    run = RecordingRun(host)
    with run.weights.pin(str(host.models.find("checkpoint", "first").path), LoadOptions("cpu")) as model:
        model.modules()["vae"].half()
        monkeypatch.setattr(TinyModel, "decode", decode)
        result = generate(request(), run)
    assert abs(pixels_of(result.images[0]) - plain).max() <= 2
    assert "full precision" in result.comments[0]


def test_missing_checkpoint_is_not_found(host):
    with pytest.raises(NotFoundError):
        draw(host, checkpoint="nowhere.safetensors")


class SmallCard(TinyFamily):
    """A family whose models fit onto their device only with ``enough`` of them elsewhere, and draw only with ``later``."""

    def __init__(self, enough, later):
        self.enough, self.later = WAYS.index(enough), WAYS.index(later)

    def load(self, record, header, options):
        if WAYS.index(options.offload) < self.enough:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        model = super().load(record, header, options)
        real = model.predict

        def predict(*given):
            if WAYS.index(model.offload) < self.later:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return real(*given)

        def offload_more():
            if model.offload == WAYS[-1]:
                return False
            model.offload = WAYS[WAYS.index(model.offload) + 1]
            return True

        model.predict, model.offload_more = predict, offload_more
        return model


@pytest.mark.parametrize(("enough", "later", "told"), [("", "", []), ("parts", "parts", ["parts"]), ("", "layers", ["parts", "layers"])])
def test_a_card_that_is_too_small_for_the_model_draws_the_same_picture_slower(host, enough, later, told):
    plain = draw(host)[0].images[0]
    family = SmallCard(enough, later)
    host.families.fill([Owned("tiny", family)])
    weights = ModelCache(checkpoint_loader(host.models, host.families), lambda: CacheLimits(2, 1 << 30), TorchMemory())
    for expected in (told, told[-1:]):
        run = RecordingRun(host)
        run.device, run.weights = "xpu", weights
        result = generate(request(), run)
        assert (pixels_of(result.images[0]) == pixels_of(plain)).all()
        assert [comment for comment in result.comments if comment in TOLD.values()] == [TOLD[way] for way in expected]


class HalfVae(TinyFamily):
    """Its VAE works in half precision."""

    def load(self, record, header, options):
        model = super().load(record, header, options)
        model.modules()["vae"].half()
        return model


def test_the_infotext_says_how_the_model_computed_when_it_was_finished(host):
    assert "Tiny" not in draw(host)[0].images[0].infotext
    host.families.fill([Owned("tiny", HalfVae())])
    told = draw(host)[0].images[0].infotext
    assert "Tiny vae: torch.float16" in told and "Tiny unet" not in told
