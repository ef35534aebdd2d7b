"""Recorded infotexts of A1111: read and turned into settings and sampler names."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

import pytest

from app.api import NoiseSchedule, Sampler, UserError
from app.testing.vectors import DEFAULT, vector_cases
from extensions.a1111_infotext.api import LABELS, ReadingSettings, SamplerNames, override_settings, restore
from extensions.a1111_infotext.versions import (
    FULL_PRECISION_ALPHAS,
    HIRES_STYLES,
    NEW_TIMELINES,
    REFINER_BY_SIGMA,
    parse_version,
)
from extensions.styles.api import extract_styles, read_styles

FILE = "infotext.json"
pytestmark = pytest.mark.vectors


def _settings(values: dict[str, Any]) -> ReadingSettings:
    return ReadingSettings.of(values)


@pytest.mark.parametrize("case", vector_cases(FILE, "parse"), ids=itemgetter("id"))
def test_reading(case: dict[str, Any]) -> None:
    options = case.get("options", {})
    styles = read_styles(case.get("styles_csv", ""))
    settings = _settings(options | {"infotext_skip_pasting": case.get("skip_fields", [])})
    fields = restore(
        case["infotext"],
        settings,
        extract_styles=lambda prompt, negative: extract_styles(styles, prompt, negative),
    )
    if "error" in case:  # kinder than the original: the prompts come out as they are, and complain when they are used
        assert str(fields["Prompt"]) in case["infotext"] and str(fields["Negative prompt"]) in case["infotext"]
        return
    assert fields == case["result"]
    assert {key: type(value) for key, value in fields.items()} == {key: type(value) for key, value in case["result"].items()}


@pytest.mark.parametrize("case", vector_cases(FILE, "versions"), ids=lambda case: str(case["version"]))
def test_versions(case: dict[str, Any]) -> None:
    version = parse_version(case["version"])
    if case["parsed"] is None:
        assert version is None
        return
    assert version is not None and str(version) == case["parsed"]
    assert (version < NEW_TIMELINES, version < FULL_PRECISION_ALPHAS) == (case["before_1_6_0"], case["before_1_7_0_225"])
    assert (version < REFINER_BY_SIGMA, version > HIRES_STYLES) == (case["before_1_8_0"], case["after_1_8_0_139"])


@pytest.mark.parametrize("case", vector_cases(FILE, "override_settings"), ids=itemgetter("id"))
def test_override_settings(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(UserError):
            override_settings(case["pairs"])
        return
    result = override_settings(case["pairs"])
    assert result == case["result"]
    assert {key: type(value) for key, value in result.items()} == {key: type(value) for key, value in case["result"].items()}


def test_labels_stand_for_the_recorded_settings() -> None:
    recorded = [tuple(row) for row in vector_cases(FILE, "label_to_setting")]
    if not recorded:
        pytest.skip("no recorded labels")
    assert {(item.label, item.setting, item.default, type(item.default).__name__) for item in LABELS} == set(recorded)


def _sampler_names() -> SamplerNames:
    """All samplers and schedules of A1111, which are more than are installed here."""
    lists = json.loads((DEFAULT / "schedules.json").read_text("utf-8"))
    samplers = [Sampler(row["name"], _never_loaded, tuple(row["aliases"]), row["options"]) for row in lists["samplers"]]
    schedules = [NoiseSchedule(row["name"], row["label"], _never_loaded, tuple(row["aliases"] or ())) for row in lists["schedulers"]]
    return SamplerNames(samplers, schedules)


def _never_loaded() -> Any:
    raise NotImplementedError


@pytest.mark.parametrize("case", vector_cases(FILE, "sampler_names"), ids=itemgetter("id"))
def test_sampler_names(case: dict[str, Any]) -> None:
    names = _sampler_names()
    if "hires" in case:
        assert list(names.pasted_second_pass(case["params"])) == case["hires"]
        return
    assert list(names.pasted(case["sampler"], case["schedule_type"])) == case["pasted"]
    assert list(names.used(case["sampler"], case["schedule_type"])) == case["used_for_generation"]
