"""Targets in words: one of a year is of that year's quantity."""

from __future__ import annotations

from app.words.target_text import parse_target, target_text


def test_the_present_value_of_a_year_is_called_the_cash_flow_that_it_is() -> None:
    whole, of_a_year = (parse_target(f"net_present_value_cny>=1e9{year}") for year in ("", "@5"))
    assert target_text(whole, "en") == "Net present value of the project ≥ 1 bn CNY"
    assert target_text(of_a_year, "en") == "Net cash flow of the year (undiscounted) ≥ 1 bn CNY @ year 5"
    assert target_text(of_a_year, "zh") == "当年净现金流（未折现） ≥ 10 亿元 @ 第5年"


def test_other_indicators_keep_their_name_in_a_year() -> None:
    assert target_text(parse_target("mean_commute_km<=8@3"), "en").startswith("Mean commute")
