"""Plan against actual: by hand, and a second time in plain loops."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.plans.tables import PlanTables, plan_tables
from app.record.actuals_file import actuals_bytes, actuals_digest
from app.record.comparison import compared
from app.record.comparison_folder import write_comparison
from app.record.comparison_text import comparison_sentences, comparison_text
from app.record.subject import subject_of
from app.runs.run_folder import Run
from data.dictionary import TABLES, table_columns
from data.importing.plans.actuals import Actuals, read_actuals
from data.importing.plans.asked_plan import UNSAID
from envs.kernel.project_account import COST, ITEMS

Row = tuple[int, int, bool, bool, float | None, float | None]


@pytest.fixture(scope="module")
def tables(run: Run) -> PlanTables:
    """The plan that renews most villages."""
    plan_id = str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])
    return plan_tables(run.resolved, run.plan(plan_id))


def actuals_of(rows: list[Row]) -> Actuals:
    """Rows of village, year, started, completed, cost and people."""
    ordered = sorted(rows, key=lambda row: (row[1], row[0]))
    n = len(ordered)
    number = partial(np.array, dtype=np.float64)
    return Actuals(
        village_idx=np.array([row[0] for row in ordered], dtype=np.int64),
        year=np.array([row[1] for row in ordered], dtype=np.int64),
        started=np.array([row[2] for row in ordered], dtype=bool),
        completed=np.array([row[3] for row in ordered], dtype=bool),
        cost_cny=number([math.nan if row[4] is None else row[4] for row in ordered]),
        moved_persons=number([math.nan if row[5] is None else row[5] for row in ordered]),
        intensity=np.full(n, UNSAID),
        land_use=np.full(n, UNSAID),
        floor_area_ratio=np.full(n, np.nan),
        facility_ratio=np.full(n, np.nan),
    )


def test_three_villages_by_hand(tables: PlanTables) -> None:
    start = np.asarray(tables.plan.start_year[0])
    first, second = np.flatnonzero(start == start[start > 0].min())[0], int(np.argmax(start))
    year = int(start[first])
    actuals = actuals_of(
        [(int(first), year + 1, True, False, 5e8, 30.0), (int(first), year + 2, False, True, 1e8, None)]
    )
    shown = compared(tables, actuals)
    assert shown.last_year == year + 2
    assert shown.start_delay_yr[first] == 1.0
    planned_end = int(np.asarray(tables.trace.completion_year)[0, first])
    assert shown.completion_delay_yr[first] == year + 2 - planned_end
    late = math.nan if start[second] > year + 2 else year + 3 - start[second]
    np.testing.assert_equal(shown.start_delay_yr[second], late)
    by_village = shown.by_village().set_index("village_id")
    row = by_village.loc[str(tables.resolved.city.villages.village_id[first])]
    costs = [-tables.flows[item.name][first, : year + 3].sum() for item in ITEMS if item.kind == COST]
    assert row["planned_cost_cny"] == pytest.approx(sum(costs))
    assert row["actual_cost_cny"] == pytest.approx(6e8)
    assert row["difference_cost_cny"] == pytest.approx(6e8 - sum(costs))
    moved = float(np.asarray(tables.trace.moves.registered_left + tables.trace.moves.tenants_left)[0, first])
    assert (row["planned_moved_persons"], row["actual_moved_persons"]) == (pytest.approx(moved), 30.0)
    for language in ("zh", "en"):
        assert comparison_text(shown, language)
    assert "of which 1 were started" in comparison_sentences(shown, "en")[0]


def in_loops(tables: PlanTables, rows: list[Row]) -> dict[int, dict[str, float]]:
    """By year, in plain loops: starts, completions, costs and people of the plan and in fact, and their differences."""
    n, last = tables.resolved.city.n_villages, max(row[1] for row in rows)
    begun = {row[0]: row[1] for row in rows if row[2]}
    ended = {row[0]: row[1] for row in rows if row[3]}
    told = {(row[0], row[1]): row for row in rows}
    people_told = {row[0] for row in rows if row[5] is not None}
    totals = {}
    for year in range(1, last + 1):
        total = dict.fromkeys(
            ("ps", "as", "pc", "ac", "cost_p", "cost_a", "cost_d", "unsaid", "moved_p", "moved_a", "moved_d"), 0.0
        )
        for village in range(n):
            total["ps"] += int(tables.plan.start_year[0, village]) == year
            total["pc"] += int(tables.trace.completion_year[0, village]) == year
            total["as"] += begun.get(village) == year
            total["ac"] += ended.get(village) == year
            cost = -sum(tables.flows[item.name][village, year] for item in ITEMS if item.kind == COST)
            moves = tables.trace.moves
            moved = float(moves.registered_left[0, village] + moves.tenants_left[0, village])
            moved *= int(tables.plan.start_year[0, village]) == year
            total["cost_p"] += cost
            total["moved_p"] += moved
            row = told.get((village, year))
            not_begun = not (village in begun and begun[village] <= year)
            said = row[4] if row is not None and row[4] is not None else (0.0 if not_begun else None)
            if said is None:
                total["unsaid"] += cost > 0.0
            else:
                total["cost_a"] += said
                total["cost_d"] += said - cost
            if row is not None and row[5] is not None:
                people: float | None = row[5]
            else:
                people = 0.0 if not_begun or village in people_told else None
            if people is not None:
                total["moved_a"] += people
                total["moved_d"] += people - moved
        totals[year] = total
    return totals


@st.composite
def reports(draw: st.DrawFn) -> list[Row]:
    """Some villages with a start, an end or nothing, and years in which something is said of them."""
    rows: dict[tuple[int, int], Row] = {}
    for village in draw(st.lists(st.integers(0, 11), min_size=1, max_size=6, unique=True)):
        start = draw(st.one_of(st.none(), st.integers(1, 5)))
        end = None if start is None else draw(st.one_of(st.none(), st.integers(start, 6)))
        amount = st.one_of(st.none(), st.integers(0, 10**9).map(float))
        years = draw(st.lists(st.integers(1, 6), max_size=3)) + [y for y in (start, end) if y is not None]
        for year in years or [draw(st.integers(1, 6))]:
            rows[village, year] = (village, year, year == start, year == end, draw(amount), draw(amount))
    return list(rows.values())


@settings(max_examples=40)
@given(rows=reports())
def test_sums_by_year_are_those_of_plain_loops(tables: PlanTables, rows: list[Row]) -> None:
    expected = in_loops(tables, rows)
    frame = compared(tables, actuals_of(rows)).by_year().set_index("year")
    columns = {
        "ps": "planned_starts", "as": "actual_starts", "pc": "planned_completions", "ac": "actual_completions",
        "cost_p": "planned_cost_cny", "cost_a": "actual_cost_cny", "cost_d": "difference_cost_cny",
        "unsaid": "unsaid_cost_villages", "moved_p": "planned_moved_persons", "moved_a": "actual_moved_persons",
        "moved_d": "difference_moved_persons",
    }  # fmt: skip
    for year, total in expected.items():
        for key, column in columns.items():
            assert frame.loc[year, column] == pytest.approx(total[key], rel=1e-9, abs=1e-3), (year, column)


def test_nothing_differs_where_all_went_as_planned(tables: PlanTables) -> None:
    """The limit: actuals that are the plan's own numbers."""
    start, last = np.asarray(tables.plan.start_year[0]), 4
    planned = compared(tables, actuals_of([(0, last, False, False, 0.0, None)])).planned
    end = np.asarray(tables.trace.completion_year[0])
    rows = [
        (
            v,
            y,
            bool(start[v] == y),
            bool(end[v] == y),
            planned["cost_cny"][v, y - 1],
            planned["moved_persons"][v, y - 1],
        )
        for v in np.flatnonzero((start > 0) & (start <= last)).tolist()
        for y in range(1, last + 1)
    ]
    shown = compared(tables, actuals_of(rows))
    for measure in ("cost_cny", "moved_persons"):
        np.testing.assert_allclose(shown.difference(measure), 0.0, atol=1e-6)
    assert np.nan_to_num(shown.start_delay_yr).max() == np.nan_to_num(shown.completion_delay_yr).max() == 0.0
    assert not shown.unsaid_cost.any()


