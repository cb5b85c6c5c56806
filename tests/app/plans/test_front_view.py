"""Marks, brushes and prices of a front, against what can be computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.plans.front_view import front_view
from app.web.figures.charts_parallel import brushable, brushed_ranges, parallel_figure

FRONT = pd.DataFrame(
    {
        "plan_id": ["p001", "p002", "p003"],
        "net_present_value_cny": [300.0, 200.0, 0.0],
        "mean_commute_km": [17.0, 16.8, 16.7],
        "payback_year": [8.0, np.nan, 12.0],
    }
)
VIEW = front_view(FRONT, ("net_present_value_cny", "mean_commute_km"), {"balanced": "p002", "gone": "p900"})


def test_marks() -> None:
    assert VIEW.naming_marks["best:net_present_value_cny"] == "p001"
    assert VIEW.naming_marks["best:mean_commute_km"] == "p003"
    assert VIEW.naming_marks["knee"] == "p002"
    assert VIEW.marks["p002"] == ["knee", "preset:balanced"]


def test_brush_takes_bounds_in_and_undefined_out() -> None:
    assert VIEW.inside({}).all()
    assert VIEW.inside({"mean_commute_km": (16.7, 16.8)}).tolist() == [False, True, True]
    assert VIEW.inside({"payback_year": (0.0, 100.0)}).tolist() == [True, False, True]


def test_prices_in_natural_units() -> None:
    """From p002: 100 CNY more cost 0.2 km; 0.1 km less cost 200 CNY."""
    prices = {row["improve"]: row for row in VIEW.prices("p002")}
    assert prices["net_present_value_cny"]["plan_id"] == "p001"
    assert prices["net_present_value_cny"]["changes"] == pytest.approx(
        {"net_present_value_cny": 100.0, "mean_commute_km": 0.2}
    )
    assert prices["mean_commute_km"]["changes"] == pytest.approx(
        {"net_present_value_cny": -200.0, "mean_commute_km": -0.1}
    )
    assert {row["improve"]: row["plan_id"] for row in VIEW.prices("p001")}["net_present_value_cny"] is None


def test_natural_units_come_back() -> None:
    assert VIEW.natural(VIEW.F[1]).tolist() == [200.0, 16.8]


def test_a_box_over_an_axis_is_a_range_in_natural_units() -> None:
    """Axes at 0 and 1; the upper half of net present value is 150..300 CNY, whichever corner the drag began at."""
    names = ["net_present_value_cny", "mean_commute_km"]
    upper = {"x": [0.2, -0.2], "y": [1.4, 0.5]}
    assert brushed_ranges(VIEW, names, [upper]) == {"net_present_value_cny": pytest.approx((150.0, 300.0))}
    assert brushed_ranges(VIEW, names, [{"x": [0.3, 0.7], "y": [0.0, 1.0]}]) == {}
    assert set(brushed_ranges(VIEW, names, [{"x": [-0.1, 1.1], "y": [0.2, 0.3]}])) == set(names)
    later = brushed_ranges(VIEW, names, [upper, {"x": [-0.1, 0.1], "y": [0.0, 0.5]}])
    assert later["net_present_value_cny"] == pytest.approx((0.0, 150.0))
    assert VIEW.inside(brushed_ranges(VIEW, names, [upper])).tolist() == [True, True, False]


def test_only_indicators_that_differ_have_an_axis() -> None:
    flat = front_view(FRONT.assign(mean_commute_km=17.0, payback_year=np.nan), ("net_present_value_cny",), {})
    assert brushable(flat, ["mean_commute_km", "payback_year", "net_present_value_cny"]) == ["net_present_value_cny"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_plan_is_one_line_on_the_side_of_the_brush_it_belongs_to(language: str) -> None:
    names = ["net_present_value_cny", "mean_commute_km"]
    ranges = {"net_present_value_cny": (150.0, 300.0)}
    figure = parallel_figure(VIEW, names, ranges, VIEW.inside(ranges), "p002", language)
    drawn = [int(np.isnan(trace.y).sum()) for trace in figure.data if trace.mode == "lines"]
    assert drawn[0] == 1  # p003 is outside
    assert sum(drawn) == 3 + 1  # and the plan in hand once more
    assert len(figure.data[-1].y) == 2 * len(names)
