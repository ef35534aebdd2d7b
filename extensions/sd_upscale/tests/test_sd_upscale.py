"""A picture is enlarged, its tiles are drawn, and what comes out is one picture whose tiles are those that img2img draws."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, ScriptRequest, TileGrid, UserError, params_of_arguments, parse_infotext
from app.testing.drawing import drawing_host, pixels_of, put_picture
from app.testing.runs import RecordingRun, ScriptedControl, draw
from extensions.sd_upscale.params import UpscaleParams

FIELDS = {"prompt": "tree", "steps": 2, "sampler": "Euler", "width": 64, "height": 64, "seed": 7}
ORIGINAL = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 72, 3), dtype=np.uint8))


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "sd_upscale", "a1111_infotext") as made:
        yield made


def request(host, picture=ORIGINAL, own=None, **fields):
    start = {"init_images": [put_picture(host, picture)], "denoising_strength": 0.5, **(own or {})}
    return GenerationRequest.model_validate({**FIELDS, **fields, "params": {"img2img": start}})


def run(host, asked, control=None, **params):
    kind = host.job_kinds.get("script")
    job = ScriptRequest(script="sd_upscale", form="img2img", request=asked, params=params)
    kind.check(job)
    return kind.run(RecordingRun(host, None, control), job)


def test_the_tiles_are_those_that_img2img_draws(host):
    (image,) = run(host, request(host), overlap=16, upscaler_index="Nearest").images
    assert (image.width_px, image.height_px, image.kind, image.seed) == (144, 128, "sample", 7)
    assert "SD upscale overlap: 16, SD upscale upscaler: Nearest, SD upscale factor: 2, Script: SD upscale" in image.infotext
    assert UpscaleParams.model_validate(UpscaleParams.read_infotext(parse_infotext(image.infotext), host)).overlap == 16
    enlarged = ORIGINAL.resize((144, 128), Image.Resampling.NEAREST)
    grid, tiles = TileGrid((144, 128), (64, 64), 16), []
    assert grid.columns == (0, 40, 80) and grid.rows == (0, 32, 64)
    for number, tile in enumerate(grid.cut(enlarged)):
        alone = draw(RecordingRun(host), request(host, tile, seed=7 + number))
        tiles.append(Image.open(alone.images[0].path).convert("RGB"))
    assert np.array_equal(pixels_of(image), np.asarray(grid.joined(tiles)))


def test_batches_and_rounds(host):
    first, second = run(host, request(host, batch_size=4, batch_count=2), overlap=16, upscaler_index="Nearest").images
    assert (first.seed, second.seed) == (7, 8) and not np.array_equal(pixels_of(first), pixels_of(second))
    one, two = (draw(RecordingRun(host), request(host, tile, seed=7 + place)) for place, tile in enumerate(_tiles()[:2]))
    assert np.array_equal(pixels_of(first)[:32, :40], pixels_of(one.images[0])[:32, :40])
    assert np.array_equal(pixels_of(first)[:32, 64:80], pixels_of(two.images[0])[:32, 24:40])


def _tiles():
    return TileGrid((144, 128), (64, 64), 16).cut(ORIGINAL.resize((144, 128), Image.Resampling.NEAREST))


def test_without_an_upscaler_and_with_large_tiles_it_is_img2img(host):
    (image,) = run(host, request(host, width=512, height=512)).images
    alone = draw(RecordingRun(host), request(host, width=72, height=64))
    assert np.array_equal(pixels_of(image), pixels_of(alone.images[0]))


def test_only_the_result_is_saved(host):
    run(host, request(host), overlap=16, upscaler_index="Lanczos")
    files = [path for path in host.paths.outputs.rglob("*") if path.suffix == ".png"]
    assert len(files) == 1 and Image.open(files[0]).size == (144, 128)


def test_an_interrupt_leaves_the_other_tiles_as_they_were_enlarged(host):
    (image,) = run(host, request(host), ScriptedControl(stop_at=12), overlap=16, upscaler_index="Nearest").images
    enlarged = np.asarray(ORIGINAL.resize((144, 128), Image.Resampling.NEAREST))
    assert np.array_equal(pixels_of(image)[-32:, -32:], enlarged[-32:, -32:])
    assert not np.array_equal(pixels_of(image)[:32, :32], enlarged[:32, :32])


def test_arguments_as_clients_send_them(host):
    script = host.scripts.find("SD upscale")
    given = params_of_arguments(script, [None, 32, 2, 1.5], host, "img2img")
    assert given == {"info": None, "overlap": 32, "upscaler_index": "Nearest", "scale_factor": 1.5}


@pytest.mark.parametrize(
    ("fields", "params", "told"),
    [
        ({"own": {"init_images": []}}, {}, "no picture"),
        ({"own": {"outpaint_up": 8}}, {}, "cannot be combined"),
        ({}, {"overlap": 64}, "cannot overlap by 64"),
        ({}, {"upscaler_index": "Latent"}, "no upscaler of pictures 'Latent'"),
        ({}, {"scale_factor": 9}, "Scale Factor"),
    ],
)
def test_what_cannot_be_is_refused(host, fields, params, told):
    with pytest.raises(UserError, match=told):
        run(host, request(host, **fields), **params)


@pytest.mark.parametrize(("size", "tile", "overlap"), [((100, 40), (64, 64), 16), ((64, 64), (64, 64), 0), ((1000, 300), (120, 96), 40)])
def test_tiles_cut_and_joined_are_the_picture(size, tile, overlap):
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    grid = TileGrid(size, tile, overlap)
    assert np.abs(np.asarray(grid.joined(grid.cut(picture))).astype(int) - np.asarray(picture)).max() <= 1
    assert all(later - earlier <= tile[0] - overlap for earlier, later in zip(grid.columns, grid.columns[1:], strict=False))
