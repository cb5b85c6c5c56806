"""The catalogue: both languages, the same places, every key used and every used key there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from app.web.figures.plan_map_classes import COLORINGS
from app.words.markup import chart_text, plain
from data.catalogue import catalogue, text
from envs.kernel.indicators.registry import INDICATORS

HOUSE = Path(__file__).resolve().parents[2]
FOLDERS = ("data", "envs", "agents", "optimizers", "app")
_CALL = re.compile(r"""(?:say|text|spoken|message|(?<![.\w])refuse)\(\s*(f?)"([a-z0-9_{}.]*)""")


def places(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_say_the_same(key: str) -> None:
    entry = catalogue()[key]
    assert set(entry) == {"zh", "en"}
    assert all(words.strip() for words in entry.values())
    assert places(entry["zh"]) == places(entry["en"])


def code() -> str:
    """Of everything that speaks the catalogue's texts."""
    return "\n".join(path.read_text(encoding="utf-8") for name in FOLDERS for path in (HOUSE / name).rglob("*.py"))


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    for formatted, key in _CALL.findall(code()):
        if not formatted and key and not key.endswith("_"):
            assert key in catalogue()
        elif key:
            prefix = key.partition("{")[0]
            assert any(known.startswith(prefix) for known in catalogue()), key


def test_every_key_in_the_catalogue_is_used() -> None:
    source = code()
    prefixes = {key.partition("{")[0] for formatted, key in _CALL.findall(source) if formatted or key.endswith("_")}
    for key in catalogue():
        if key.startswith("refusal_") or key.split(".")[0] in INDICATORS:
            continue
        assert re.search(f"[\"']{key}[\"']", source) or any(prefix and key.startswith(prefix) for prefix in prefixes), (
            key
        )


def test_chinese_is_chinese() -> None:
    words = [entry["zh"] for entry in catalogue().values()]
    assert all(
        re.search(r"[一-鿿]", word)
        for word in words
        if re.search(r"[a-z]{4}", re.sub(r"\{\w+\}|renewal|GeoPackage|YAML", "", word))
    )


def test_colorings_have_names() -> None:
    assert [text(f"coloring_{name}", "zh") for name in COLORINGS]


HOSTILE = "![x](http://example.org/x.png) <script>alert(1)</script> `[a](b)` $x$ **b** :red[c]"


def test_hostile_names_stay_text() -> None:
    escaped = plain(HOSTILE)
    assert re.search(r"(?<!\\)[\[\]<>`$*!:]", escaped) is None
    assert "<" not in chart_text(HOSTILE)
    assert plain("朝阳区") == "朝阳区"
