"""Extensions are put into use and out of use while the program runs, wholly or not at all."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack

import pytest

from app.extension_report import ExtensionState
from app.host import build_host
from app.switching import Switch
from app.testing.hosts import forgetting_extensions
from app.values.options import StartOptions

CODE = '''
"""Of a test."""
from contextlib import contextmanager
from app.api import JobKind, StashKey, Value, hookimpl

class Nothing(Value):
    pass

@hookimpl
def register_job_kinds(host):
    return [JobKind("KIND", "A kind", Nothing, lambda run, request: None)]

@hookimpl
def lifespan(host):
    @contextmanager
    def life():
        (host.paths.data / "KIND.alive").touch()
        yield
        (host.paths.data / "KIND.alive").unlink()
    return [life()]
'''


LIMIT = ("mine", "needing", "newcomer", "broken", "guard")


@pytest.fixture
def start(tmp_path):
    """A host that may load these extensions alone, some of which come later."""
    with forgetting_extensions(), ExitStack() as stack:

        def run():
            host = build_host(
                StartOptions(data_dir=str(tmp_path / "data"), only_extensions=LIMIT), "web", environment={}, with_packages=False
            )
            stack.enter_context(host.running())
            return host

        yield run


@pytest.fixture
def site(start, write_extension):
    write_extension("mine", CODE.replace("KIND", "mine"))
    write_extension("needing", CODE.replace("KIND", "needing"), requires=["mine"])
    return start()


def disable(host, *names):
    host.paths.config_file.write_text(json.dumps({"disabled_extensions": names}))


def test_what_is_disabled_is_gone_with_all_that_needs_it_and_comes_back_as_it_is_on_disk(site) -> None:
    switch = Switch(site)
    disable(site, "mine")
    switched = switch.apply()
    assert (switched.on, switched.off, switched.waiting) == ((), ("mine", "needing"), {})
    assert site.extensions.get("mine").state is ExtensionState.DISABLED
    assert site.extensions.get("needing").state is ExtensionState.QUARANTINED
    assert "mine" not in site.extensions.get("needing").hooks
    assert site.hooks.implemented_by("mine") == []
    assert {kind.id for kind in site.job_kinds}.isdisjoint({"mine", "needing"})
    assert not list(site.paths.data.glob("*.alive"))
    assert not any(name.startswith("extensions.mine") for name in sys.modules)
    code = site.paths.extensions / "mine" / "__init__.py"
    code.write_text(code.read_text().replace('"mine", "A kind"', '"renewed", "A kind"'))
    disable(site)
    assert switch.apply().on == ("mine", "needing")
    assert {"renewed", "needing"} <= {kind.id for kind in site.job_kinds}
    assert "mine" not in {kind.id for kind in site.job_kinds}
    assert sorted(path.name for path in site.paths.data.glob("*.alive")) == ["mine.alive", "needing.alive"]


def test_a_changed_extension_is_read_again_and_a_new_one_found(site, write_extension) -> None:
    write_extension("newcomer", CODE.replace("KIND", "newcomer"))
    code = site.paths.extensions / "mine" / "__init__.py"
    code.write_text(code.read_text().replace('"mine", "A kind"', '"renewed", "A kind"'))
    assert set(Switch(site).apply(again=["mine"]).on) == {"mine", "needing", "newcomer"}
    assert {"renewed", "newcomer"} <= {kind.id for kind in site.job_kinds}


def test_one_that_breaks_is_quarantined_and_the_rest_goes_on(site, write_extension) -> None:
    write_extension("broken", "raise RuntimeError('no luck')")
    assert Switch(site).apply().on == ()
    assert "no luck" in site.extensions.get("broken").error
    assert site.extensions.is_active("mine")


@pytest.mark.parametrize("how", ["hook", "manifest"])
def test_what_takes_a_start_waits_for_it(site, write_extension, how) -> None:
    hook = "\n@hookimpl\ndef authenticate(credentials, host):\n    return None\n" if how == "hook" else ""
    write_extension("guard", CODE.replace("KIND", "guard") + hook, **({"restart": 1} if how == "manifest" else {}))
    if how == "manifest":
        manifest = site.paths.extensions / "guard" / "pyproject.toml"
        manifest.write_text(manifest.read_text().replace("restart = 1", "restart = true"))
    assert list(Switch(site).apply().waiting) == ["guard"]
    assert not site.extensions.is_active("guard")
    assert "next start" in site.extensions.get("guard").error
    assert not (site.paths.data / "guard.alive").exists()


def test_a_guard_is_never_let_go_while_the_page_is_open(start, write_extension) -> None:
    write_extension("guard", CODE.replace("KIND", "guard") + "\n@hookimpl\ndef requires_login(realm, host):\n    return True\n")
    host = start()
    disable(host, "guard")
    assert list(Switch(host).apply().waiting) == ["guard"]
    assert host.extensions.is_active("guard")


def test_what_is_independent_goes_although_something_else_has_to_stay(start, write_extension) -> None:
    write_extension("mine", CODE.replace("KIND", "mine"))
    guard = CODE.replace("KIND", "guard") + "\n@hookimpl\ndef requires_login(realm, host):\n    return None\n"
    write_extension("needing", CODE.replace("KIND", "needing"))
    write_extension("guard", guard, requires=["needing"])
    host = start()
    disable(host, "mine", "needing")
    switched = Switch(host).apply()
    assert switched.off == ("mine",)
    assert switched.waiting == {"needing": "the extension guard, which requires it, stays until then"}
    assert host.extensions.active() == ["needing", "guard"]


def test_leaving_out_all_extensions_is_for_the_next_start(site) -> None:
    site.paths.config_file.write_text(json.dumps({"disable_all_extensions": "all"}))
    assert Switch(site).apply().off == ("mine", "needing"), "the user's own go at once"
    assert site.settings.get("disable_all_extensions") == "all"
