"""The sound comes from the data folder, where there is one; scripts know the settings."""

from __future__ import annotations

from typing import Any

from app.testing.web import running_client


def test_the_users_sound_is_served_and_nothing_else(make_host: Any) -> None:
    host = make_host("notifications")
    with running_client(host) as client:
        assert client.get("/paintbox/v1/notification-sound").status_code == 204
        (host.paths.data / "notification.mp3").write_bytes(b"ID3 tune")
        answer = client.get("/paintbox/v1/notification-sound")
        assert (answer.content, answer.headers["content-type"]) == (b"ID3 tune", "audio/mpeg")
        host.settings.set({"notification_volume": 40})
        known = client.get("/paintbox/v1/page/settings").json()
    assert {key: known[key] for key in ("notification_audio", "notification_volume", "prevent_screen_sleep_during_generation")} == {
        "notification_audio": True,
        "notification_volume": 40,
        "prevent_screen_sleep_during_generation": True,
    }
