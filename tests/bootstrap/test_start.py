"""webui.py run as people run it, in a copy of the project whose pip installs from nowhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# stands for pip: notes what it is asked for and "installs" one package; while the file "break" exists, it dies in the middle
PIP = """
import os, sys
from pathlib import Path
packages = Path(__file__).parent.parent
with open(packages / "asked", "a") as asked:
    asked.write(" ".join(sys.argv[2:]) + "\\n")
info = packages / "wares-1.0.dist-info"
if not info.exists():
    info.mkdir()
    (packages / "wares.py").write_text("WHOLE = True\\n")
    if (packages / "break").exists():
        (packages / "wares.py").write_text("WHO")
        print("Installing collected packages: wares", flush=True)
        os._exit(1)
    (info / "RECORD").write_text("wares.py,,13\\n")
"""
# stands for Paintbox: tells how it was started
FOLDER_OF_CALL = "import os; print(os.environ['PAINTBOX_CALLED_FROM'], os.getcwd())"
APP = "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), os.getpid(), sys.prefix])); sys.exit(int(os.environ['EXIT']))"
PYTEST = "import sys; print('pytest', sys.argv[1:]); sys.exit(5)"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="makes virtual environments with links")


class Copy:
    """A copy of the project with the stand-ins, and ways to start it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "paintbox"
        self.root.mkdir()
        for name in ("webui.py", "pyproject.toml"):
            shutil.copy(ROOT / name, self.root / name)
        for name in ("bootstrap", "requirements"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "docs" / "command-line.md", self.root / "docs")
        (self.root / "app").mkdir()
        (self.root / "app" / "__main__.py").write_text(APP)
        programs = folder / "programs"
        programs.mkdir()
        (programs / "chromium").symlink_to(sys.executable)
        self.variables = {"PATH": str(programs), "HOME": str(folder), "TORCH_INDEX_URL": "http://127.0.0.1:9/", "EXIT": "0"}
        self.elsewhere = folder

    def make_environment(self) -> None:
        """What ``python -m venv`` makes, with the stand-in for pip."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.root / ".venv"], check=True)
        for name, text in (("pip", PIP), ("pytest", PYTEST)):
            (self.packages / name).mkdir()
            (self.packages / name / "__init__.py").touch()
            (self.packages / name / "__main__.py").write_text(text)

    @property
    def packages(self) -> Path:
        return next(self.root.glob(".venv/lib/python*/site-packages"))

    @property
    def asked(self) -> list[str]:
        """What pip was asked to install so far, by call."""
        asked = self.packages / "asked"
        return asked.read_text().splitlines() if asked.exists() else []

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "paintbox-runtime.json"

    def begin(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(self.root / "webui.py"), *arguments]
        return subprocess.Popen(
            command, cwd=self.elsewhere, env={**self.variables, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def start(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        process = self.begin(*arguments, **variables)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def project(tmp_path):
    copy = Copy(tmp_path)
    copy.make_environment()
    return copy


@pytest.fixture
def installed(project):
    assert project.start().returncode == 0
    (project.packages / "asked").unlink()
    return project


def test_the_first_start_installs_the_pinned_set_and_says_which_torch_and_why(project):
    result = project.start("--port", "7861")
    assert result.returncode == 0, result.stderr
    assert "PyTorch build: index http://127.0.0.1:9/, because TORCH_INDEX_URL names http://127.0.0.1:9/" in result.stdout
    assert "http://127.0.0.1:9/ does not answer" in result.stdout
    pip, torch, rest = project.asked
    assert pip.endswith("pip==26.3")
    assert torch.endswith("torch==2.13.0")
    assert "gradio" in rest
    assert all(" -c " in line for line in (torch, rest))
    assert json.loads(result.stdout.splitlines()[-1])[0] == ["--port", "7861"]


def test_the_second_start_installs_nothing_says_nothing_and_passes_everything_on(installed):
    process = installed.begin("extensions", "new", "my tool", "--listen", EXIT="3")
    out, err = process.communicate(timeout=240)
    arguments, folder, process_id, prefix = json.loads(out)
    assert arguments == ["extensions", "new", "my tool", "--listen"]
    assert folder == str(installed.root)
    assert process_id == process.pid
    assert prefix == str(installed.root / ".venv")
    assert (process.returncode, err, installed.asked) == (3, "", [])


def test_an_interrupted_install_is_repaired_by_the_next_start(project):
    (project.packages / "break").touch()
    broken = project.start()
    assert broken.returncode == 1
    assert "Paintbox cannot start" in broken.stderr
    assert "What to do: start again" in broken.stderr
    assert not project.stamp.exists()
    (project.packages / "break").unlink()
    mended = project.start()
    assert mended.returncode == 0
    assert "wares" in mended.stdout
    assert (project.packages / "wares.py").read_text() == "WHOLE = True\n"
    assert project.stamp.exists()


def test_an_install_that_was_interrupted_leaves_no_older_stamp_behind(installed):
    (installed.root / "requirements" / "runtime.txt").write_text("torch==2.13.0\nnumpy==2.5\n")
    (installed.packages / "wares.py").unlink()
    (installed.packages / "break").touch()
    assert installed.start().returncode == 1
    assert not installed.stamp.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.stamp.unlink(),
        lambda project: project.stamp.write_text("{"),
        lambda project: project.stamp.write_text('{"pins": "other", "python": "cpython-39", "build": "cpu", "machine": ""}'),
        lambda project: (project.root / "requirements" / "runtime.txt").write_text("torch==2.13.0\nnumpy==2.5\n"),
    ],
    ids=["no stamp", "unreadable stamp", "other stamp", "other pins"],
)
def test_a_missing_or_different_stamp_installs_again(installed, change):
    change(installed)
    assert installed.start().returncode == 0
    assert len(installed.asked) == 3
    assert installed.start().returncode == 0
    assert len(installed.asked) == 3


def test_line_endings_of_the_pins_do_not_matter(installed):
    pins = installed.root / "requirements" / "runtime.txt"
    pins.write_bytes(pins.read_bytes().replace(b"\n", b"\r\n"))
    assert installed.start().returncode == 0
    assert installed.asked == []


def test_the_flag_for_a_fresh_torch_installs_it_although_it_is_there_and_reaches_the_app(installed):
    stamp = json.loads(installed.stamp.read_text())
    installed.stamp.write_text(json.dumps({**stamp, "build": "cpu", "machine": "cpu"}))
    torch = installed.packages / "torch-2.13.0+cpu.dist-info"
    torch.mkdir()
    (torch / "RECORD").write_text("torch-2.13.0+cpu.dist-info/RECORD,,\n")
    assert '"--reinstall-torch"' in installed.start("--reinstall-torch").stdout
    assert "--force-reinstall --no-deps torch==2.13.0" in installed.asked[1]
    assert "--force-reinstall" not in installed.asked[2]
    assert len(installed.asked) == 3
    assert installed.start(COMMANDLINE_ARGS="--listen --reinstall-torch").returncode == 0
    assert len(installed.asked) == 6
    assert installed.start().returncode == 0
    assert len(installed.asked) == 6


def test_doctor_ends_with_a_screen_when_the_packages_cannot_be_installed(project):
    (project.packages / "break").touch()
    result = project.start("doctor")
    assert result.returncode == 1
    assert result.stderr == ""
    screen = result.stdout[result.stdout.index("Paintbox in ") :]
    assert f"ok    Python       {sys.version.split()[0]}" in screen
    assert "GB free" in screen
    assert "WRONG .venv        Incomplete packages: wares." in screen
    assert "WRONG packages     pip could not install the packages" in screen
    assert "-> start again" in screen
    assert screen.endswith("2 things are wrong.\n")


def test_doctor_ends_with_a_screen_when_the_checkout_is_incomplete(installed):
    (installed.root / "requirements" / "runtime.txt").unlink()
    screen = installed.start("doctor").stdout
    assert "WRONG packages" in screen and "runtime.txt" in screen and "complete checkout" in screen
    assert "ok    .venv" in screen


@pytest.mark.parametrize("script", ["webui.py", "webui.sh"])
def test_paintbox_hears_where_it_was_called(installed, script):
    (installed.root / "app" / "__main__.py").write_text(FOLDER_OF_CALL)
    shutil.copy(ROOT / "webui.sh", installed.root)
    interpreter = sys.executable if script == "webui.py" else "/bin/bash"
    variables = {**installed.variables, "PATH": os.environ["PATH"], "PYTHON": sys.executable}
    done = subprocess.run(
        [interpreter, installed.root / script], cwd=installed.elsewhere, env=variables, capture_output=True, text=True, timeout=240
    )
    assert done.stdout.split() == [str(installed.elsewhere), str(installed.root)], done.stderr


def test_an_index_that_is_named_later_is_looked_at(installed):
    assert "names http://127.0.0.1:8/" in installed.start(TORCH_INDEX_URL="http://127.0.0.1:8/").stdout
    assert installed.start(TORCH_INDEX_URL="http://127.0.0.1:8/").stdout.count("\n") == 1
    assert installed.start(TORCH_INDEX_URL="").stdout.count("\n") == 1


def test_a_broken_python_in_the_environment_makes_it_anew(installed):
    link = installed.root / ".venv" / "bin" / "python"
    link.unlink()
    link.write_bytes(b"no program at all\n")
    link.chmod(0o755)
    (installed.packages / "old").touch()
    result = installed.start(PIP_NO_INDEX="1", PIP_FIND_LINKS="/nonexistent")
    assert "is damaged or belongs to another Python; making it anew" in result.stdout
    assert not (installed.packages / "old").exists()
    # the new environment has the true pip, which finds nothing in no index
    assert "Paintbox cannot start: pip could not install" in result.stderr
    assert not installed.stamp.exists()


def test_two_starts_at_once_install_one_after_the_other(project):
    import fcntl

    with (project.root / ".venv.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = project.begin()
        assert waiting.stdout.readline() == "Another start of Paintbox is installing; waiting until it has finished.\n"
        assert project.asked == []
    out, _ = waiting.communicate(timeout=240)
    assert waiting.returncode == 0
    assert len(project.asked) == 3


def test_the_word_test_adds_the_test_packages_and_hands_the_rest_to_pytest(installed):
    result = installed.start("test", "-k", "prompt and not slow", "tests/web")
    spread = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    assert result.stdout.splitlines()[-1] == f"pytest {[*spread, '-k', 'prompt and not slow', 'tests/web']}"
    assert result.returncode == 5
    (asked,) = installed.asked
    assert "playwright" in asked
    assert "test.txt" in asked
    assert installed.start("test").stdout == f"pytest {spread}\n"
    assert installed.start("test", "-n", "0", "-x").stdout == "pytest ['-n', '0', '-x']\n"
    assert len(installed.asked) == 1


def test_an_incomplete_checkout_gets_a_sentence(installed):
    (installed.root / "requirements" / "runtime.txt").unlink()
    result = installed.start()
    assert result.returncode == 1
    assert "runtime.txt" in result.stderr
    assert "complete checkout" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_kill_while_installing_ends_pip_and_the_next_start_goes_on(project):
    (project.packages / "pip" / "__main__.py").write_text(
        "import time\nprint('Installing collected packages: wares', flush=True)\ntime.sleep(60)\n"
    )
    process = project.begin()
    while "installing 1 package" not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
    process.terminate()
    out, err = process.communicate(timeout=50)
    assert process.returncode == 130
    assert out.endswith("Stopped. The next start goes on from here.\n")
    assert not project.stamp.exists()
    (project.packages / "pip" / "__main__.py").write_text(PIP)
    assert project.start().returncode == 0


def test_variables_of_a1111_that_mean_nothing_are_named(installed):
    *told, _ = installed.start(VENV_DIR="/elsewhere", REQS_FILE="mine.txt").stdout.splitlines()
    assert [line.partition(":")[0] for line in told] == ["VENV_DIR has no effect", "REQS_FILE has no effect"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["generate", "--help"], ["extensions", "install", "-h"], ["docs", "--help"]])
def test_help_is_there_before_anything_is_installed(project, arguments):
    result = project.start(*arguments)
    assert result.returncode == 0 and project.asked == [], result.stdout
    for part in ("generate", "extensions install", "--port N", "-o, --output FILE", "--lora-dir PATH"):
        assert part in result.stdout
    assert "`" not in result.stdout and "|---" not in result.stdout


def test_help_of_an_installed_copy_is_the_program_s_and_what_follows_two_dashes_asks_for_none(installed):
    assert json.loads(installed.start("generate", "--help").stdout.splitlines()[-1])[0] == ["generate", "--help"]
    installed.stamp.unlink()
    result = installed.start("extensions", "bisect", "--", "tool", "--help")
    assert json.loads(result.stdout.splitlines()[-1])[0] == ["extensions", "bisect", "--", "tool", "--help"]
