"""The one map: which class a village has, its years, its numbers for the browser, its picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from app.charts import village_map
from app.charts.maps import district_points, map_png, mark_sizes
from app.charts.plan_map import COLORINGS, plan_map
from app.charts.village_map import MapPoints, VillageMap, city_ground, of_years, scale_bar_km
from app.plans.phases import phases
from app.plans.tables import PlanTables, plan_tables
from app.runs.run_folder import Run
from app.web.figures.map_payload import STEP_M, map_payload
from app.web.sections.villages.village_map import FOLDER


@pytest.fixture(scope="module")
def tables(run: Run) -> PlanTables:
    return plan_tables(run.resolved, run.plans[:1])


@pytest.fixture(scope="module")
def shown(tables: PlanTables) -> VillageMap:
    return plan_map(tables, "en")


@pytest.mark.parametrize("coloring", COLORINGS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_village_has_one_color_and_the_kept_ones_the_first(
    tables: PlanTables, coloring: str, language: str
) -> None:
    shown = plan_map(tables, language, coloring=coloring)
    assert ((shown.class_idx == 0) == (tables.plan.start_year[0] == 0)).all()
    assert sum(item.mask.sum() for item in shown.classes) == len(shown.lines) == tables.resolved.city.n_villages


def test_phases_cover_every_year_once() -> None:
    """Twelve years make 1-4, 5-8, 9-12; two years are two phases."""
    assert [phase.years for phase in phases(12)] == ["1-4", "5-8", "9-12"]
    assert [phase.years for phase in phases(5)] == ["1-2", "3-4", "5"]
    assert [phase.name for phase in phases(2)] == ["near", "middle"]


def test_the_browser_is_told_places_to_the_step(shown: VillageMap) -> None:
    """Moves from point to point lead back to the outlines, less than a step away."""
    ground, told = shown.ground, map_payload(shown)
    middle = (ground.window_m[:2] + ground.window_m[2:]) / 2.0
    shapes = told["villages"]
    moves = np.array(shapes["moves"]).reshape(-1, 2)
    ends = np.cumsum(shapes["lengths"])
    parts, owner = shapely.get_parts(ground.villages, return_index=True)
    assert shapes["owner"] == owner.tolist()
    for first, last, part in zip(ends - shapes["lengths"], ends, parts, strict=True):
        points = np.cumsum(moves[first:last], axis=0) * STEP_M + middle
        assert np.abs(points - shapely.get_coordinates(part.exterior)).max() <= STEP_M / 2.0 + 1e-6
    assert told["class_of"] == shown.class_idx.tolist()
    assert [told["lines"]["words"][k] for k in told["lines"]["of"]] == list(shown.lines)


def test_a_phase_colors_what_begins_in_it(shown: VillageMap, tables: PlanTables) -> None:
    start = tables.plan.start_year[0]
    first = int(start[start > 0].min())
    phase = of_years(shown, first + 1, tables.resolved.scenario.plan_years, earlier=("before", "#000000"))
    assert (phase.classes[1].mask == (start == first)).all()
    assert (phase.classes[0].mask == (start == 0)).all()
    assert ((phase.class_idx > 1) == (start > first)).all()
    with pytest.raises(ValueError, match="years"):
        of_years(replace(shown, timeline=None), 1, 2, earlier=("before", "#000000"))


def test_a_picture_of_whatever_is_shown(shown: VillageMap, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks, rings around villages, and districts in place of villages change the picture."""
    ring = np.arange(len(shown.lines)) == 0
    marks = MapPoints("doubtful", "#000000", shown.ground.center_m[:1], ["x"])
    pictures = [
        map_png(shown, language="zh"),
        map_png(replace(shown, marked=("ring", ring), points=[marks]), language="en"),
    ]
    monkeypatch.setattr(village_map, "ROLLED_UP_ABOVE", 0)
    pictures.append(map_png(shown, language="en"))
    assert len(set(pictures)) == 3
    assert map_payload(shown)["rolled_up"] is True


def test_districts_are_named_amid_their_villages(run: Run) -> None:
    city = run.resolved.city
    shown = VillageMap(city_ground(city), [], "", [""] * city.n_villages)
    k = int(city.villages.district_idx[0])
    inside = city.villages.district_idx == k
    expected = np.array([city.villages.x_km[inside].mean(), city.villages.y_km[inside].mean()]) * 1e3
    assert district_points(shown)[k] == pytest.approx(expected)


def test_scale_bars_are_round_and_marks_grow_with_floor() -> None:
    """A fifth of 75 km is 15 km, so 10 km; twice the floor is twice the area of the mark."""
    assert [scale_bar_km(width) for width in (75.0, 30.0, 11.0)] == [10.0, 5.0, 2.0]
    small, large = mark_sizes(np.array([100.0, 200.0, 50.0]))[:2]
    assert large == pytest.approx(2.0 * small)


def test_the_bundle_is_the_one_that_is_named() -> None:
    """NOTICE names the version of the bundle, and its license lies beside it."""
    bundle = (FOLDER / "maplibre-gl.js").read_text(encoding="utf-8")[:400]
    version = bundle.partition("/blob/v")[2].partition("/")[0]
    assert f"MapLibre GL JS {version}," in (FOLDER.parents[2] / "NOTICE").read_text(encoding="utf-8")
    assert "Redistribution" in (FOLDER / "maplibre-gl-LICENSE.txt").read_text(encoding="utf-8")
