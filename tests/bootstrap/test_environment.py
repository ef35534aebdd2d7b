"""What an interrupted install leaves behind is found and taken out, and nothing else."""

import pytest

from bootstrap.environment import clear_damage, damaged_packages


@pytest.fixture
def packages(tmp_path):
    """A package folder with two whole packages."""
    for name in ("alpha", "beta"):
        module, info = tmp_path / name / "__init__.py", tmp_path / f"{name}-1.0.dist-info"
        module.parent.mkdir()
        module.write_text("VALUE = 1\n")
        info.mkdir()
        (info / "METADATA").write_text("Name: x\n")
        (info / "RECORD").write_text(
            f"{name}/__init__.py,sha256=x,10\n{name}/__pycache__/__init__.cpython-311.pyc,,\n{info.name}/METADATA,sha256=y,8\n{info.name}/RECORD,,\n"
        )
    return tmp_path


def test_whole_packages_are_left_alone(packages):
    before = sorted(packages.rglob("*"))
    assert clear_damage(packages) == []
    assert sorted(packages.rglob("*")) == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "alpha-1.0.dist-info" / "RECORD").unlink(),
        lambda folder: (folder / "alpha-1.0.dist-info" / "RECORD").write_text(""),
        lambda folder: (folder / "alpha-1.0.dist-info" / "RECORD").write_text("alpha/__init__.py,sha256"),
        lambda folder: (folder / "alpha" / "__init__.py").write_text("VAL"),
        lambda folder: (folder / "alpha" / "__init__.py").unlink(),
    ],
    ids=["no record", "empty record", "cut record", "cut file", "missing file"],
)
def test_a_package_that_is_not_whole_is_forgotten_so_that_pip_installs_it_again(packages, damage):
    damage(packages)
    assert damaged_packages(packages) == ["alpha"]
    assert clear_damage(packages) == ["alpha"]
    assert not (packages / "alpha-1.0.dist-info").exists()
    assert (packages / "beta-1.0.dist-info" / "RECORD").exists()
    assert damaged_packages(packages) == []


def test_pips_half_moved_folders_are_removed(packages):
    (packages / "~lpha").mkdir()
    clear_damage(packages)
    assert not (packages / "~lpha").exists()
