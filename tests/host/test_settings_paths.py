"""What a request may say about where pictures go."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.settings_paths import check_requested_path


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("outdir_samples", ""),
        ("outdir_samples", "outputs/mine"),
        ("outdir_txt2img_samples", "log/x"),
        ("outdir_samples", "/pictures"),
        ("outdir_samples", "/pictures/today"),
        ("samples_filename_pattern", "[seed]-[prompt]"),
        ("directories_filename_pattern", "[date]/[seed]"),
    ],
)
def test_places_for_pictures_are_free(key, value):
    check_requested_path(key, value, "/pictures")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("outdir_samples", "requirements"),
        ("outdir_samples", "outputs/../app"),
        ("outdir_samples", "outputs\\..\\app"),
        ("outdir_samples", "/etc"),
        ("outdir_samples", "/pictures/../etc"),
        ("outdir_samples", "~/x"),
        ("outdir_samples", "C:\\x"),
        ("samples_filename_pattern", "../[seed]"),
        ("samples_filename_pattern", "/etc/[seed]"),
        ("directories_filename_pattern", "a/../../b"),
    ],
)
def test_other_places_are_refused_by_their_setting(key, value):
    with pytest.raises(UserError) as caught:
        check_requested_path(key, value, "/pictures")
    assert (caught.value.field, caught.value.status) == (key, 403)