def test_the_folder_has_what_the_dictionary_says(run: Run, tables: PlanTables, tmp_path: Path) -> None:
    start = np.asarray(tables.plan.start_year[0])
    village = int(np.flatnonzero(start > 0)[0])
    actuals = actuals_of([(village, 2, True, False, 1e8, 3.0)])
    subject = subject_of(run, "p001", tables.plan)
    write_comparison(tmp_path / "out", compared(tables, actuals), subject, city="small")
    for name in TABLES["record"]:
        frame = pd.read_csv(tmp_path / "out" / f"{name}.csv")
        assert list(frame.columns) == list(table_columns("record", name))
        for column, entry in table_columns("record", name).items():
            low, high = entry.bounds
            if entry.type == "number":
                assert frame[column].dropna().between(low, high).all(), (name, column)
            elif entry.choices:
                assert set(frame[column].dropna()) <= set(entry.choices)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert about["actuals"] == actuals_digest(actuals, run.resolved.city)
    assert set(about["dictionary"]) == set(TABLES["record"])


def test_kept_actuals_read_back_the_same(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "village_id,year,started,completed,cost_cny,moved_persons,intensity,facility_ratio\n"
        "V00002,1,yes,no,0.1,3,rehabilitate,0.07\nV00003,1,no,no,,,,\n"
    )
    city, years = run.resolved.city, run.resolved.scenario.plan_years
    first = read_actuals(path, city, years)
    kept = tmp_path / "kept.csv"
    kept.write_bytes(actuals_bytes(first, city))
    assert actuals_digest(read_actuals(kept, city, years), city) == actuals_digest(first, city)
