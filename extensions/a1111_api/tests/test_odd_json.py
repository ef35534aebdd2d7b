"""Bodies that Python's JSON takes and nobody else's: NaN, numbers without end, half characters."""

from __future__ import annotations

import pytest

from extensions.a1111_api.tests.conftest import Api

ODD = ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"', '["\\ud800"]', '{"\\ud800": NaN}']
BODIES = [
    ("POST", "/sdapi/v1/txt2img", '{"cfg_scale": %s}'),
    ("POST", "/sdapi/v1/txt2img", '{"steps": %s}'),
    ("POST", "/sdapi/v1/txt2img", '{"steps": 1, "override_settings": {"eta_ddim": %s, "samples_filename_pattern": %s}}'),
    ("POST", "/sdapi/v1/txt2img", '{"steps": 1, "script_name": %s}'),
    ("POST", "/sdapi/v1/txt2img", '{"steps": 1, "prompt": %s}'),
    ("POST", "/sdapi/v1/options", '{"eta_ddim": %s}'),
    ("POST", "/sdapi/v1/options", '{"samples_filename_pattern": %s}'),
    ("POST", "/sdapi/v1/options", '{"quicksettings_list": [%s]}'),
    ("POST", "/sdapi/v1/options", '{"s_noise": %s}'),
    ("POST", "/sdapi/v1/options", '{"sd_model_checkpoint": %s}'),
    ("POST", "/sdapi/v1/png-info", '{"image": %s}'),
    ("POST", "/paintbox/v1/jobs", '{"request": {"cfg_scale": %s}}'),
    ("POST", "/paintbox/v1/jobs", '{"request": {"prompt": "x", "sampler": %s}}'),
    ("POST", "/paintbox/v1/jobs", '{"request": {"settings": {"eta_ddim": %s}}}'),
    ("POST", "/paintbox/v1/jobs", '{"request": {"params": {"x": %s}}}'),
    ("POST", "/paintbox/v1/jobs", '{"source": %s, "request": {"steps": "x"}}'),
    ("POST", "/paintbox/v1/jobs", '{"kind": %s}'),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_odd_values_are_refused_with_valid_json(api: Api, method: str, path: str, body: str) -> None:
    for odd in ODD:
        answer = api.client.request(method, path, content=body.replace("%s", odd), headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500, (odd, answer.status_code, answer.text)
        assert answer.json()["detail"]
    assert api.get("options").status_code == 200


@pytest.mark.parametrize("odd", ODD)
def test_a_draft_of_odd_values_harms_nothing(api: Api, odd: str) -> None:
    address = "/paintbox/v1/drafts/odd"
    put = api.client.put(address, content=f'{{"a": {odd}}}', headers={"content-type": "application/json"})
    assert put.status_code in (204, 422)
    assert api.client.get(address).status_code == 200
