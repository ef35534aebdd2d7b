"""Face restorers of other extensions: in drawn pictures, in the Extras tab, in lists; and that their absence is said."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from app.api import GenerationRequest, UserError, hookimpl
from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker
from extensions.face_restoration.api import FaceRestorer, RestoreFaces

EXTENSIONS = ("face_restoration", "a1111_api", "a1111_infotext", "samplers", "noise_schedules", "extras_upscale", "upscalers")


class Restorers:
    """Two that invert the picture, the second with a weight."""

    @hookimpl
    def register_face_restorers(self) -> Iterable[FaceRestorer]:
        def load() -> RestoreFaces:
            return lambda image, weight, run: ImageOps.invert(image)

        return [
            FaceRestorer("CodeFormer", load, has_weight=True, order=3000),
            FaceRestorer("GFPGAN", load, folder="models/GFPGAN"),
        ]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _client(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from _client(tmp_path_factory.mktemp("faces"), Restorers())


def _client(folder: Path, *plugins: object) -> Iterator[Any]:
    host = temporary_host(folder, EXTENSIONS)
    for plugin in plugins:
        host.hooks.register("restorers", plugin)
    with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        client.host = host
        yield client


def draw(client: Any, **body: Any) -> Any:
    return client.post("/sdapi/v1/txt2img", json={"prompt": "x", "steps": 1, "seed": 3, "width": 64, "height": 64, **body})


def pixels(answer: Any) -> Any:
    return np.asarray(Image.open(BytesIO(base64.b64decode(answer.json()["images"][0]))).convert("RGB")).astype(int)


def test_without_a_restorer_pictures_are_drawn_and_that_is_remarked_on(bare: Any) -> None:
    answer = draw(bare, restore_faces=True)
    assert answer.status_code == 200
    assert answer.json()["info"].count("Faces were not restored, as restore_faces asks for") == 1
    assert "Face restoration:" not in answer.json()["info"]
    assert "not restored" not in draw(bare).json()["info"]
    assert draw(bare, restore_faces=False).status_code == 200
    answer = draw(bare, override_settings={"face_restoration": True})
    assert answer.status_code == 200
    assert "no installed extension restores faces" in answer.json()["info"]
    assert bare.get("/sdapi/v1/face-restorers").json() == []


def test_drawn_pictures_are_restored_where_that_is_asked_for(client: Any) -> None:
    plain = draw(client)
    for asked in ({"restore_faces": True}, {"override_settings": {"face_restoration": True}}):
        restored = draw(client, **asked)
        assert np.array_equal(pixels(restored), 255 - pixels(plain))
        assert "Face restoration: CodeFormer" in restored.json()["info"]
    other = draw(client, restore_faces=True, override_settings={"face_restoration_model": "GFPGAN"})
    assert "Face restoration: GFPGAN" in other.json()["info"]
    assert "Face restoration" not in plain.json()["info"].replace("face_restoration", "")


def test_a_copy_from_before_is_kept_where_the_setting_says_so(client: Any) -> None:
    settings = {"face_restoration": True, "save_images_before_face_restoration": True}
    assert draw(client, save_images=True, override_settings=settings).status_code == 200
    names = [path.name for path in (client.host.paths.data / "outputs").rglob("*.png")]
    assert any(name.endswith("-before-face-restoration.png") for name in names)


def test_lists_and_blocks(client: Any) -> None:
    assert client.get("/sdapi/v1/face-restorers").json() == [
        {"name": "GFPGAN", "cmd_dir": "models/GFPGAN"},
        {"name": "CodeFormer", "cmd_dir": None},
    ]
    blocks = client.get("/paintbox/v1/extras/operations").json()
    assert [(block["title"], block["elem_id"]) for block in blocks] == [
        ("Upscale", "extras_upscale"),
        ("GFPGAN", "extras_gfpgan"),
        ("CodeFormer", "extras_codeformer"),
    ]
    assert [field["elem_id"] for field in blocks[2]["fields"]] == ["extras_codeformer_visibility", "extras_codeformer_weight"]


def test_finished_pictures_are_mixed_with_the_restored_ones(client: Any) -> None:
    data = BytesIO()
    Image.new("RGB", (8, 8), (200, 100, 0)).save(data, "PNG")
    body = {
        "image": base64.b64encode(data.getvalue()).decode(),
        "gfpgan_visibility": 0.5,
        "codeformer_visibility": 1,
        "codeformer_weight": 0.2,
    }
    answer = client.post("/sdapi/v1/extra-single-image", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["html_info"] == "<p>GFPGAN visibility: 0.5, CodeFormer visibility: 1.0, CodeFormer weight: 0.2</p>"
    made = np.asarray(Image.open(BytesIO(base64.b64decode(answer.json()["image"]))))[0, 0]
    assert np.abs(made.astype(int) - 127).max() <= 1


def test_the_infotext_gives_the_wish_back(client: Any) -> None:
    from extensions.face_restoration.params import FaceRestorationParams

    assert FaceRestorationParams.read_infotext({"Face restoration": "GFPGAN"}, client.host) == {"restore_faces": True}
    assert FaceRestorationParams.read_infotext({}, client.host) == {"restore_faces": False}


def test_finished_pictures_are_answered_without_a_restorer_too(bare: Any) -> None:
    data = BytesIO()
    Image.new("RGB", (8, 8), (200, 100, 0)).save(data, "PNG")
    sent = base64.b64encode(data.getvalue()).decode()
    for path, picture in (("single-image", {"image": sent}), ("batch-images", {"imageList": [{"data": sent, "name": "a.png"}]})):
        answer = bare.post(f"/sdapi/v1/extra-{path}", json={**picture, "gfpgan_visibility": 1, "codeformer_visibility": 0})
        assert answer.status_code == 200, answer.text
        told = answer.json()["html_info"]
        assert "gfpgan_visibility asks for: GFPGAN is not installed" in told and "CodeFormer" not in told


def test_the_axis_of_plots_takes_names_of_restorers_and_words_for_yes_and_no(client: Any, bare: Any) -> None:
    axis = next(each for each in client.host.axes if each.title == "Face restore")
    assert axis.choices() == ["false", "GFPGAN", "CodeFormer"]
    request = GenerationRequest()
    axis.check(request, ["gfpgan", "True", "None"])
    with pytest.raises(UserError, match="no face restorer 'GPFGAN'") as error:
        axis.check(request, ["CodeFormer", "GPFGAN"])
    assert error.value.hint == "There are GFPGAN, CodeFormer, true and false."
    wanted = {value: axis.apply(request, value) for value in ("codeformer", "True", "no")}
    restores = {value: each.params["face_restoration"]["restore_faces"] for value, each in wanted.items()}
    assert restores == {"codeformer": True, "True": True, "no": False}
    assert wanted["codeformer"].settings == {"face_restoration_model": "CodeFormer"} and wanted["True"].settings == {}
    lacking = next(each for each in bare.host.axes if each.title == "Face restore")
    with pytest.raises(UserError, match="no face restorer 'CodeFormer'"):
        lacking.check(request, ["CodeFormer"])
