"""Numbers and tables as printed."""

from __future__ import annotations

import pytest

from app.console import Language, default_language, list_text, table_text, text_width, value_text


@pytest.mark.parametrize(
    ("value", "unit", "language", "text"),
    [
        (1.5e9, "CNY", "en", "1.50 bn CNY"),
        (1.5e9, "CNY", "zh", "15.00 亿元"),
        (1.5e9, "CNY/yr", "zh", "15.00 亿元/yr"),
        (0.12345, "share", "en", "0.1235"),
        (13.25, "km", "en", "13.25 km"),
        (16207.4, "persons", "en", "16,207 persons"),
        (0.9, "-", "en", "0.9"),
        (None, "km", "en", "-"),
        (float("nan"), "km", "en", "-"),
    ],
)
def test_values_carry_their_unit(value: float | None, unit: str, language: str, text: str) -> None:
    assert value_text(value, unit, language) == text


def test_changes_carry_their_sign() -> None:
    assert value_text(2e9, "CNY", signed=True) == "+2.00 bn CNY"
    assert value_text(-0.5, "km", signed=True) == "-0.5 km"


def test_chinese_takes_two_columns() -> None:
    assert text_width("容积率 FAR") == 10
    lines = table_text(("指标", "值"), [("a", "1"), ("平均通勤", "22")]).splitlines()
    assert len({text_width(line) for line in lines}) == 1
    assert list_text([]) == ""


@pytest.mark.parametrize(("locale", "language"), [("zh_CN.UTF-8", "zh"), ("en_US.UTF-8", "en"), ("C", "en")])
def test_language_of_the_environment(locale: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert default_language() is Language(language)
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", locale)
    assert default_language() is Language(language)
