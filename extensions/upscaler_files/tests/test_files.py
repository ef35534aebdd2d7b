"""Files as upscalers: listed while the program runs, by A1111's names, used with tiles, stopped between two tiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import JobStopped, NotFoundError, upscale_by
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl
from app.testing.web import running_client, with_tiny_worker
from extensions.upscaler_files.tiles import enlarge_tiled, spans

NOISE = Image.fromarray(np.random.default_rng(3).integers(0, 256, (72, 52, 3), dtype=np.uint8), "RGB")


def write_compact(path: Path, scale: int = 2, bias: float = 0.0) -> None:
    """A compact network that enlarges to the nearest pixels and adds ``bias``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = {"body.0": (4, 3), "body.2": (4, 4), "body.4": (3 * scale**2, 4)}
    tensors = {f"{name}.weight": torch.zeros(*shape, 3, 3) for name, shape in names.items()}
    tensors |= {f"{name}.bias": torch.zeros(shape[0]) for name, shape in names.items()}
    tensors |= {"body.1.weight": torch.zeros(4), "body.3.weight": torch.zeros(4), "body.4.bias": torch.full((3 * scale**2,), bias)}
    torch.save({"params": tensors}, path)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("upscalers")
    host = temporary_host(folder, ("upscaler_files", "upscalers", "a1111_api", "model_recognition"))
    with_tiny_worker(host)
    with running_client(host) as client:
        client.host = host
        yield client


def names(client: Any) -> list[str]:
    client.host.models.refresh()
    return [each["name"] for each in client.get("/sdapi/v1/upscalers").json()]


def test_a_file_is_offered_as_soon_as_it_lies_there(client: Any) -> None:
    models = Path(client.host.paths.models)
    assert names(client) == ["None", "Lanczos", "Nearest"]
    write_compact(models / "RealESRGAN" / "RealESRGAN_x2plus.pth", 2)
    write_compact(models / "ESRGAN" / "mine.pth", 4)
    write_compact(models / "BSRGAN" / "mine.pth", 3)
    (models / "ESRGAN" / "broken.pth").write_bytes(b"nothing")
    torch.save({"params": {"m_head.0.weight": torch.zeros(4, 3, 3, 3)}}, models / "ESRGAN" / "scunet.pth")
    client.host.models.refresh()
    while any(record.pending for record in client.host.models.records("esrgan")):
        continue
    assert names(client) == ["None", "Lanczos", "Nearest", "BSRGAN/mine.pth", "mine", "R-ESRGAN 2x+"]
    listed = {each["name"]: each for each in client.get("/sdapi/v1/upscalers").json()}
    assert listed["R-ESRGAN 2x+"] == {
        "name": "R-ESRGAN 2x+",
        "model_name": "RealESRGAN_x2plus",
        "model_path": str(models / "RealESRGAN" / "RealESRGAN_x2plus.pth"),
        "model_url": None,
        "scale": 2,
    }
    assert listed["BSRGAN/mine.pth"]["scale"] == 3
    assert [each["name"] for each in client.get("/sdapi/v1/realesrgan-models").json()] == ["R-ESRGAN 2x+"]
    assert client.host.upscalers.find("realesrgan_x2plus").name == "R-ESRGAN 2x+"
    problems = {record.name: record.problem for record in client.host.models.records("esrgan")}
    assert "broken.pth" in problems["broken.pth"]
    assert "spandrel" in problems["scunet.pth"]
    (models / "ESRGAN" / "mine.pth").unlink()
    assert "mine" in names(client), "the other file of that name is called by it now"
    with pytest.raises(NotFoundError, match="gone"):
        client.host.upscalers.get("gone")


