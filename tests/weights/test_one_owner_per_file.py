"""At most one extension may claim a model file, and none of the real-world kinds is left unnamed."""

from __future__ import annotations

import pytest

from app.testing.manifests import manifest_names, read_manifest
from extensions import model_recognition, stable_diffusion


@pytest.mark.vectors
@pytest.mark.parametrize("name", manifest_names())
def test_exactly_one_extension_claims_the_file(name):
    header = read_manifest(name).header
    claims = [extension.identify_model(header=header, host=None) for extension in (stable_diffusion, model_recognition)]
    assert sum(claim is not None for claim in claims) == 1
