"""Zones by persons present: everybody is somewhere, villages count in their zones, pictures and payload agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.charts.maps import map_png
from app.people.day_map import CHANGE_BOUNDS, DENSITY_BOUNDS, STATES, day_map, zone_persons
from app.people.day_of_plan import PlanDay, plan_day
from app.runs.run_folder import Run
from app.web.figures.charts_people import AWAY, away_figure, zone_figure
from app.web.figures.map_payload import map_payload
from envs.people.day.activities import ACTIVITIES, HOURS


@pytest.fixture(scope="module")
def shown(run: Run) -> PlanDay:
    return plan_day(run.resolved, run.plans[:1])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_zone_has_a_class_at_every_hour(shown: PlanDay, state: str, language: str) -> None:
    drawn = day_map(shown, state, language, hour=8)
    frames, n_zones = drawn.frames, shown.resolved.city.n_zones
    assert frames is not None
    assert frames.class_idx.shape == frames.values.shape == (HOURS, n_zones)
    assert len(frames.labels) == HOURS
    assert frames.labels[7].startswith("07:00")
    assert (drawn.class_idx == frames.class_idx[8]).all()
    assert frames.class_idx.max() <= len(CHANGE_BOUNDS if state == "change" else DENSITY_BOUNDS)
    assert "{n}" in frames.value_text
    whole = 0.0 if state == "change" else shown.before.persons.sum()
    assert frames.values.sum(axis=1) == pytest.approx(np.full(HOURS, whole), abs=n_zones)


def test_villages_count_in_their_zones() -> None:
    """Two zones and a village in the second: 5 and 7 + 2 persons."""

    class Small:
        n_zones = 2
        villages = type("V", (), {"zone_idx": np.array([1])})

    found = zone_persons(Small(), np.array([[5.0], [7.0], [2.0]]))  # type: ignore[arg-type]
    assert found.tolist() == [[5.0], [9.0]]


def test_the_browser_and_the_picture_show_the_frames(shown: PlanDay) -> None:
    drawn = day_map(shown, "change", "en")
    assert drawn.frames is not None
    told = map_payload(drawn)
    assert told["marks"] is False
    assert told["frames"]["class_of"] == drawn.frames.class_idx.tolist()
    assert told["class_of"] == told["frames"]["class_of"][told["frames"]["first"]]
    assert told["villages"]["ids"] == shown.resolved.city.zones.zone_id.tolist()
    night = day_map(shown, "before", "en", hour=3)
    assert map_png(night, language="en") != map_png(day_map(shown, "before", "en"), language="en")


def test_charts_show_everybody_who_is_away(shown: PlanDay) -> None:
    assert sorted(activity for activities in AWAY.values() for activity in activities) == sorted(ACTIVITIES)
    assert shown.after is not None
    figure = away_figure(shown, "zh")
    away = sum(np.array(trace.y) for trace in figure.data) * 1e6
    assert away == pytest.approx(shown.after.doing[:-1].sum(axis=0))
    alone = away_figure(replace(shown, after=None, year=None), "en")
    assert sum(np.array(trace.y) for trace in alone.data) * 1e6 == pytest.approx(shown.before.doing[:-1].sum(axis=0))
    lines = zone_figure({state: day.present[0] for state, day in shown.states.items()}, "en").data
    assert np.array(lines[1].y) * 1e3 == pytest.approx(shown.after.present[0])
