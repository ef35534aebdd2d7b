"""Each machine gets the PyTorch build that runs on it, and is told why."""

import pytest

from bootstrap.machine import TORCH_INDEX, accelerator_sign, choose_build, this_machine
from tests.bootstrap.machines import machine, with_nvidia

MODERN = "NVIDIA GeForce RTX 4090, 8.9, 580.65.06"


@pytest.mark.parametrize(
    ("listing", "build", "told"),
    [
        (MODERN, "cu130", "RTX 4090"),
        ("NVIDIA GeForce GTX 1080, 6.1, 580.65.06", "cu126", "the GPU is too old for the CUDA 13 build"),
        ("NVIDIA GeForce RTX 3060, 8.6, 550.54.14", "cu126", "the driver is too old for the CUDA 13 build"),
        ("NVIDIA GeForce RTX 3060, 8.6, 470.10", "cpu", "driver 525 or newer"),
        ("NVIDIA GeForce RTX 5090, 12.0, 570.10", "cpu", "driver 580 or newer"),
        ("GeForce GTX 680, 3.0, 580.10", "cpu", "older than PyTorch supports"),
        ("NVIDIA GeForce GTX 1080, 6.1, 580.10\n" + MODERN, "cu130", "RTX 4090"),
        ("something nobody expects", "cpu", "something nobody expects"),
    ],
)
def test_an_nvidia_gpu_gets_the_build_that_its_age_and_driver_allow(listing, build, told):
    chosen = choose_build(with_nvidia(listing))
    assert chosen.name == build
    assert told in chosen.why
    assert chosen.index_url == TORCH_INDEX + build


def test_nvidia_under_windows_and_wsl_is_found_where_the_driver_puts_its_tool():
    windows = machine("win32", "amd64", variables={"SystemRoot": r"D:\Win"}, programs={r"D:\Win\System32\nvidia-smi.exe": MODERN})
    wsl = machine(programs={"/usr/lib/wsl/lib/nvidia-smi": MODERN})
    assert choose_build(windows).name == choose_build(wsl).name == "cu130"


def test_rocm_gets_its_build_where_it_lists_a_gpu():
    gpu = machine(files={"/opt/rocm": "", "/dev/kfd": ""}, programs={"rocminfo": "  Name:    gfx1100\n"})
    assert choose_build(gpu).name == "rocm7.2"
    assert "gfx1100" in choose_build(gpu).why


def test_rocm_in_the_path_counts_as_installed():
    assert choose_build(machine(variables={"PATH": "/usr/bin:/usr/local/rocm"}, files={"/usr/local/rocm/rocminfo": ""})).name == "rocm7.2"


def test_rocm_without_a_gpu_gets_the_cpu_build():
    assert choose_build(machine(files={"/opt/rocm": ""}, programs={"rocminfo": "Name: AMD Ryzen\n"})).name == "cpu"


def test_an_amd_gpu_without_rocm_gets_the_cpu_build_and_the_advice_to_install_rocm():
    chosen = choose_build(machine(files={"/dev/kfd": ""}))
    assert chosen.name == "cpu"
    assert "install ROCm" in chosen.why


@pytest.mark.parametrize(
    ("here", "build", "index"),
    [
        (machine("linux", "x86_64"), "cpu", TORCH_INDEX + "cpu"),
        (machine("linux", "aarch64"), "cpu", TORCH_INDEX + "cpu"),
        (machine("win32", "amd64"), "cpu", ""),
        (machine("darwin", "arm64"), "mps", ""),
        (machine("darwin", "x86_64"), "cpu", ""),
    ],
)
def test_without_a_gpu_only_linux_needs_the_cpu_index(here, build, index):
    chosen = choose_build(here)
    assert (chosen.name, chosen.index_url) == (build, index)


def test_the_index_that_a_user_names_goes_before_everything():
    chosen = choose_build(with_nvidia(MODERN, variables={"TORCH_INDEX_URL": "https://mirror.example/whl/cu130"}))
    assert (chosen.name, chosen.index_url) == ("index https://mirror.example/whl/cu130", "https://mirror.example/whl/cu130")


def test_the_sign_of_an_accelerator_changes_with_its_driver_and_needs_no_program():
    def sign(**more):
        return accelerator_sign(machine(**more))

    old, new = (sign(files={"/proc/driver/nvidia/version": f"NVRM version: {version}\nGCC"}) for version in ("550", "580"))
    assert old == "nvidia NVRM version: 550"
    assert new == "nvidia NVRM version: 580"
    assert sign() == ""
    assert sign(files={"/opt/rocm": "", "/dev/kfd": ""}) == "amd"
    assert sign(files={"/dev/kfd": ""}) == ""
    assert sign(system="win32", files={r"C:\Windows\System32\nvidia-smi.exe": ""}) == "nvidia"
    assert sign(variables={"TORCH_INDEX_URL": "https://mirror.example"}) == "index https://mirror.example"


def test_a_missing_program_and_a_missing_file_are_no_error_on_the_real_machine():
    here = this_machine()
    assert here.output_of(["no-such-program-anywhere"]) == ""
    assert here.text_of("/no/such/file") == ""
    assert choose_build(here).name
