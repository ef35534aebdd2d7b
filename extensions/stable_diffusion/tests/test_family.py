"""What the web process knows of the families: the counter of tokens, and that nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.api import EncodeOptions


@pytest.mark.parametrize(("prompt", "counted"), [("", (0, 75)), ("a cat", (2, 75)), ("(a cat:1.2)", (2, 75)), ("a " * 76, (76, 150))])
def test_token_counter(families, prompt, counted):
    for family in families.values():
        assert family.count_tokens(prompt) == counted


def test_a_malformed_weight_is_counted_as_text(families):
    for family in families.values():
        assert family.count_tokens("(cat:1.2.3)")[0] > 5
        assert family.count_tokens("(a cat)", EncodeOptions(emphasis="None")) == (4, 75)


def test_families_have_the_native_sizes_of_their_first_models(families):
    sizes = {name: family.native_size_px for name, family in families.items()}
    assert sizes == {"sd1": 512, "sd2": 512, "sdxl": 1024, "sdxl-refiner": 1024}


def test_identifying_and_counting_need_no_torch():
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.api import ModelHeader\n"
        "from extensions import model_recognition, stable_diffusion\n"
        "header = ModelHeader(Path('x.safetensors'), 'safetensors', 1, {})\n"
        "stable_diffusion.identify_model(header=header, host=None), model_recognition.identify_model(header=header, host=None)\n"
        "from extensions.stable_diffusion.family import make_families\n"
        "[family.count_tokens('a cat') for family in make_families()]\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'diffusers', 'transformers', 'numpy')))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
