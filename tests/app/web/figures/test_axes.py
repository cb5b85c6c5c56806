"""Axes say numbers in the size that they have: 万人, 万平方米, 公顷; and years of a series by their own name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.web.figures.charts_front import axis_title, largest, shown_scale
from app.web.figures.charts_plan import yearly_figure
from app.words.console import axis_scale


@pytest.mark.parametrize(
    ("unit", "most", "language", "expected"),
    [
        ("persons", 250_000.0, "zh", (1e4, "万人")),
        ("persons", 9_999.0, "zh", (1.0, "人")),
        ("persons", 250_000.0, "en", (1.0, "persons")),
        ("persons", 2_500_000.0, "en", (1e6, "million persons")),
        ("m2", 3e6, "zh", (1e4, "万平方米")),
        ("m2", 3e6, "en", (1e6, "million m2")),
        ("m2 land", 3e6, "zh", (1e4, "公顷")),
        ("CNY", 5e6, "zh", (1e8, "亿元")),
        ("km", 12.0, "zh", (1.0, "公里")),
        ("share", 0.4, "en", (0.01, "%")),
        ("1/yr", 0.07, "zh", (0.01, "%/年")),
        ("share", 0.0, "zh", (1.0, "比例")),
        ("persons", float("nan"), "zh", (1.0, "人")),
    ],
)
def test_scale_by_hand(unit: str, most: float, language: str, expected: tuple[float, str]) -> None:
    assert axis_scale(unit, language, most) == expected


def test_the_title_has_the_unit_of_the_numbers() -> None:
    name = "displaced_tenants_persons"
    assert largest([1.0, np.nan, -4.0]) == 4.0
    assert largest([np.nan]) == 0.0
    assert axis_title(name, "zh", 250_000.0) == "外迁租户（全期） [万人] ↓"
    assert shown_scale(name, "zh", 250_000.0)[0] == 1e4


def test_years_are_drawn_in_the_unit_of_their_title() -> None:
    years = pd.DataFrame(
        {"year": [0, 1, 2], "population_after_persons": [0.0, 1e5, 2.5e5], "mean_commute_km": [9.0] * 3}
    )
    figure = yearly_figure(years, ["population_after_persons"], "zh")
    assert [item.text for item in figure.layout.annotations] == ["改造村人口 [万人]"]
    assert list(figure.data[0].y) == [0.0, 10.0, 25.0]
