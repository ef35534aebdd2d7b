"""The networks against spandrel's, in every spelling of their files, and files that are refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app.api import ModelFileError, UserError, read_header, write_atomically
from extensions.upscaler_files.layout import layout_of
from extensions.upscaler_files.loaded import load_network

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "spandrel_outputs.json").read_text())
"""Outputs of spandrel 0.4.2 for networks whose weights and inputs are those of ``formula``."""


def formula() -> Any:
    """The module beside, whatever the tests' import mode."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("upscaler_formula", HERE / "formula.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FORMULA = formula()


def weights(case: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in FORMULA.weights_of(case["shapes"]).items()}


def save(path: Path, tensors: dict[str, torch.Tensor], wrapper: str = "") -> Path:
    """As a pickle, the way such files are given away."""
    torch.save({wrapper: tensors} if wrapper else tensors, path)
    return path


def modern(name: str, blocks: int, ups: int) -> str:
    """Real-ESRGAN's spelling of a name of ESRGAN's first code."""
    parts = name.split(".")
    heads = {
        "0": "conv_first",
        str(3 * ups + 2): "conv_hr",
        str(3 * ups + 4): "conv_last",
        **{str(3 * n): f"conv_up{n}" for n in range(1, ups + 1)},
    }
    if parts[1] != "1":
        return f"{heads[parts[1]]}.{parts[-1]}"
    if parts[3] == str(blocks):
        return f"conv_body.{parts[-1]}"
    return ".".join(["body", parts[3], parts[4].lower(), parts[5], parts[-1]])


def trunk(name: str) -> str:
    """BSRGAN's spelling of a name of Real-ESRGAN's."""
    for new, old in (("conv_body", "trunk_conv"), ("conv_up", "upconv"), ("conv_hr", "HRconv"), ("body.", "RRDB_trunk."), ("rdb", "RDB")):
        name = name.replace(new, old)
    return name


def output_of(path: Path, case: dict[str, Any]) -> tuple[Any, Any]:
    network = load_network(str(path), "cpu")
    pixels = torch.from_numpy(FORMULA.picture(*case["size"])).permute(2, 0, 1)[None]
    wanted = np.frombuffer(base64.b64decode(case["output"]), "<f4").reshape(case["shape"])
    return network.module(pixels)[0].permute(1, 2, 0).numpy(), wanted


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_networks_give_what_spandrel_gives(case: dict[str, Any], tmp_path: Path) -> None:
    found, wanted = output_of(save(tmp_path / "net.pth", weights(case)), case)
    assert np.abs(found - wanted).max() < 2e-5
    assert load_network(str(tmp_path / "net.pth"), "cpu").scale == case["shape"][0] // case["size"][0]


@pytest.mark.parametrize("spelling", ["modern", "trunk"])
@pytest.mark.parametrize("case", [case for case in CASES if case["name"] in ("esrgan-old-x4", "real-esrgan-x2")], ids=["x4", "x2"])
def test_later_spellings_are_the_same_network(case: dict[str, Any], spelling: str, tmp_path: Path) -> None:
    renamed = {modern(name, 2, 2): tensor for name, tensor in weights(case).items()}
    if spelling == "trunk":
        renamed = {trunk(name): tensor for name, tensor in renamed.items()}
    found, wanted = output_of(save(tmp_path / "net.pth", renamed, "params_ema"), case)
    assert np.abs(found - wanted).max() < 2e-5


def test_the_averaged_weights_are_taken_where_there_are_both(tmp_path: Path) -> None:
    case = next(case for case in CASES if case["name"] == "compact-x2")
    torch.save({"params": {name: tensor * 2 for name, tensor in weights(case).items()}, "params_ema": weights(case)}, tmp_path / "net.pth")
    found, wanted = output_of(tmp_path / "net.pth", case)
    assert np.abs(found - wanted).max() < 2e-5


def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    torch.save({"some.weight": torch.zeros(3, 3)}, tmp_path / "4x_Other.pth")
    with pytest.raises(UserError, match="4x_Other.pth"):
        load_network(str(tmp_path / "4x_Other.pth"), "cpu")
    assert layout_of(read_header(tmp_path / "4x_Other.pth")) is None


def test_an_architecture_that_needs_spandrel_is_named(tmp_path: Path) -> None:
    torch.save({"params": {"m_head.0.weight": torch.zeros(4, 3, 3, 3)}}, tmp_path / "scunet.pth")
    with pytest.raises(UserError, match="ScuNET|spandrel"):
        load_network(str(tmp_path / "scunet.pth"), "cpu")


def test_missing_tensors_and_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    case = next(case for case in CASES if case["name"] == "esrgan-old-x4")
    tensors = weights(case)
    left = {name: tensor for name, tensor in tensors.items() if name != "model.1.sub.1.RDB2.conv3.0.bias"}
    with pytest.raises(ModelFileError, match=r"broken\.pth.*body\.1\.rdb2\.conv3\.bias"):
        load_network(str(save(tmp_path / "broken.pth", left)), "cpu")
    tensors["model.0.bias"] = torch.full_like(tensors["model.0.bias"], float("nan"))
    with pytest.raises(ModelFileError, match=r"nan\.pth.*NaN"):
        load_network(str(save(tmp_path / "nan.pth", tensors)), "cpu")


def test_a_pickle_that_is_a_program_is_refused(tmp_path: Path) -> None:
    write_atomically(tmp_path / "evil.pth", b"cos\nsystem\n(S'echo bad'\ntR.")
    with pytest.raises(UserError, match=r"evil\.pth"):
        load_network(str(tmp_path / "evil.pth"), "cpu")
