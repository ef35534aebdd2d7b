"""The rows of the panel as values: as text and list, from A1111's script arguments, from infotexts of the old extension."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from safetensors.numpy import save_file

from app.api import parse_infotext
from app.testing.web import running_client
from extensions.additional_networks.params import AdditionalNetworksParams
from extensions.generation_form.api import read_pasted

ROW = {"model": "style", "unet": 0.8, "text_encoder": 0.5, "blocks": "", "enabled": True}


def test_rows_are_a_list_or_its_text():
    as_list = AdditionalNetworksParams(networks=[{"model": "style", "unet": 0.8, "text_encoder": 0.5}])
    as_text = AdditionalNetworksParams(networks='[{"model":"style", "unet":0.8, "text_encoder":0.5}]')
    assert as_list == as_text
    assert [row.model_dump() for row in as_list.rows] == [ROW]
    assert AdditionalNetworksParams(networks="[]") == AdditionalNetworksParams(networks=[]) == AdditionalNetworksParams()


@pytest.mark.parametrize("rows", ["{", "3", '[{"model": 3}]', '[{"unet": 99}]', [{"modle": "x"}], '[{"unet": NaN}]'])
def test_wrong_rows_are_refused(rows):
    with pytest.raises(ValidationError):
        AdditionalNetworksParams(networks=rows)
    with pytest.raises(ValidationError, match="row 2.unet"):
        AdditionalNetworksParams(networks=[ROW, {"unet": "much"}])


def test_arguments_of_the_script():
    arguments = [True, True, "LoRA", "style(0123456789ab)", 0.8, 0.5, "LoRA", "None", 0, 0, "LoRA", None, 1, 1, None]
    params = AdditionalNetworksParams(**AdditionalNetworksParams.from_script(arguments))
    assert [(row.model, row.unet, row.text_encoder) for row in params.used] == [("style(0123456789ab)", 0.8, 0.5)]
    assert AdditionalNetworksParams(**AdditionalNetworksParams.from_script([True])).used == ()
    same = AdditionalNetworksParams(**AdditionalNetworksParams.from_script([True, False, "LoRA", "style", 0.8, 0.5]))
    assert same.used[0].text_encoder == 0.8


def test_an_infotext_of_the_old_extension_comes_back(make_host):
    host = make_host("additional_networks", "generation_form", "samplers", "noise_schedules")
    text = (
        "a house\nSteps: 20, Sampler: Euler, CFG scale: 7, AddNet Enabled: True, AddNet Module 1: LoRA, "
        "AddNet Model 1: some style(0123456789ab), AddNet Weight A 1: 0.7, AddNet Weight B 1: 0.6, "
        "AddNet Module 3: LoRA, AddNet Model 3: other(ba9876543210), AddNet Weight A 3: 1"
    )
    pasted = read_pasted(text, host)
    params = AdditionalNetworksParams(
        **{key.rpartition(".")[2]: value for key, value in pasted.values.items() if key.startswith("params.additional_networks.")}
    )
    assert (params.enabled, params.separate_weights) == (True, True)
    assert [(row.model, row.unet, row.text_encoder) for row in params.used] == [
        ("some style(0123456789ab)", 0.7, 0.6),
        ("other(ba9876543210)", 1, 1),
    ]
    assert not any("AddNet" in problem for problem in pasted.problems)
    assert isinstance(pasted.values["params.additional_networks.networks"], str)
    nothing = AdditionalNetworksParams.read_infotext(parse_infotext("a\nSteps: 20, Sampler: Euler, CFG scale: 7"), host)
    assert nothing == {"enabled": False, "separate_weights": False, "networks": []}


def test_the_panel_is_told_what_there_is(make_host):
    host = make_host("additional_networks")
    folder = host.paths.models / "Lora" / "people"
    folder.mkdir(parents=True)
    with running_client(host) as client:
        assert client.get("/paintbox/v1/additional-networks").json()["models"] == []
        save_file({"lora_unet_conv_in.alpha": np.ones(1)}, str(folder / "tom.safetensors"))
        listed = client.post("/paintbox/v1/additional-networks/refresh").json()
    assert listed["models"] == ["people/tom"]
    assert {"NONE", "OUTALL"} <= set(listed["presets"])
