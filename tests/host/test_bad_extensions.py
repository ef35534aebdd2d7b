"""Extensions that misbehave in every way we know: the host starts, names the culprit, and the others work."""

from __future__ import annotations

import threading

import pytest

from app.extension_report import ExtensionState


def _assert_only_bad_is_out(host, *reasons: str) -> None:
    report = host.extensions.get("bad")
    assert report.state is ExtensionState.QUARANTINED
    for reason in reasons:
        assert reason in report.error
    assert host.extensions.active() == ["good"]
    assert host.samplers.names() == ["Good"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def broken(:\n", "SyntaxError"),
        ("import no_such_module_anywhere", "No module named 'no_such_module_anywhere'"),
        ("raise BaseException('deep')", "BaseException: deep"),
        ("exec('class E(BaseException): pass'); raise E('own')", "E: own"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_failing_at_import(start, code, reason) -> None:
    host = start(code)
    _assert_only_bad_is_out(host, "import", reason)
    assert "bad" in host.extensions.get("bad").traceback


HOST_HOOKS = [
    "register_settings",
    "register_model_folders",
    "register_samplers",
    "register_noise_schedules",
    "register_model_families",
    "register_params",
    "register_job_kinds",
]


@pytest.mark.parametrize("hook", HOST_HOOKS)
@pytest.mark.parametrize("action", ["raise ValueError('boom')", "raise SystemExit(1)", "yield 7", "return 5", "return 'text'"])
def test_failing_in_a_hook_that_is_called_at_start(start, hook, action) -> None:
    host = start(f"from app.api import hookimpl\n@hookimpl\ndef {hook}(host):\n    {action}\n")
    _assert_only_bad_is_out(host, hook)


def test_what_a_quarantined_extension_had_registered_before_is_gone(start) -> None:
    host = start(
        "from app.api import Sampler, hookimpl\n"
        "@hookimpl\ndef register_samplers(host):\n    return [Sampler('Bad', lambda: None)]\n"
        "@hookimpl\ndef register_params(host):\n    raise ValueError('later')\n"
    )
    _assert_only_bad_is_out(host, "register_params")


@pytest.mark.parametrize("action", ["raise ValueError('boom')", "return [Broken()]", "raise SystemExit(2)"])
def test_failing_when_the_host_comes_to_life(start, action) -> None:
    host = start(
        "from app.api import Sampler, hookimpl\n"
        "class Broken:\n    def __enter__(self): raise OSError('no disk')\n    def __exit__(self, *args): pass\n"
        "@hookimpl\ndef register_samplers(host):\n    return [Sampler('Bad', lambda: None)]\n"
        f"@hookimpl\ndef lifespan(host):\n    {action}\n"
    )
    with host.running():
        _assert_only_bad_is_out(host, "lifespan")


def test_failing_when_the_host_ends_stops_no_other_ending(make_host, write_extension) -> None:
    code = (
        "from contextlib import contextmanager\nfrom app.api import StashKey, hookimpl\nENDED = []\n"
        "@contextmanager\ndef life(name):\n    yield\n    ENDED.append(name)\n    {then}\n"
        "@hookimpl\ndef lifespan(host):\n    return [life('{name}')]\n"
    )
    import importlib

    write_extension("a_first", code.format(name="first", then="pass"))
    write_extension("b_bad", code.format(name="bad", then="raise ValueError('late')"))
    write_extension("c_last", code.format(name="last", then="pass"))
    host = make_host("a_first", "b_bad", "c_last")
    with host.running():
        pass
    assert [importlib.import_module(f"extensions.{name}").ENDED for name in ("c_last", "b_bad", "a_first")] == [
        ["last"],
        ["bad"],
        ["first"],
    ]
    assert "late" in host.extensions.get("b_bad").failures[0].error


def test_failing_in_a_thread_is_attributed(start) -> None:
    host = start(
        "import threading\nfrom app.api import hookimpl\n"
        "def work():\n    raise ValueError('in the background')\n"
        "def go():\n    thread = threading.Thread(target=work, name='helper')\n    thread.start()\n    thread.join()\n"
    )
    import importlib

    with host.running():
        importlib.import_module("extensions.bad").go()
    failure = host.extensions.get("bad").failures[0]
    assert "helper" in failure.where and "in the background" in failure.error
    assert host.extensions.get("bad").state is ExtensionState.ACTIVE


def test_errors_of_other_threads_go_to_the_usual_place(start) -> None:
    host = start('"""Does nothing."""')
    seen: list[object] = []
    before = threading.excepthook
    threading.excepthook = lambda args: seen.append(args.exc_value)
    try:
        with host.running():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    finally:
        threading.excepthook = before
    assert [type(error) for error in seen] == [ZeroDivisionError]


def test_a_misspelt_hook_is_named_and_the_extension_works(start) -> None:
    host = start("from app.api import hookimpl\n@hookimpl\ndef register_sampler(host):\n    return []\n")
    report = host.extensions.get("bad")
    assert report.state is ExtensionState.ACTIVE
    assert report.warnings == ("The hook 'register_sampler' does not exist; bad.register_sampler is never called.",)


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("def register_samplers(host, extra): ...", "extra"),
        ("def register_samplers(*, host): ...", "keyword-only"),
        ("async def register_samplers(host): ...", "async"),
    ],
)
def test_a_wrong_signature(start, signature, reason) -> None:
    _assert_only_bad_is_out(start(f"from app.api import hookimpl\n@hookimpl\n{signature}\n"), reason)


def test_a_pluggy_wrapper_is_refused(start) -> None:
    host = start("from app.api import hookimpl\n@hookimpl(wrapper=True)\ndef register_samplers(host):\n    return (yield)\n")
    _assert_only_bad_is_out(host, "wrapper")


def test_a_range_that_this_host_is_not_in(start) -> None:
    _assert_only_bad_is_out(start("", host=">=2,<3"), ">=2,<3", "1.0.0")


def test_a_range_that_is_none(start) -> None:
    _assert_only_bad_is_out(start("", host="newest"), "host", "newest")


def test_missing_python_packages_are_named(start, tmp_path) -> None:
    host = start("")
    manifest = tmp_path / "data" / "extensions" / "bad" / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("[tool", 'dependencies = ["no-such-package>=3"]\n[tool'))
    from app.testing.hosts import temporary_host

    host = temporary_host(tmp_path / "data", ["good", "bad"])
    _assert_only_bad_is_out(host, "no-such-package>=3", "extensions install bad")
    assert host.extensions.get("bad").missing_packages == ("no-such-package>=3",)


