"""What this machine computes with, and which PyTorch build fits it."""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TORCH_INDEX = "https://download.pytorch.org/whl/"
USERS_INDEX = "index "
NVIDIA_DRIVER_FILE = "/proc/driver/nvidia/version"
WSL_NVIDIA_SMI = "/usr/lib/wsl/lib/nvidia-smi"
# what the CUDA builds of PyTorch 2.13 need: driver versions and compute capabilities
CUDA_13_DRIVER = 580
CUDA_12_DRIVER = 525
CUDA_13_CAPABILITY = (7, 5)
CUDA_12_CAPABILITIES = ((5, 0), (9, 0))


class Machine(NamedTuple):
    """The questions that are asked of a machine; a test answers them without one."""

    system: str
    """sys.platform: linux, darwin or win32."""
    architecture: str
    variables: Mapping[str, str]
    exists: Callable[[str], bool]
    text_of: Callable[[str], str]
    """Text of a file; empty when there is none."""
    output_of: Callable[[Sequence[str]], str]
    """What a program prints; empty when it is missing or fails."""


class TorchBuild(NamedTuple):
    """One of the builds PyTorch is published in."""

    name: str
    """The local version of its packages, such as cpu or cu130; mps on a Mac; ``index`` and its address where a user named one."""
    why: str
    index_url: str
    """The index that has it; empty where pip's own sources do."""

    @property
    def is_users_choice(self) -> bool:
        """Whether a user named the index, so that any build it has is meant."""
        return self.name.startswith(USERS_INDEX)


class Gpu(NamedTuple):
    """An NVIDIA GPU as nvidia-smi describes it."""

    name: str
    capability: tuple[int, int]
    driver: int


def this_machine() -> Machine:
    """The machine that this runs on."""
    return Machine(sys.platform, platform.machine().lower(), os.environ, os.path.exists, _read, _output)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _output(command: Sequence[str]) -> str:
    import subprocess

    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def accelerator_sign(machine: Machine) -> str:
    """What can be seen of an accelerator without starting a program: each start compares it with the last install's.

    Empty when nothing is seen. The driver's version is part of it, because a newer driver may allow a better build.
    """
    if machine.variables.get("TORCH_INDEX_URL"):
        return USERS_INDEX + machine.variables["TORCH_INDEX_URL"]
    if machine.system == "win32":
        return "nvidia" if machine.exists(_windows_nvidia_smi(machine)) else ""
    if machine.system == "linux":
        driver = machine.text_of(NVIDIA_DRIVER_FILE).partition("\n")[0].strip()
        if driver or machine.exists(WSL_NVIDIA_SMI):
            return f"nvidia {driver}".strip()
        return "amd" if machine.exists("/dev/kfd") and _has_rocm(machine) else ""
    return ""


def choose_build(machine: Machine) -> TorchBuild:
    """The PyTorch build for a machine, and why that one."""
    custom = machine.variables.get("TORCH_INDEX_URL")
    if custom:
        return TorchBuild(USERS_INDEX + custom, f"TORCH_INDEX_URL names {custom}", custom)
    if machine.system == "darwin":
        return _mac_build(machine)
    listing = _nvidia_listing(machine)
    if listing:
        return _cuda_build(listing, machine)
    if machine.system == "linux" and _has_rocm(machine):
        return _rocm_build(machine)
    if machine.system == "linux" and machine.exists("/dev/kfd"):
        return _cpu_build(machine, "there is an AMD GPU but no ROCm; install ROCm and start with --reinstall-torch to use it")
    return _cpu_build(machine, "neither an NVIDIA driver nor ROCm was found")


def _mac_build(machine: Machine) -> TorchBuild:
    if machine.architecture == "arm64":
        return TorchBuild("mps", "this is a Mac with Apple silicon", "")
    return TorchBuild("cpu", "this is a Mac with an Intel processor", "")


def _cpu_build(machine: Machine, why: str) -> TorchBuild:
    # elsewhere than on Linux the package index itself has the CPU build
    return TorchBuild("cpu", why, TORCH_INDEX + "cpu" if machine.system == "linux" else "")


def _rocm_build(machine: Machine) -> TorchBuild:
    listing = machine.output_of(["rocminfo"]) or machine.output_of(["/opt/rocm/bin/rocminfo"])
    names = sorted({word for line in listing.splitlines() for word in line.split() if word.startswith("gfx")})
    if listing and not names:
        return _cpu_build(machine, "ROCm is installed, but rocminfo lists no GPU")
    if machine.architecture != "x86_64":
        return _cpu_build(machine, f"PyTorch has no ROCm build for {machine.architecture}")
    return TorchBuild("rocm7.2", f"ROCm is installed{' and lists ' + ', '.join(names) if names else ''}", TORCH_INDEX + "rocm7.2")


def _has_rocm(machine: Machine) -> bool:
    folders = machine.variables.get("PATH", "").split(os.pathsep)
    return machine.exists("/opt/rocm") or any(machine.exists(f"{folder}/rocminfo") for folder in folders if folder)


def _windows_nvidia_smi(machine: Machine) -> str:
    return machine.variables.get("SystemRoot", r"C:\Windows") + r"\System32\nvidia-smi.exe"


def _nvidia_listing(machine: Machine) -> str:
    """One line per GPU: name, compute capability, driver version."""
    question = ["--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader"]
    places = ["nvidia-smi", _windows_nvidia_smi(machine) if machine.system == "win32" else WSL_NVIDIA_SMI]
    for place in places:
        listing = machine.output_of([place, *question]).strip()
        if listing:
            return listing
    return ""


def read_gpus(listing: str) -> list[Gpu]:
    """The GPUs in nvidia-smi's listing; lines it cannot make sense of are left out."""
    gpus = []
    for line in listing.splitlines():
        parts = [part.strip() for part in line.split(",")]
        major, _, minor = parts[1].partition(".") if len(parts) == 3 else ("", "", "")
        driver = parts[-1].partition(".")[0]
        if major.isdigit() and minor.isdigit() and driver.isdigit():
            gpus.append(Gpu(parts[0], (int(major), int(minor)), int(driver)))
    return gpus


def _cuda_build(listing: str, machine: Machine) -> TorchBuild:
    gpus = read_gpus(listing)
    if not gpus:
        return _cpu_build(machine, f"nvidia-smi did not say what the GPU is ({listing.splitlines()[0][:80]}); a newer driver does")
    gpu = max(gpus, key=lambda each: each.capability)
    found = f"{gpu.name}, driver {gpu.driver}"
    if gpu.capability >= CUDA_13_CAPABILITY and gpu.driver >= CUDA_13_DRIVER:
        return TorchBuild("cu130", found, TORCH_INDEX + "cu130")
    oldest, newest = CUDA_12_CAPABILITIES
    if oldest <= gpu.capability <= newest and gpu.driver >= CUDA_12_DRIVER:
        old = "the GPU" if gpu.capability < CUDA_13_CAPABILITY else "the driver"
        return TorchBuild("cu126", f"{found}; {old} is too old for the CUDA 13 build", TORCH_INDEX + "cu126")
    if gpu.capability < oldest:
        return _cpu_build(machine, f"{found}: this GPU is older than PyTorch supports")
    wanted = CUDA_13_DRIVER if gpu.capability > newest else CUDA_12_DRIVER
    return _cpu_build(machine, f"{found}: PyTorch needs driver {wanted} or newer for it; install that and start again")
