"""Gains and losses looked at: where movers went, bars, burdens, and what an average hides; by hand where it can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.charts.maps import map_png
from app.charts.village_map import THINNEST_LINE, WIDEST_LINE
from app.people.effects_hidden import hidden_by_types
from app.people.effects_map import MOST_LINES, district_movers, flows_map, movers_of, round_bounds
from app.people.effects_of_plan import PlanEffects, plan_effects
from app.people.effects_parts import DIVISIONS, named_parts, renting_parts
from app.runs.run_folder import Run
from app.web.figures.charts_effects import burden_figure, shares_figure
from app.web.figures.map_payload import STEP_M, map_payload
from envs.people.effects.effects import Flows


@pytest.fixture(scope="module")
def shown(run: Run) -> PlanEffects:
    most = int(run.front["renewed_villages"].argmax())
    return plan_effects(run.resolved, run.plans[most : most + 1], run.plan_ids[most])


def test_movers_by_hand(run: Run) -> None:
    """Thirty villagers and ten tenants leave two villages of a district for zone 2, sixty tenants for zone 0."""
    city = run.resolved.city
    district = int(np.bincount(city.villages.district_idx).argmax())
    first, second, *_ = np.flatnonzero(city.villages.district_idx == district).tolist()
    flows = Flows(
        village_idx=np.array([first, second, second]),
        zone_idx=np.array([2, 2, 0]),
        registered=np.array([20.0, 10.0, 0.0]),
        tenants=np.array([0.0, 10.0, 60.0]),
    )
    movers = movers_of(flows, city, district)
    assert (movers.registered[2], movers.tenants[2], movers.tenants[0], movers.persons.sum()) == (
        30.0,
        10.0,
        60.0,
        100.0,
    )
    places = np.column_stack([city.villages.x_km, city.villages.y_km])[[first, second]] * 1e3
    assert movers.from_m == pytest.approx(0.2 * places[0] + 0.8 * places[1])
    assert district_movers(flows, city)[district] == 100.0
    drawn = flows_map(flows, city, district, "en")
    assert drawn.flows is not None
    assert drawn.flows.persons.tolist() == [60.0, 40.0]
    assert drawn.flows.widths == pytest.approx([WIDEST_LINE, WIDEST_LINE * 2.0 / 3.0])
    assert "100 % of 100 persons" in drawn.note
    assert [int(item.mask.sum()) for item in drawn.classes] == [city.n_zones - 2, 0, 0, 2]
    assert [item.label for item in drawn.classes] == ["< 1", "1 … 5", "5 … 20", "≥ 20"]


def test_bounds_are_round() -> None:
    assert round_bounds(5138.0) == [1.0, 20.0, 100.0, 500.0, 2000.0]
    assert round_bounds(60.0) == [1.0, 5.0, 20.0]
    assert round_bounds(1.5) == [1.0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_browser_and_the_picture_have_the_lines(shown: PlanEffects, language: str) -> None:
    city, flows = shown.model.city, shown.effects.flows
    district = int(district_movers(flows, city).argmax())
    drawn = flows_map(flows, city, district, language)
    assert drawn.flows is not None
    told, ground = map_payload(drawn), drawn.ground
    lines, middle = told["flows"], (ground.window_m[:2] + ground.window_m[2:]) / 2.0
    ends = np.array(lines["to"]).reshape(-1, 2) * STEP_M + middle
    assert ends == pytest.approx(drawn.flows.to_m, abs=STEP_M)
    assert len(lines["texts"]) == len(lines["widths"]) == len(ends) <= MOST_LINES
    assert min(lines["widths"]) >= THINNEST_LINE
    assert (ends >= ground.window_m[:2] - STEP_M).all()
    assert (ends <= ground.window_m[2:] + STEP_M).all()
    assert sum(item.mask.sum() for item in drawn.classes) == city.n_zones
    assert map_png(drawn, language=language) != map_png(replace(drawn, flows=None), language=language)


@pytest.mark.parametrize("division", DIVISIONS)
def test_bars_are_everybody(shown: PlanEffects, division: str) -> None:
    blocks = named_parts(shown.effects, shown.model.city, "zh")[division]
    bars = shares_figure(blocks, "zh").data
    persons = np.concatenate([parts.persons for _, parts in blocks])
    losers = np.concatenate([parts.losers_share for _, parts in blocks])
    assert sum(np.array(bar.x) for bar in bars) == pytest.approx(np.full(np.count_nonzero(persons), 100.0))
    assert np.array(bars[0].x) == pytest.approx(100.0 * losers[persons > 0.0])


def test_burdens_are_of_those_who_rent(shown: PlanEffects) -> None:
    blocks = renting_parts(named_parts(shown.effects, shown.model.city, "en"))
    before, after = (trace for trace in burden_figure(blocks, "en").data if trace.mode == "markers")
    kinds = shown.effects.kinds
    assert before.x[:2] == pytest.approx(100.0 * kinds.rent_burden_before[[1, 3]])
    assert after.x[:2] == pytest.approx(100.0 * kinds.rent_burden_after[[1, 3]])


@pytest.mark.parametrize(
    ("mean", "losers", "named"),
    [
        (100.0, (0.40, 0.10, 0.60), ["all of them (40.0 %)", "tenants (60.0 %)"]),
        (0.0, (0.20, 0.10, 0.34), ["tenants (34.0 %)"]),
        (100.0, (0.30, 0.10, 0.33), []),
        (-1.0, (0.90, 0.90, 0.90), []),
        (np.nan, (np.nan, np.nan, np.nan), []),
    ],
)
def test_what_an_average_hides_by_types(mean: float, losers: tuple[float, float, float], named: list[str]) -> None:
    """Nothing is hidden where the mean loses, or where fewer than a third of everybody do."""
    names = ("losers_share", "losers_share_registered", "losers_share_tenants")
    said = hidden_by_types({"mean_wellbeing_change_cny_per_yr": mean, **dict(zip(names, losers, strict=True))}, "en")
    assert bool(said) == bool(named)
    assert all(name in said for name in named)
    assert said.count("%") == len(named)
