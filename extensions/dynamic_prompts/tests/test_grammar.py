"""What templates become: every construct, what stays text, and that nothing hostile takes long or fails."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api import JobStopped, UserError, parse_attention
from app.testing.growth import MOST_GROWTH, growth
from extensions.dynamic_prompts.choosing import EveryChoice, SeededChooser
from extensions.dynamic_prompts.grammar import parse
from extensions.dynamic_prompts.resolving import Resolver
from extensions.dynamic_prompts.weights import Weights


class Lists:
    """Wildcards in memory."""

    def __init__(self, **texts):
        self.texts = texts

    def find(self, pattern):
        return [pattern] if pattern in self.texts else []

    def values(self, name):
        return tuple(self.texts[name])


COLORS = Lists(
    color=["red", "green", "blue"],
    dress=["__color__ dress", "3::{long|short} skirt"],
    weather=["${season} rain"],
    me=["__me__"],
    many=["__many__ __many__"],
    grow=["x" * 1000 + " __grow__ __grow__"],
    none=[],
)


def resolve(template, seed=1, number=0, lists=COLORS):
    resolver = Resolver(lists)
    return resolver.resolve(template, SeededChooser(seed, number)), list(resolver.remarks)


def every(template, lists=COLORS):
    resolver, chooser, found = Resolver(lists), EveryChoice(), []
    while True:
        found.append(resolver.resolve(template, chooser))
        if not chooser.advance():
            return found


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("a {red|green} cat", ["a red cat", "a green cat"]),
        ("{a|}b", ["ab", "b"]),
        ("{a|{b|c}}", ["a", "b", "c"]),
        ("{very |}big", ["very big", "big"]),
        ("{2$$a|b|c}", ["a, b", "a, c", "b, c"]),
        ("{2$$ and $$a|b|c}", ["a and b", "a and c", "b and c"]),
        ("{1-2$$+$$a|b}", ["a", "b", "a+b"]),
        ("{-2$$a|b|c}", ["a", "b", "c", "a, b", "a, c", "b, c"]),
        ("{2-$$a|b|c}", ["a, b", "a, c", "b, c", "a, b, c"]),
        ("{0-1$$a|b}x", ["x", "ax", "bx"]),
        ("{9$$ a | b }", ["a, b"]),
        ("__color__ hat", ["red hat", "green hat", "blue hat"]),
        ("__dress__", ["red dress", "green dress", "blue dress", "long skirt", "short skirt"]),
        ("{2$$__color__}", ["red, green", "red, blue", "green, blue"]),
        ("{2$$__color__|pink}", ["red, pink", "green, pink", "blue, pink"]),
        ("${c=!{a|b}}${c} and ${c}", ["a and a", "b and b"]),
        ("${c={a|b}}${c} and ${c}", ["a and a", "a and b", "b and a", "b and b"]),
        ("${c:{a|b}}", ["a", "b"]),
        ("__weather(season={summer|winter})__", ["summer rain", "winter rain"]),
        ("{[a|b]|c} [d|e]", ["[a|b] [d|e]", "c [d|e]"]),
        ("({a|b}:1.2) <lora:{x|y}:1>", ["(a:1.2) <lora:x:1>", "(a:1.2) <lora:y:1>", "(b:1.2) <lora:x:1>", "(b:1.2) <lora:y:1>"]),
        (r"\{a|b\} {c|d}", ["{a|b} c", "{a|b} d"]),
        ("[__color__:cat:0.5]", ["[red:cat:0.5]", "[green:cat:0.5]", "[blue:cat:0.5]"]),
    ],
)
def test_all_that_a_template_can_become(template, texts):
    assert every(template) == texts
    words = {tuple(sorted(re.findall(r"\w+", text))) for text in texts}  # chance also changes the order of several
    assert {tuple(sorted(re.findall(r"\w+", resolve(template, seed)[0]))) for seed in range(60)} == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a cat",
        "{prompt}, ink",
        "{{word}}",
        "{a",
        "b}",
        "a|b",
        "[a|b|c]",
        "{}",
        "${",
        "$5 {coin}",
        "a_b__c",
        "__ x __",
        "(a:1.2)\\(b\\)",
        "{[a|b]}",
        "\\",
    ],
)
def test_what_stays_text(text):
    assert resolve(text) == (text, [])
    assert every(text) == [text]


def test_weights():
    counts = Counter(resolve("{9::a|b|0::c}", seed)[0] for seed in range(2000))
    assert set(counts) == {"a", "b"} and 0.87 < counts["a"] / 2000 < 0.93
    lines = Counter(resolve("__dress__", seed)[0].endswith("skirt") for seed in range(1000))
    assert 0.70 < lines[True] / 1000 < 0.80


def test_the_seed_decides_and_nothing_else():
    template = "{a|b|c|d} {2$$x|y|z} __dress__"
    assert resolve(template, 7) == resolve(template, 7) == resolve(template, 7, number=3)
    assert len({resolve(template, seed)[0] for seed in range(50)}) > 30


def test_the_choices_of_a_seed_stay_those_of_older_versions():
    assert [resolve("{a|b|c|d|e} {2$$x|y|z}", seed)[0] for seed in (0, 1, 12345)] == FIRST_CHOICES


FIRST_CHOICES = ["c x, z", "e x, z", "d y, z"]


def slow_several(weights, count, chance):
    """One after the other, each time looking through what is left."""
    left, taken = list(range(len(weights))), []
    for _ in range(count):
        share, total = chance.random(), sum(weights[place] for place in left)
        if total == 0:
            taken.append(left.pop(int(share * len(left))))
            continue
        sums = accumulate(weights[place] for place in left)
        taken.append(left.pop(next(number for number, reached in enumerate(sums) if reached > share * total)))
    return taken


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 10**6))
def test_several_are_those_that_a_plain_search_finds(weights, count, seed):
    count, chance = min(count, len(weights)), random.Random(f"dynamic prompts {seed}")
    chance.random()
    found = SeededChooser(seed).several(Weights(weight / 4 for weight in weights), (count, count))
    assert found == slow_several(weights, count, chance) and len(set(found)) == count


def test_many_of_a_long_list_are_chosen_without_going_through_it_for_each():
    def choose(text):
        SeededChooser(1).several(Weights([1.0] * len(text)), (len(text) // 50,) * 2)

    assert growth(choose, "x") < MOST_GROWTH


def test_somebody_who_waits_no_longer_ends_it():
    def check():
        raise JobStopped("cancel")

    with pytest.raises(JobStopped):
        Resolver(COLORS, check).resolve("__color__", SeededChooser(1))


def test_one_after_the_other():
    assert [resolve("{@a|b|c} __@color__", 5, number)[0] for number in range(4)] == ["a red", "b green", "c blue", "a red"]


@pytest.mark.parametrize(
    ("template", "text", "named"),
    [
        ("a __nothing__ cat", "a __nothing__ cat", "'nothing'"),
        ("{__nothing__|__nothing__}", "__nothing__", "'nothing'"),
        ("{2$$__nothing__}", "__nothing__", "'nothing'"),
        ("__none__", "__none__", "no texts"),
        ("${x} cat", "${x} cat", "${x}"),
        ("__me__", "__me__", "again and again"),
        ("${a=${b}}${b=${a}}${a}", "${a}", "again and again"),
    ],
)
def test_what_cannot_be_resolved_is_left_and_named(template, text, named):
    resolved, remarks = resolve(template)
    assert resolved == text or resolved in ("${a}", "${b}")
    assert len({remark for remark in remarks if named in remark}) >= 1


def test_wildcards_that_double_come_to_an_end():
    text, remarks = resolve("__many__")
    assert 1000 < len(text) < 100_000 and "__many__ asks for itself" in remarks[0]
    with pytest.raises(UserError, match="longer than"):
        resolve("__grow__")


def test_deep_nesting_is_text_in_the_end():
    text, _ = resolve("{x|" * 500 + "a" + "}" * 500, seed=3)
    assert len(text) < 3000
    parse("{" * 20_000), parse("[" * 20_000), parse("${a=" * 5_000 + "}" * 5_000)


@pytest.mark.parametrize("unit", ["{", "}", "{a|b}", "{2$$a|b}", "__", "__a__", "_", "${a=b}", "{[a|", "\\{", "{2$$", "$$", "__a b "])
def test_the_work_grows_with_the_length_alone(unit):
    assert growth(parse, unit) < MOST_GROWTH


PIECES = st.sampled_from(
    [
        "{",
        "}",
        "|",
        "$$",
        "2$$",
        "1-2$$ & $$",
        "__color__",
        "__me__",
        "__x__",
        "__",
        "${a=",
        "${a}",
        "=!",
        "[",
        "]",
        "(",
        ")",
        ":1.2",
        "\\",
        "::",
        "3::",
        "@",
        "~",
        "a",
        " ",
        ", ",
        "<lora:a:1>",
        "AND",
        "é",
        "\n",
        "$",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), st.integers(-1, 2**63))
def test_any_text_is_resolved_the_same_way_twice(template, seed):
    first, remarks = resolve(template, seed)
    assert resolve(template, seed) == (first, remarks)
    assert len(first) < 100_000
    if not re.search(r"[{_$\\]", template):
        assert first == template
    try:
        before = parse_attention(template)
    except UserError:
        return
    assert isinstance(before, list)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_chance_finds_nothing_that_is_not_among_all(template):
    resolver, chooser, found = Resolver(Lists(color=["red", "green"])), EveryChoice(), set()
    for _ in range(300):
        found.add(resolver.resolve(template, chooser))
        if not chooser.advance():
            break
    else:
        return
    if "$$" not in template:
        assert all(resolve(template, seed, lists=Lists(color=["red", "green"]))[0] in found for seed in range(8))
