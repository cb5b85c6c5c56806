"""Named candidates of a front: each plan once, in one order, with one letter."""

from __future__ import annotations

import pandas as pd

from app.plans.candidates import NOTHING, PICKED, candidates
from app.plans.front_view import front_view

FRONT = pd.DataFrame(
    {
        "plan_id": ["p001", "p002", "p003", "p004"],
        "net_present_value_cny": [300.0, 200.0, 100.0, 0.0],
        "mean_commute_km": [17.0, 16.8, 16.79, 16.7],
    }
)
VIEW = front_view(FRONT, ("net_present_value_cny", "mean_commute_km"), {"balanced": "p002", "commute_first": "p004"})


def test_each_plan_is_named_once_with_all_its_marks() -> None:
    """Best of NPV, best of commute, the knee (200 of 300 at 0.1 of 0.3 km), presets on these, then doing nothing."""
    assert [(item.letter, item.plan_id, item.marks) for item in candidates(VIEW)] == [
        ("A", "p001", ("best:net_present_value_cny",)),
        ("B", "p004", ("best:mean_commute_km", "preset:commute_first")),
        ("C", "p002", ("knee", "preset:balanced")),
        ("D", NOTHING, (NOTHING,)),
    ]


def test_a_picked_plan_is_named_unless_it_is_named_already() -> None:
    picked = candidates(VIEW, picked="p003", nothing=False)
    assert [(item.letter, item.plan_id) for item in picked][-1] == ("D", "p003")
    assert picked[-1].marks == (PICKED,)
    assert candidates(VIEW, picked="p002", nothing=False) == candidates(VIEW, nothing=False)


def test_a_front_of_one_plan_has_one_candidate() -> None:
    alone = front_view(FRONT[:1], VIEW.objectives, {})
    assert {item.plan_id for item in candidates(alone)} == {"p001", NOTHING}