def test_tiles_give_the_same_picture_as_the_whole(client: Any) -> None:
    write_compact(Path(client.host.paths.models) / "ESRGAN" / "half.pth", 2, bias=0.4)
    client.host.models.refresh()
    upscaler = client.host.upscalers.get("half")
    whole, tiled = (
        upscale_by(NOISE, 2, upscaler, RecordingRun(client.host, settings={"ESRGAN_tile": tile, "ESRGAN_tile_overlap": 5}))
        for tile in (0, 16)
    )
    expected = np.clip(np.asarray(NOISE).repeat(2, 0).repeat(2, 1).astype(int) + 102, 0, 255)
    crop = np.asarray(whole)
    assert np.abs(crop - expected[: crop.shape[0], : crop.shape[1]]).max() <= 1
    assert np.abs(crop.astype(int) - np.asarray(tiled)).max() <= 1


def test_a_job_is_stopped_between_two_tiles(client: Any) -> None:
    control = ScriptedControl(stop_at=3)
    run = RecordingRun(client.host, {"ESRGAN_tile": 16, "ESRGAN_tile_overlap": 0}, control)
    with pytest.raises(JobStopped):
        upscale_by(NOISE, 2, client.host.upscalers.get("half"), run)
    assert control.checks == 4


def test_transparency_stays(client: Any) -> None:
    picture = NOISE.copy()
    picture.putalpha(Image.linear_gradient("L").resize(NOISE.size))
    made = upscale_by(picture, 2, client.host.upscalers.get("half"), RecordingRun(client.host))
    assert made.mode == "RGBA"
    assert made.getchannel("A").getextrema()[0] < 10


def test_tiles_cover_an_axis_and_share_what_was_asked_for() -> None:
    for length, tile, overlap in ((100, 32, 8), (192, 192, 8), (193, 192, 8), (50, 16, 15), (7, 512, 0)):
        found = spans(length, tile, overlap)
        assert found[0].begin == 0
        assert found[-1].end == length
        assert all(each.end - each.begin == min(tile, length) for each in found)
        assert all(each.shared == before.end - each.begin >= min(overlap, tile - 1) for before, each in zip(found, found[1:], strict=False))


def test_overlaps_are_blended_and_seams_do_not_show() -> None:
    calls = []

    def enlarge(part: Any) -> Any:
        calls.append(part.shape)
        return np.full((part.shape[0] * 2, part.shape[1] * 2, 3), len(calls) % 2, np.float32)

    made = enlarge_tiled(np.zeros((20, 60, 3), np.uint8), 2, 20, 10, enlarge, lambda number, count: None)
    steps = np.abs(np.diff(made[0, :, 0].astype(int)))
    assert len(calls) == 5
    assert made.max() > 200
    assert steps.max() <= 255 / 20 + 1, "each tile fades into the next one"


def test_the_demo_upscaler_beats_lanczos_on_scenes_that_it_has_not_seen() -> None:
    pytest.importorskip("tools.demo_model")
    from extensions.upscaler_files.loaded import load_network
    from tools.demo_model.dataset import sample_scene
    from tools.demo_model.renderer import render

    path = Path(__file__).parents[3] / "models" / "ESRGAN" / "demo-scenes-4x.safetensors"
    assert path.stat().st_size <= 1_000_000
    network = load_network(str(path), "cpu")
    gains = []
    for seed in range(9_000_000, 9_000_012):
        large = render(sample_scene(seed), network.scale)
        small = large.reduce(network.scale)
        pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            made = network.module(pixels)[0].permute(1, 2, 0).clamp(0, 1).mul(255).numpy()
        lanczos = np.asarray(small.resize(large.size, Image.Resampling.LANCZOS))
        gains.append(psnr(made, large) - psnr(lanczos, large))
    assert np.mean(gains) > 2, json.dumps([round(float(gain), 2) for gain in gains])
    assert sum(gain > 0 for gain in gains) >= 10


def psnr(made: Any, wanted: Image.Image) -> float:
    """Decibels."""
    return float(10 * np.log10(255**2 / np.mean((made.astype(np.float64) - np.asarray(wanted)) ** 2)))
