"""What is measured of a processor is kept, and measured again only when something changed."""

from __future__ import annotations

import json
import time

import pytest

from app import device_speed
from app.contracts import Attention, DeviceFacts
from app.device_speed import DeviceSpeed, measure_device


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache" / "device-speed.json"


@pytest.fixture
def measured(monkeypatch):
    """Counts the measurements, and makes them quick."""
    calls = []

    def measure(device, ways):
        calls.append([way.name for way in ways])
        return DeviceFacts(fast_bfloat16=True, channels_last=True, attention="quick")

    monkeypatch.setattr(device_speed, "measure_device", measure)
    return calls


def _way(name, seconds=0.0):
    def load():
        def attention(query, key, value, mask):
            time.sleep(seconds)
            return query

        return attention

    return Attention(name, name, load)


def test_it_is_measured_once_and_kept(file, measured):
    ways = [_way("plain"), _way("quick")]
    told = []
    speed = DeviceSpeed(file, ways)
    assert speed.facts("cpu", lambda: told.append(1)) == speed.facts("cpu") == DeviceSpeed(file, ways).facts("cpu")
    assert (len(measured), told) == (1, [1])
    assert "torch" in next(iter(json.loads(file.read_text())))


def test_another_way_of_attention_is_measured_anew(file, measured):
    DeviceSpeed(file, [_way("plain")]).facts("cpu")
    DeviceSpeed(file, [_way("plain"), _way("new")]).facts("cpu")
    assert measured == [["plain"], ["plain", "new"]]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}', "null"])
def test_a_broken_file_is_written_anew(file, measured, text):
    file.parent.mkdir()
    file.write_text(text)
    assert DeviceSpeed(file, []).facts("cpu").attention == "quick"
    assert json.loads(file.read_text())


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, measured):
    (tmp_path / "cache").write_text("in the way")
    assert DeviceSpeed(tmp_path / "cache" / "x.json", []).facts("cpu").fast_bfloat16


@pytest.mark.parametrize(("device", "channels_last"), [("mps", False), ("xpu:0", True)])
def test_other_devices_are_not_measured(file, measured, device, channels_last):
    assert DeviceSpeed(file, []).facts(device) == DeviceFacts(fast_bfloat16=False, channels_last=channels_last)
    assert measured == [] and not file.exists()


def test_a_card_is_measured_beside_the_processor_and_both_are_kept(file, measured, monkeypatch):
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: f"card {device}")
    processor_only = Attention("cpu way", "cpu way", lambda: None, supports=lambda device: device == "cpu")
    for _ in range(2):
        speed = DeviceSpeed(file, [processor_only, _way("any")])
        assert speed.facts("cpu").attention == speed.facts("cuda:0").attention == "quick"
    assert measured == [["cpu way", "any"], ["any"]]
    assert any("card cuda:0" in key for key in json.loads(file.read_text()))


def test_the_fastest_attention_is_named(monkeypatch):
    monkeypatch.setattr(device_speed, "TOKENS", 4)
    monkeypatch.setattr(device_speed, "PICTURE", (1, 8, 4, 4))
    facts = measure_device("cpu", [_way("plain", 0.01), _way("slow", 0.03), _way("quick", 0.001)])
    assert facts.attention == "quick"
    assert measure_device("cpu", [_way("plain", 0.01), _way("same", 0.0099)]).attention == "plain"
