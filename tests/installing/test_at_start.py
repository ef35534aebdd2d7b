"""A folder that was put into ``extensions`` by hand gets its packages at the next start, under the rules of every install."""

from __future__ import annotations

from app.installing.at_start import install_declared
from app.installing.store import ExtensionStore
from app.testing.installing import manifest_text, pip_environment, write_files, write_wheel


def test_declared_packages_are_installed_and_what_cannot_be_stops_nothing(store, paths, wheels) -> None:
    write_wheel(wheels, "alpha-of-a-test", "1.0")
    needs = {
        "a_conflict": ["pydantic<1"],
        "b_missing": ["not-there-of-a-test"],
        "c_fine": ["alpha-of-a-test", "pydantic"],
        "d_nothing": [],
        "e_off": ["beta-of-a-test"],
        "f_no_requirement": ["--index-url x"],
    }
    for name, dependencies in needs.items():
        files = {"pyproject.toml": manifest_text(name, dependencies=dependencies), "__init__.py": "raise SystemExit"}
        write_files(paths.extensions / name, files)
    write_files(paths.extensions / "sd-foreign", {"scripts/x.py": "", "requirements.txt": "beta-of-a-test"})
    paths.config_file.write_text('{"disabled_extensions": ["e_off"]}')
    assert install_declared(store) == ["c_fine"]
    assert store.packages.installed() == {"alpha-of-a-test": "1.0"}
    assert not list(paths.quarantine.iterdir())


def test_without_a_network_the_start_goes_on_after_one_try(paths) -> None:
    for name in ("mine", "other"):
        text = manifest_text(name, dependencies=["alpha-of-a-test"])
        write_files(paths.extensions / name, {"pyproject.toml": text, "__init__.py": ""})
    nowhere = {**pip_environment(paths.data), "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "https://127.0.0.1:9/simple", "PIP_FIND_LINKS": ""}
    store = ExtensionStore(paths, environment=nowhere)
    plan = store.plan_packages("mine")
    assert plan.is_offline and plan.refusals == ("The package index could not be reached, so alpha-of-a-test cannot be had now.",)
    assert install_declared(store) == []
