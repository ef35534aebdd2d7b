"""The parameters of aesthetic gradients as A1111 wrote them, and the places of their files."""

from __future__ import annotations

from extensions.aesthetic_gradients.params import AestheticParams
from extensions.generation_form.api import read_pasted

INFOTEXT = (
    "a house\nSteps: 28, Sampler: Euler, CFG scale: 12, Seed: 1, Size: 512x512, Aesthetic LR: 0.0005, Aesthetic text: , "
    "Aesthetic slerp: False, Aesthetic steps: 15, Aesthetic weight: 0.9, "
    "Aesthetic embedding: Belle, Aesthetic slerp angle: 0.1, Aesthetic text negative: False"
)


def test_an_infotext_of_a1111_comes_back(make_host):
    host = make_host("aesthetic_gradients", "generation_form", "samplers", "noise_schedules")
    old = host.paths.data / "extensions" / "aesthetic-gradients" / "aesthetic_embeddings"
    missing = read_pasted(INFOTEXT, host)
    assert any("Belle" in problem for problem in missing.problems)
    for folder in (old, host.paths.models):
        folder.mkdir(parents=True, exist_ok=True)
    (old / "Belle.pt").write_bytes(b"not looked into")
    host.models.refresh("aesthetic")
    pasted = read_pasted(INFOTEXT, host)
    prefix = "params.aesthetic_gradients."
    values = {key.removeprefix(prefix): value for key, value in pasted.values.items() if key.startswith(prefix)}
    params = AestheticParams(**values)
    assert params.is_on
    assert params == AestheticParams(embedding="Belle", learning_rate=0.0005, steps=15)
    assert not any("Aesthetic" in problem for problem in pasted.problems)


def test_off_by_default_and_with_the_names_of_nothing():
    assert not AestheticParams().is_on
    assert AestheticParams(embedding="") == AestheticParams(embedding=None) == AestheticParams()
    assert not AestheticParams(embedding="Belle", steps=0).is_on
