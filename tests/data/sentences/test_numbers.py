"""Numbers as planners say them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sentences.numbers import chinese_value, read_number

DIGITS, PLACES = "零一二三四五六七八九", ((1000, "千"), (100, "百"), (10, "十"))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("两百五十", 250),
        ("一千二", 1200),
        ("三万五", 35_000),
        ("一百零五", 105),
        ("一千零五十", 1050),
        ("十二", 12),
        ("二点五", 2.5),
        ("一千亿", 1e11),
        ("250亿", 2.5e10),
        ("2.5万", 25_000),
        ("三成", 0.3),
        ("三成五", 0.35),
        ("一成半", 0.15),
        ("百分之十二点五", 0.125),
        ("三分之二", 2 / 3),
        ("一半", 0.5),
        ("1,500", 1500),
        ("two thirds", 2 / 3),
        ("three quarters", 0.75),
        ("a half", 0.5),
        ("twenty five", 25),
        ("one hundred and twenty", 120),
        ("25 billion", 2.5e10),
        ("25bn", 2.5e10),
        ("ten thousand", 10_000),
    ],
)
def test_numbers_by_hand(words: str, value: float) -> None:
    number = read_number(words, 0)
    assert number is not None
    assert number.end == len(words)
    assert number.value == pytest.approx(value)


@pytest.mark.parametrize("words", ["两三", "三五", "二〇三五", "十百", "点五", "a year", "first", "villages"])
def test_what_is_no_clear_number_is_none(words: str) -> None:
    assert read_number(words, 0) is None


def numeral(n: int) -> str:
    """Standard Chinese numeral of 1..9999."""
    words, pending = "", False
    for place, name in PLACES:
        digit, n = divmod(n, place)
        if digit:
            words += ("零" if pending and words else "") + DIGITS[digit] + name
            pending = False
        else:
            pending = bool(words)
    return words + (("零" if pending else "") + DIGITS[n] if n else "")


@given(st.integers(1, 9999))
@settings(max_examples=200, deadline=None)
def test_chinese_numerals_are_read_back(n: int) -> None:
    assert chinese_value(numeral(n)) == n
