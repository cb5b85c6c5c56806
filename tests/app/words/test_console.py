"""Numbers and tables as printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.words.console import (
    COLUMNS,
    city_note,
    filled,
    list_text,
    synthetic_text,
    table_text,
    text_width,
    unit_text,
    value_text,
    wrapped,
)
from app.words.language import Language, default_language
from data.dictionary import LAYERS, columns
from data.files.cities import embedded_city_names, load_city
from data.parameter_book import load_book
from data.synthesis.city import synthesize_city
from envs.kernel.indicators.registry import INDICATORS


@pytest.mark.parametrize(
    ("value", "unit", "language", "text"),
    [
        (1.5e9, "CNY", "en", "1.500 bn CNY"),
        (1.5e9, "CNY", "zh", "15.00 亿元"),
        (1.5e9, "CNY/yr", "zh", "15.00 亿元/年"),
        (2.422e11, "CNY", "en", "242.2 bn CNY"),
        (2.422e11, "CNY", "zh", "2,422 亿元"),
        (-3.2e6, "CNY", "en", "-3.200 million CNY"),
        (-3.2e6, "CNY", "zh", "-320.0 万元"),
        (-412_000.0, "CNY", "en", "-412,000 CNY"),
        (999.96e6, "CNY", "en", "1,000 million CNY"),
        (0.0, "CNY", "zh", "0 元"),
        (3.218e7, "CNY/km2/yr", "en", "32.18 million CNY/km2/yr"),
        (1_444_000.2, "persons", "zh", "144.4 万人"),
        (1_444_000.2, "persons", "en", "1.444 million persons"),
        (62_000.0, "m2 land", "zh", "6.200 公顷"),
        (62_000.0, "m2 land", "en", "6.200 ha"),
        (8.9e5, "m2", "zh", "89.00 万平方米"),
        (8.9e5, "m2", "en", "890,000 m2"),
        (-0.04982, "1/yr", "en", "-4.98 % a year"),
        (0.0701, "1/yr", "zh", "7.01 %/年"),
        (7.0, "year", "en", "year 7"),
        (7.0, "year", "zh", "第7年"),
        (3.0, "villages", "zh", "3 个村"),
        (0.12345, "share", "en", "12.3 %"),
        (2.0 / 3.0, "share", "zh", "66.7 %"),
        (-1e-9, "share", "en", "0.0 %"),
        (0.12345, "0..1", "en", "0.1235"),
        (13.25, "km", "en", "13.25 km"),
        (16207.4, "persons", "en", "16,207 persons"),
        (380.88, "persons", "en", "381 persons"),
        (2.5, "persons", "en", "2.5 persons"),
        (2.128e-5, "km", "en", "0.000021 km"),
        (-1e-12, "CNY/person/yr", "zh", "0 元/人/年"),
        (0.9, "-", "en", "0.9"),
        (None, "km", "en", "-"),
        (float("nan"), "km", "en", "-"),
    ],
)
def test_values_carry_their_unit(value: float | None, unit: str, language: str, text: str) -> None:
    assert value_text(value, unit, language) == text


def test_changes_carry_their_sign() -> None:
    assert value_text(2e9, "CNY", signed=True) == "+2.000 bn CNY"
    assert value_text(-0.5, "km", signed=True) == "-0.5 km"
    assert value_text(-4.0, "year", "zh", signed=True) == "-4 年"
    assert [value_text(0.0, unit, signed=True) for unit in ("CNY", "km", "0..1")] == ["0 CNY", "0 km", "0.0000"]
    assert value_text(0.064, "share", signed=True) == "+6.4 points"
    assert value_text(-0.000123, "share", "zh", signed=True) == "-0.012 个百分点"
    assert value_text(0.0, "share", signed=True) == "0 points"


def test_chinese_takes_two_columns() -> None:
    assert text_width("容积率 FAR") == 10
    lines = table_text(("指标", "值"), [("a", "1"), ("平均通勤", "22")]).splitlines()
    assert len({text_width(line) for line in lines}) == 1
    assert list_text([]) == ""


UNITS = {indicator.unit for indicator in INDICATORS.values()} | {entry.unit for entry in load_book().values()}
UNITS |= {entry.unit for layer in LAYERS for entry in columns(layer).values()}


@pytest.mark.parametrize("unit", sorted(UNITS - {"-", "1", ""}))
def test_every_unit_has_a_chinese_name(unit: str) -> None:
    assert unit_text(unit, "zh") != unit
    assert "yr" not in value_text(1.5, unit, "zh")


@given(text=st.text(alphabet="abc 通勤优先", min_size=1, max_size=40), width=st.integers(4, 30))
def test_wrapping_keeps_every_letter_and_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    if text_width(text) in (len(text), 2 * len(text)):
        assert max(map(text_width, lines)) <= width


def test_long_headers_take_several_lines() -> None:
    lines = table_text(("quantity", "Service accessibility first"), [("plan", "p001")], header_width=16).splitlines()
    assert [line.split() for line in lines] == [["Service"], ["accessibility"], ["quantity", "first"], ["plan", "p001"]]


def test_notes_on_synthetic_data_fit_the_terminal() -> None:
    shown = synthetic_text({"zones.jobs": "district totals are counted, places are drawn; " * 8}, "zh")
    assert shown.startswith("合成数据：分区的就业岗位：district")
    assert all(text_width(line) <= COLUMNS for line in shown.splitlines())


@pytest.mark.parametrize(("locale", "language"), [("zh_CN.UTF-8", "zh"), ("en_US.UTF-8", "en"), ("C", "en")])
def test_language_of_the_environment(locale: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert default_language() is Language(language)
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", locale)
    assert default_language() is Language(language)


@given(text=st.text(alphabet="abc 通勤，优先。--", min_size=1, max_size=60), width=st.integers(12, 30))
def test_filling_keeps_every_letter(text: str, width: int) -> None:
    lines = filled(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(
        line.startswith(("，", "。")) for line in lines[1:] if "，" not in text[:1] + text and "。" not in text
    )


def test_filling_breaks_chinese_anywhere_and_english_between_words() -> None:
    assert filled("用 --resume 继续 --out 中的搜索，无须其他选项。", 20) == [
        "用 --resume 继续",
        "--out 中的搜索，无须",
        "其他选项。",
    ]
    assert filled("Continue the run in --out.", 12) == ["Continue the", "run in", "--out."]


def test_a_unit_that_nobody_named_stays_as_it_is() -> None:
    assert unit_text("parsec", "zh") == unit_text("parsec", "en") == "parsec"


def test_notes_of_our_cities_are_chinese_on_chinese_pages() -> None:
    for name in embedded_city_names():
        for note in load_city(name).synthetic.values():
            assert city_note(note, "en") == note
            assert city_note(note, "zh") != note, note
    assert city_note("surveyed", "zh") == "surveyed"
    drawn = synthesize_city(2, 1)
    assert all(city_note(note, "zh") != note for note in drawn.synthetic.values())
