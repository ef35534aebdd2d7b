"""A draft comes back when the page is opened: one text with the values by place, whatever the number of controls."""

from __future__ import annotations

import json

from app.testing.web import running_client

PREDICT = "/gradio_api/run/predict"


def test_a_draft_comes_as_one_text_with_values_by_place(make_host):
    host = make_host("txt2img")
    with running_client(host) as client:
        host.jobs.drafts.set("", "txt2img", {"prompt": "a kept prompt", "steps": 33, "gone": 1})
        config = client.get("/config").json()
        load = next(each for each in config["dependencies"] if [target[1] for target in each["targets"]] == ["load"])
        hand_out = next(each for each in config["dependencies"] if "restored" in str(each["js"]))
        answer = client.post(PREDICT, json={"data": [""], "fn_index": load["id"], "session_hash": "mine"}).json()
    told = answer["data"][load["outputs"].index(hand_out["inputs"][0])]
    names = {each["id"]: each["props"].get("elem_id") for each in config["components"]}
    values = {names[hand_out["outputs"][int(place)]]: value for place, value in json.loads(told).items()}
    assert (values["txt2img_prompt"], values["txt2img_steps"]) == ("a kept prompt", 33)
    assert "txt2img_neg_prompt" not in values
    assert not set(load["outputs"]) & {place for place, name in names.items() if name in ("txt2img_prompt", "txt2img_steps")}


def test_a_draft_with_a_number_beyond_64_bits_opens_the_page(make_host):
    host = make_host("txt2img")
    with running_client(host) as client:
        host.jobs.drafts.set("", "txt2img", {"seed": 10**20})
        config = client.get("/config").json()
        load = next(each for each in config["dependencies"] if [target[1] for target in each["targets"]] == ["load"])
        answer = client.post(PREDICT, json={"data": [""], "fn_index": load["id"], "session_hash": "mine"})
    assert answer.status_code == 200 and str(10**20) in answer.text
