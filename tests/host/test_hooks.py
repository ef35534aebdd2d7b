"""The four call styles: order, owners, flattening, and what passes through."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from app import hookspecs
from app.contracts import Sampler
from app.errors import JobStopped, UserError
from app.hooks import ExtensionError, Failure, Hooks
from app.hookspecs import hookimpl
from app.values.request import GenerationRequest


def _plugin(**functions) -> SimpleNamespace:
    for name, function in functions.items():
        function.__name__ = name
        hookimpl(function)
    return SimpleNamespace(**functions)


def _hooks(**plugins) -> Hooks:
    hooks = Hooks()
    for owner, plugin in plugins.items():
        hooks.register(owner, plugin)
    return hooks


def _sampler(name: str) -> Sampler:
    return Sampler(name, lambda: lambda task: task.x)


def test_collect_gives_every_item_with_its_owner_in_the_order_of_registration() -> None:
    hooks = _hooks(
        second_by_name=_plugin(register_samplers=lambda host: [_sampler("a"), _sampler("b")]),
        first_by_name=_plugin(register_samplers=lambda: iter([_sampler("c")])),
        nothing=_plugin(register_samplers=lambda: None),
    )
    found = hooks.collect(hookspecs.register_samplers, host=None)
    assert [(item.owner, item.value.name) for item in found] == [("second_by_name", "a"), ("second_by_name", "b"), ("first_by_name", "c")]


def test_tryfirst_and_trylast_change_the_order() -> None:
    late, early = SimpleNamespace(), SimpleNamespace()
    late.register_samplers = hookimpl(lambda: [_sampler("late")], specname="register_samplers", trylast=True)
    early.register_samplers = hookimpl(lambda: [_sampler("early")], specname="register_samplers", tryfirst=True)
    hooks = _hooks(late=late, middle=_plugin(register_samplers=lambda: [_sampler("middle")]), early=early)
    assert [item.value.name for item in hooks.collect(hookspecs.register_samplers, host=None)] == ["early", "middle", "late"]


def test_a_mapping_is_one_item() -> None:
    hooks = _hooks(one=_plugin(describe_image=lambda: {"Steps": 4, "Size": "8x8"}))
    found = hooks.collect(hookspecs.describe_image, strict=True, image=None, plan=None, run=None)
    assert [(item.owner, item.value) for item in found] == [("one", {"Steps": 4, "Size": "8x8"})]


def test_first_stops_at_the_first_answer() -> None:
    asked: list[str] = []
    hooks = _hooks(
        silent=_plugin(requires_login=lambda realm: asked.append(realm)),
        answers=_plugin(requires_login=lambda realm: False),
        late=_plugin(requires_login=lambda realm: asked.append("never")),
    )
    answer = hooks.first(hookspecs.requires_login, realm="page", host=None)
    assert answer is not None
    assert (answer.owner, answer.value) == ("answers", False)
    assert asked == ["page"]
    assert _hooks().first(hookspecs.requires_login, realm="page", host=None) is None


def test_fold_passes_each_the_value_of_the_one_before() -> None:
    hooks = _hooks(
        one=_plugin(edit_request=lambda request, run: request.model_copy(update={"prompt": request.prompt + run})),
        two=_plugin(edit_request=lambda request: request.model_copy(update={"prompt": request.prompt + "!"})),
    )
    assert hooks.fold(hookspecs.edit_request, GenerationRequest(prompt="a"), run="b").prompt == "ab!"


def test_fold_names_the_extension_that_forgets_to_return() -> None:
    hooks = _hooks(forgetful=_plugin(edit_request=lambda request: None))
    with pytest.raises(ExtensionError, match="'forgetful' failed in edit_request.*returned None"):
        hooks.fold(hookspecs.edit_request, GenerationRequest(), run=None)


def _raising(error: BaseException):
    def fail(**arguments):
        raise error

    return SimpleNamespace(
        on_image_saved=hookimpl(lambda saved: fail(), specname="on_image_saved"),
        edit_request=hookimpl(lambda request: fail(), specname="edit_request"),
    )


@pytest.mark.parametrize("error", [UserError("No such style."), JobStopped("cancel")])
def test_what_is_meant_for_the_user_or_the_job_passes_through_a_strict_call(error) -> None:
    with pytest.raises(type(error)) as caught:
        _hooks(one=_raising(error)).fold(hookspecs.edit_request, GenerationRequest(), run=None)
    assert caught.value is error


def test_every_failure_is_told_with_owner_place_and_traceback() -> None:
    told: list[Failure] = []
    hooks = Hooks(told.append)
    hooks.register("broken", _raising(ZeroDivisionError("by zero")))
    hooks.notify(hookspecs.on_image_saved, saved=None, host=None)
    assert [(failure.owner, failure.where, failure.error) for failure in told] == [
        ("broken", "on_image_saved", "ZeroDivisionError: by zero")
    ]
    assert "ZeroDivisionError" in told[0].traceback


def test_a_keyboard_interrupt_from_another_thread_is_a_failure_like_any_other() -> None:
    told: list[Failure] = []
    hooks = Hooks(told.append)
    hooks.register("broken", _raising(KeyboardInterrupt()))
    thread = threading.Thread(target=lambda: hooks.notify(hookspecs.on_image_saved, saved=None, host=None))
    thread.start()
    thread.join()
    assert [failure.error for failure in told] == ["KeyboardInterrupt"]


def test_an_unregistered_extension_is_not_called_any_more() -> None:
    hooks = _hooks(one=_plugin(register_samplers=lambda: [_sampler("a")]))
    hooks.unregister("one")
    hooks.unregister("one")
    assert hooks.collect(hookspecs.register_samplers, host=None) == []
    assert hooks.implemented_by("one") == []


def test_nothing_of_an_extension_with_a_wrong_signature_stays_registered() -> None:
    hooks = Hooks()
    plugin = _plugin(register_samplers=lambda: [_sampler("a")], register_tabs=lambda wrong: [])
    with pytest.raises(UserError, match="'one' implements a hook with the wrong arguments: .*wrong"):
        hooks.register("one", plugin)
    assert hooks.collect(hookspecs.register_samplers, host=None) == []
