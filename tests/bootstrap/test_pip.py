"""pip's output becomes a short report, and each of its failures one thing to do."""

from pathlib import Path

import pytest

from bootstrap.pip import PackageNotFoundError, Progress, failure

LOG = Path("/home/somebody/paintbox/.venv/paintbox-pip.log")


def report(capsys, *lines):
    progress = Progress("[2/3] torch")
    for line in lines:
        progress.follow(line)
    return capsys.readouterr().out.splitlines()


def test_large_downloads_and_the_installation_are_told_small_ones_are_not(capsys):
    assert report(
        capsys,
        "Collecting torch==2.13.0\n",
        "  Downloading https://files.example/torch-2.13.0%2Bcu130-cp311-cp311-manylinux_2_28_x86_64.whl (1.2 GB)\n",
        "Progress 5 of 10\n",
        "Downloading sympy-1.14.0-py3-none-any.whl (6.3 MB)\n",
        "Downloading jinja2-3.1.6-py3-none-any.whl (134 kB)\n",
        "Installing collected packages: mpmath, sympy, torch\n",
    ) == ["  [2/3] torch: downloading torch (1.2 GB)", "  [2/3] torch: installing 3 packages"]


def test_a_terminal_sees_how_far_a_download_is(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = "".join(report(capsys, "Downloading sympy-1.14.0-py3-none-any.whl (6.3 MB)\n", "Progress 47 of 100\n"))
    assert "downloading sympy (6.3 MB) 47 %" in shown


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk space"),
        (
            "WARNING: Retrying after connection broken by NewConnectionError(...)\nERROR: No matching distribution found for pip",
            "HTTPS_PROXY",
        ),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...", "PIP_CERT"),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'", "yours"),
        ("ERROR: No matching distribution found for torch==2.13.0", "64-bit Python 3.11-3.14"),
        ("ERROR: something new", "start again"),
    ],
)
def test_a_failure_shows_what_pip_said_and_one_thing_to_do(line, remedy):
    error = failure(["Collecting torch", *line.splitlines()], LOG)
    assert remedy in error.remedy
    assert line.splitlines()[-1] in error.what
    assert str(LOG) in error.what


def test_a_package_that_no_source_has_is_told_apart_from_a_dead_network():
    missing = "ERROR: No matching distribution found for torch==2.13.0+cpu"
    assert isinstance(failure([missing], LOG), PackageNotFoundError)
    assert not isinstance(failure(["NewConnectionError", missing], LOG), PackageNotFoundError)
