"""Levels of a sweep in words, as its table and the titles of its runs have them."""

from __future__ import annotations

from app.sweeps.level_words import level_label


def test_amounts_are_said_with_their_unit() -> None:
    assert level_label("capital_limit_annual_cny", 2.5e10, "en") == "25 bn CNY/yr"
    assert level_label("capital_limit_annual_cny", 25_000_000_000, "zh") == "250 亿元/年"
    assert level_label("facility_ratio.high", 0.25, "zh") == "0.25"
    assert level_label("method", "nsga2", "zh") == "nsga2"
