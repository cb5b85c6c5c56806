"""Differences between plans, by hand: which way, better or worse, and what nobody would notice."""

from __future__ import annotations

import pytest

from app.plans.differences import BETTER, OTHER, SAME, WORSE, difference, difference_text, measure_spans
from envs.kernel.indicators.registry import INDICATORS


@pytest.mark.parametrize(
    ("value", "against", "span", "sense", "kind", "share"),
    [
        (330.0, 300.0, 200.0, "max", BETTER, 0.15),
        (330.0, 300.0, 200.0, "min", WORSE, 0.15),
        (270.0, 300.0, 200.0, "min", BETTER, -0.15),
        (330.0, 300.0, 200.0, "", OTHER, 0.15),
        (300.9, 300.0, 200.0, "max", SAME, 0.0),  # 0.45 % of the range
        (301.1, 300.0, 200.0, "max", BETTER, 0.0055),
        (900.0, 300.0, 200.0, "max", BETTER, 1.0),  # a bar ends where the range does
        (301.0, 300.0, 0.0, "max", BETTER, 1.0),
        (300.0, 300.0, 0.0, "max", SAME, 0.0),
        (float("nan"), 300.0, 200.0, "max", SAME, 0.0),
    ],
)
def test_by_hand(value: float, against: float, span: float, sense: str, kind: str, share: float) -> None:
    found = difference(value, against, span, sense)
    assert found.kind == kind
    assert found.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("name", "value", "against", "en", "zh"),
    [
        ("mean_commute_km", 17.5, 18.0, "less, better", "少 0.5 公里，更好"),
        ("service_accessibility", 0.75, 0.7, "0.0500 higher, better", "高 0.0500，更好"),
        ("displaced_tenants_share", 0.3, 0.2, "higher, worse", "更差"),
        ("mean_commute_km", 18.0, 18.0, "no noticeable difference", "无明显差别"),
    ],
)
def test_in_words(name: str, value: float, against: float, en: str, zh: str) -> None:
    found = difference(value, against, 1.0, INDICATORS[name].sense)
    for language, said in (("en", en), ("zh", zh)):
        words = difference_text(found, INDICATORS[name], language)
        assert said in words
        assert "+" not in words


def test_anchors_say_the_range_where_there_are_any() -> None:
    assert measure_spans({"a": (1.0, 3.0), "b": (5.0, 6.0)}, {"a": (10.0, 2.0)}) == {"a": 8.0, "b": 1.0}
