"""Extensions that fail when they are called later: strict calls name them, the others go on."""

from __future__ import annotations

import logging

import pytest

from app import hookspecs
from app.errors import UserError
from app.extension_report import ExtensionState
from app.hooks import ExtensionError
from app.values.job import SavedImage
from app.values.request import GenerationRequest

REQUEST_HOOK = "from app.api import hookimpl\n@hookimpl\ndef {signature}:\n    {action}\n"


@pytest.mark.parametrize(
    ("signature", "call"),
    [
        ("patch_model(run)", lambda hooks: hooks.collect(hookspecs.patch_model, strict=True, context=None, run=None)),
        ("follow_denoising(run)", lambda hooks: hooks.collect(hookspecs.follow_denoising, strict=True, context=None, run=None)),
        ("describe_image(image)", lambda hooks: hooks.collect(hookspecs.describe_image, strict=True, image=None, plan=None, run=None)),
        ("edit_request(request)", lambda hooks: hooks.fold(hookspecs.edit_request, GenerationRequest(), run=None)),
        ("requires_login(realm)", lambda hooks: hooks.first(hookspecs.requires_login, strict=True, realm="page", host=None)),
    ],
)
@pytest.mark.parametrize("action", ["raise KeyError('boom')", "raise SystemExit(1)"])
def test_a_strict_call_raises_with_the_extension_named(start, signature, call, action) -> None:
    host = start(REQUEST_HOOK.format(signature=signature, action=action))
    with pytest.raises(ExtensionError, match=f"'bad' failed in {signature.partition('(')[0]}") as caught:
        call(host.hooks)
    assert isinstance(caught.value.__cause__, (KeyError, SystemExit))


def test_a_user_error_of_a_strict_call_arrives_as_it_is(start) -> None:
    host = start("from app.api import UserError, hookimpl\n@hookimpl\ndef edit_request(request):\n    raise UserError('No style Fog.')\n")
    with pytest.raises(UserError, match=r"^No style Fog\.$"):
        host.hooks.fold(hookspecs.edit_request, GenerationRequest(), run=None)


@pytest.mark.parametrize("action", ["raise KeyError('boom')", "raise SystemExit(1)"])
def test_notify_and_first_go_on_to_the_others(make_host, write_extension, action) -> None:
    write_extension(
        "a_bad",
        REQUEST_HOOK.format(signature="on_image_saved(saved)", action=action)
        + REQUEST_HOOK.format(signature="read_metadata(chunks)", action=action),
    )
    write_extension(
        "b_good",
        "from app.api import MetadataReading, hookimpl\nSEEN = []\n@hookimpl\ndef on_image_saved(saved):\n    SEEN.append(saved.path)\n"
        "@hookimpl\ndef read_metadata(chunks):\n    return MetadataReading('found')\n",
    )
    import importlib

    host = make_host("a_bad", "b_good")
    saved = SavedImage(path="x.png", width_px=1, height_px=1, infotext="", index=0, seed=1, subseed=1, prompt="", negative_prompt="")
    host.hooks.notify(hookspecs.on_image_saved, saved=saved, host=host)
    assert importlib.import_module("extensions.b_good").SEEN == ["x.png"]
    answer = host.hooks.first(hookspecs.read_metadata, chunks={}, host=host)
    assert answer is not None and (answer.owner, answer.value.infotext) == ("b_good", "found")
    assert [failure.where for failure in host.extensions.get("a_bad").failures] == ["on_image_saved", "read_metadata"]
    assert host.extensions.get("a_bad").state is ExtensionState.ACTIVE


def test_the_log_names_the_culprit_with_its_traceback(start, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        start("def inner():\n    raise RuntimeError('no luck')\ninner()")
    assert "'bad' failed in import: RuntimeError: no luck" in caplog.text
    assert "in inner" in caplog.text


def test_ctrl_c_in_the_main_thread_is_never_swallowed(start) -> None:
    host = start(REQUEST_HOOK.format(signature="on_image_saved(saved)", action="raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        host.hooks.notify(hookspecs.on_image_saved, saved=None, host=host)


def test_drawing_code_that_fails_is_isolated(start) -> None:
    host = start("")
    with host.hooks.isolated("bad", "tab of bad"):
        raise SystemExit("drawing")
    assert host.extensions.get("bad").failures[0].where == "tab of bad"
