"""A folder that was put into ``extensions`` by hand gets its packages at the next start, under the rules of every install."""

from __future__ import annotations

from app.installing.at_start import install_declared
from app.testing.installing import manifest_text, write_files, write_wheel


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
