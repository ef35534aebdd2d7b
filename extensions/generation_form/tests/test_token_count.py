"""The token counter counts what will be encoded, and needs no torch for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.api import hookimpl
from app.testing.drawing import drawing_host
from app.testing.hosts import temporary_host
from extensions.generation_form.token_count import EMPTY, counted_tokens


@pytest.fixture
def host(tmp_path):
    """A token is a word for the tiny family."""
    (tmp_path / "styles.csv").write_text("name,prompt,negative_prompt\nInk,in black ink,colours\n", encoding="utf-8")
    with drawing_host(tmp_path, "generation_form", "comments", "styles", role="web") as made:
        yield made


@pytest.mark.parametrize(
    ("prompt", "steps", "shown"),
    [
        ("", 20, "0/75"),
        ("a cat", 20, "2/75"),
        ("a " * 76, 20, "76/150"),
        ("a [big red:small:0.5] cat", 20, "4/75"),
        ("a [cat:very large dog:15] here", 10, "3/75"),
        ("a [cat:very large dog:15] here", 20, "5/75"),
        ("a [one|two words] b", 1, "3/75"),
        ("a [one|two words] b", 2, "4/75"),
        ("a b :1.2 AND c d e :0.5 AND f", 20, "3/75"),
        ("a <thing:one two three> b", 20, "2/75"),
        ("a b # c d", 20, "2/75"),
        ("a [b", None, "2/75"),
    ],
)
def test_the_longest_text_counts(host, prompt, steps, shown):
    assert counted_tokens(host, prompt, steps, negative=False) == shown


def test_the_negative_prompt_has_neither_parts_nor_tags(host):
    assert counted_tokens(host, "a AND b <x:c d> :2", 20, negative=True) == "6/75"
    assert counted_tokens(host, "a [b|c d] # e", 20, negative=True) == "3/75"


def test_styles_count(host):
    assert counted_tokens(host, "a cat", 20, negative=False, styles=("Ink", "unknown")) == "5/75"
    assert counted_tokens(host, "blur", 20, negative=True, styles=("Ink",)) == "2/75"


class Wildcards:
    """An extension that puts longer texts into prompts."""

    @hookimpl
    def edit_counted_prompt(self, prompt, negative):
        return prompt if negative else prompt.replace("__colour__", "[deep dark blue|red]")


def test_what_extensions_put_into_prompts_counts(host):
    host.hooks.register("wildcards", Wildcards())
    assert counted_tokens(host, "__colour__ sky", 20, negative=False) == "4/75"
    assert counted_tokens(host, "__colour__ sky", 20, negative=True) == "2/75"


def test_without_a_checkpoint_there_is_nothing_to_count(tmp_path):
    made = temporary_host(tmp_path, ["txt2img"])
    with made.running():
        assert counted_tokens(made, "a cat", 20, negative=False) == EMPTY


def test_counting_needs_no_torch():
    code = (
        "import sys\n"
        "import app.api, extensions.generation_form.token_count\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'diffusers', 'transformers')))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_is_counted_where_the_settings_say_so(host):
    host.settings.set({"disable_token_counters": True})
    assert counted_tokens(host, "a cat", 20, negative=False) == ""
