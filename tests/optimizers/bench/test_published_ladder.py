"""The ladder's table: every published plan restated, every search gated, the front beside the genetic algorithm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import InputError
from optimizers.bench.published import ladder as module
from optimizers.bench.published import searches
from optimizers.bench.published.cases import CASES, ONE_DISTRICT, WHOLE_CITY, read_cities
from optimizers.bench.published.city import PublishedCity
from optimizers.bench.published.ladder import FRONT_PLANS, GENETIC, RESTATED, given_plans, ladder
from optimizers.bench.published.linearize import linearize_and_assign
from optimizers.bench.published.searches import LINEARIZE, Asked, outcome, outcomes
from published_fixtures import PUBLISHED, published_folder, small_published_city

HEADING = "village_id,year,sale_share,rental_share,facility_share,floor_area_ratio"
SMALL = replace(WHOLE_CITY, yearly=1, must=0.0)


def write_plan(folder: Path, name: str, rows: list[str]) -> Path:
    (folder / "plans").mkdir(exist_ok=True)
    path = folder / "plans" / f"{name}.csv"
    path.write_text("\n".join([HEADING, *rows]) + "\n")
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> PublishedCity:
    """A city of 14 villages, one a year, and a fifteenth without a cell, in place of the published ones."""
    city = replace(small_published_city(3), without_cell=np.array([900]))
    for place in (module, searches):
        monkeypatch.setattr(place, "read_cities" if place is module else "_cities", lambda _: {SMALL: city})
    monkeypatch.setattr(module, "CASES", (SMALL,))
    monkeypatch.setattr(module, "WHOLE_CITY", SMALL)
    return city


def plan_rows(city: PublishedCity, n_plan: int = 12) -> list[str]:
    return [f"{id_},{year},0.4,0.2,0.4,2.2" for year, id_ in enumerate(city.village_id[:n_plan], start=1)]


def test_every_published_plan_is_restated_to_a_hundredth() -> None:
    folder = published_folder()
    cities = read_cities(folder)
    rows = [row for case in CASES for row in given_plans(folder, case, cities[case])]
    assert len([row for row in rows if row.gate]) == len(RESTATED)
    assert all(row.holds for row in rows)


def test_the_ladder_has_a_row_for_everybody(small: PublishedCity, tmp_path: Path) -> None:
    write_plan(tmp_path, GENETIC, plan_rows(small))
    rows = {row.what: row for row in ladder(tmp_path, minutes=0.002, seeds=(1, 2))}
    for algorithm in (*module.BASELINES, "hybrid"):
        assert any(f", {algorithm}, " in what for what in rows), algorithm
    gated = [row for row in rows.values() if row.gate.startswith("must 0, aim")]
    assert [row.holds for row in gated] == [True]
    plain, best, above = (
        float(row.value.split(" ")[0].replace(",", ""))
        for row in (rows[f"Beijing, {LINEARIZE}"], gated[0], rows["Beijing, certified upper bound"])
    )
    assert 0.9 * plain < best <= above
    front = next(row for row in rows.values() if row.gate.startswith(f"must {FRONT_PLANS} plans"))
    assert int(front.value.split(" ")[0]) >= 1


def test_a_plan_that_names_villages_without_a_cell_is_scored_without_them(small: PublishedCity, tmp_path: Path) -> None:
    write_plan(tmp_path, "whole", plan_rows(small, 11))
    write_plan(tmp_path, "with_900", [*plan_rows(small, 11), "900,12,0.4,0.2,0.4,2.2"])
    whole, with_one = given_plans(tmp_path, SMALL, small)
    assert with_one.value.split(" ")[0] == whole.value.split(" ")[0]
    assert "without 1 villages that lie in no cell: 900" in with_one.value
    assert "no cell" not in whole.value


def test_a_plan_that_cannot_be_read_does_not_stop_the_others(small: PublishedCity, tmp_path: Path) -> None:
    write_plan(tmp_path, "a_bad", ["7,1,0.4,0.2,0.4,2.2"])
    write_plan(tmp_path, "b_good", plan_rows(small))
    bad, good = given_plans(tmp_path, SMALL, small)
    assert "a_bad.csv" in bad.value
    assert "7" in bad.value
    assert "remove its row" in bad.value
    assert bad.holds is None
    assert "money_cny" in good.value


def test_a_genetic_plan_that_cannot_be_read_is_refused_before_any_search(small: PublishedCity, tmp_path: Path) -> None:
    del small
    with pytest.raises(InputError):
        next(ladder(tmp_path))


def test_the_eight_villages_without_a_cell_are_known() -> None:
    cities = read_cities(published_folder())
    assert cities[WHOLE_CITY].without_cell.size == 8
    chosen = pd.read_csv(PUBLISHED / "chaoyang_villages.csv")["village_id"]
    assert set(cities[ONE_DISTRICT].without_cell) == set(chosen) & set(cities[WHOLE_CITY].without_cell)


def test_a_search_without_a_valid_plan_says_so(small: PublishedCity) -> None:
    del small
    found = outcome(PUBLISHED, Asked(SMALL, "greedy", 1e-6, 1))
    assert len(found.terms) == len(found.total) == 0
    row = module._total_row(Asked(SMALL, "greedy", 1e-6, 1), "", [found])
    assert "no valid plan" in row.value


def test_linearize_and_assign_keeps_the_quota(small: PublishedCity) -> None:
    start_year, _, _ = linearize_and_assign(SMALL.model(small, by_total=True))
    assert np.bincount(start_year, minlength=13)[1:].tolist() == [1] * 12


@pytest.mark.slow
def test_searches_side_by_side_find_what_they_find_alone() -> None:
    asked = [Asked(ONE_DISTRICT, LINEARIZE, 1.0, 1), Asked(WHOLE_CITY, LINEARIZE, 1.0, 1)]
    alone, together = (list(outcomes(published_folder(), asked, threads=threads)) for threads in (1, 2))
    assert [each.total[0] for each in alone] == [each.total[0] for each in together]


@pytest.mark.slow
def test_the_default_search_reaches_what_it_must() -> None:
    assert outcome(published_folder(), Asked(WHOLE_CITY, "hybrid", 30.0, 1)).total.max() >= WHOLE_CITY.must