def test_a_package_that_paintbox_has_in_another_version_is_a_conflict_and_nothing_to_install(start, tmp_path) -> None:
    host = start("")
    manifest = tmp_path / "data" / "extensions" / "bad" / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("[tool", 'dependencies = ["no-such-package>=3", "pluggy>=99"]\n[tool'))
    from app.testing.hosts import temporary_host

    host = temporary_host(tmp_path / "data", ["good", "bad"])
    _assert_only_bad_is_out(host, "bad wants pluggy>=99; Paintbox holds pluggy 1.", "also needs packages: no-such-package>=3")
    report = host.extensions.get("bad")
    assert (report.missing_packages, len(report.conflicts), "extensions install" in report.error) == ((), 1, False)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("not toml at all [", "pyproject.toml cannot be read"),
        ("[project]\nname = 'x'\n", "no [tool.paintbox] table"),
        ("[tool.paintbox]\nhost = '>=1'\n", "no [project] table"),
        ("[project]\nname = 'x'\nversion = 1\ndescription = 'd'\n[tool.paintbox]\nhost = '>=1'\n", "[project] version"),
        ("[project]\nname = 'x'\nversion = '1'\ndescription = 'd'\n[tool.paintbox]\n", "host: Field required"),
        ("[project]\nname = 'x'\nversion = '1'\ndescription = 'd'\n[tool.paintbox]\nhost = '>=1'\nrequire = []\n", "require: Extra"),
        ("[project]\nname = 'x'\nversion = '1'\ndescription = 'd'\n[tool.paintbox]\nhost = '>=1'\nrequires = 'good'\n", "requires"),
    ],
)
def test_a_bad_manifest(start, tmp_path, manifest, reason) -> None:
    start("")
    (tmp_path / "data" / "extensions" / "bad" / "pyproject.toml").write_text(manifest)
    from app.testing.hosts import temporary_host

    _assert_only_bad_is_out(temporary_host(tmp_path / "data", ["good", "bad"]), "bad", reason)


def test_a_folder_without_manifest_is_listed_with_the_reason(make_host, write_extension, tmp_path) -> None:
    write_extension("good", "")
    (tmp_path / "data" / "extensions" / "of-nobody" / "something").mkdir(parents=True)
    host = make_host("good", "of-nobody")
    assert "has no pyproject.toml" in host.extensions.get("of-nobody").error
    assert host.extensions.active() == ["good"]


def test_one_that_was_written_for_a1111_is_no_failure_and_is_not_run(make_host, write_extension, tmp_path) -> None:
    write_extension("good", "")
    scripts = tmp_path / "data" / "extensions" / "sd-webui-something" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "x.py").write_text("raise SystemExit")
    host = make_host("good", "sd-webui-something")
    assert host.extensions.get("sd-webui-something").state is ExtensionState.FOREIGN
    assert host.extensions.active() == ["good"] and host.extensions.failed() == []


def test_a_circle_of_requirements_is_named(make_host, write_extension) -> None:
    write_extension("good", "")
    write_extension("a", "", requires=["b"])
    write_extension("b", "", requires=["c"])
    write_extension("c", "", requires=["a"])
    write_extension("d", "", requires=["a"])
    host = make_host("good", "a", "b", "c", "d")
    assert host.extensions.active() == ["good"]
    assert "a -> b -> c -> a" in host.extensions.get("a").error
    assert "b -> c -> a -> b" in host.extensions.get("b").error
    assert "requires the extension 'a'" in host.extensions.get("d").error


def test_what_requires_something_missing_disabled_or_broken_is_out(make_host, write_extension) -> None:
    write_extension("good", "")
    write_extension("broken", "raise ValueError('broken')")
    write_extension("off", "")
    write_extension("wants_missing", "", requires=["nowhere"])
    write_extension("wants_broken", "", requires=["broken"])
    write_extension("wants_off", "", requires=["off"])
    host = make_host("good", "wants_missing", "wants_broken", "wants_off", settings={"disabled_extensions": ["off"]})
    assert host.extensions.active() == ["good"]
    assert "'nowhere', which is not installed" in host.extensions.get("wants_missing").error
    assert "'broken', which is quarantined" in host.extensions.get("wants_broken").error
    assert "'off', which is disabled" in host.extensions.get("wants_off").error


def test_two_things_of_one_name_are_reported_and_the_first_counts(start) -> None:
    host = start(
        "from app.api import Sampler, hookimpl\n@hookimpl\ndef register_samplers(host):\n    return [Sampler('Good', lambda: None)]\n"
    )
    assert host.samplers.owner("Good") == "bad"  # by id
    assert "sampler 'Good' of 'good' is left out" in host.extensions.get("good").warnings[0]
