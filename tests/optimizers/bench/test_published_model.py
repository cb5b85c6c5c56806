"""The published model: against plain loops, the published table, and its own differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.errors import InputError
from optimizers.bench.published.model import CHAOYANG, PLAN_YEARS, PublishedModel, options
from optimizers.bench.published.plans import read_plan
from optimizers.bench.published.travel import Travel
from oracles.published import mean_distance, terms
from published_fixtures import PUBLISHED, as_projects, as_world, cells_of, published_city, small_published_city

TABLE = {
    "human_a": (35_006.77, -1.257e8, 0.05440, 120.756),
    "human_b": (-2_134.92, -1.382e11, 0.09366, 33.873),
    "human_d": (48_864.37, -1.372e11, 0.09243, 289.090),
    "rule_1": (68_604.14, -6.173e10, 0.07961, 325.147),
    "rule_2": (45_865.14, -1.354e11, 0.10610, 258.628),
    "ga_10000": (182_910.49, 2.958e11, 0.19628, 422.469),
}
"""Total, money, travel and services of the published plans, by an independent restatement."""


def _some_plans(model: PublishedModel, n_plans: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = n_plans, model.city.n_villages
    return rng.integers(0, PLAN_YEARS + 1, shape), rng.integers(0, len(options()), shape)


@pytest.mark.parametrize("plan", TABLE)
def test_published_plans_score_as_the_table_says(plan: str) -> None:
    city = published_city()
    model, read = PublishedModel(city), read_plan(PUBLISHED / "plans" / f"{plan}.csv", city)
    total, money, travel, services = TABLE[plan]
    assert read.total(model) == pytest.approx(total, abs=0.01)
    found = read.terms(model)
    assert f"{found[0]:.3e}" == f"{money:.3e}"
    assert f"{found[1]:.5f}" == f"{travel:.5f}"
    assert f"{found[2]:.3f}" == f"{services:.3f}"


def test_the_published_plan_of_chaoyang_scores_as_the_table_says() -> None:
    chosen = pd.read_csv(PUBLISHED / "chaoyang_villages.csv")["village_id"] if PUBLISHED.exists() else None
    city = published_city().of(chosen.to_numpy())
    model = PublishedModel(city, yearly=6, weights=CHAOYANG)
    assert read_plan(PUBLISHED / "plans" / "chaoyang_ga.csv", city).total(model) == pytest.approx(2_406.6, abs=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_terms_are_those_of_plain_loops(seed: int) -> None:
    city = small_published_city(seed)
    model = PublishedModel(city, yearly=1)
    starts, chosen = _some_plans(model, 3, seed)
    found = model.report(starts, chosen).objectives
    for row in range(3):
        wanted = terms(as_world(city), as_projects(city, starts[row], chosen[row]))
        np.testing.assert_allclose(found[row], wanted, rtol=1e-9, atol=1e-12)


def test_the_mean_distance_of_the_whole_city_is_that_of_direct_sums() -> None:
    city = small_published_city(5)
    none = np.zeros(city.residents.shape)
    assert Travel(city, np.float64).mean_km(none) == pytest.approx(
        mean_distance(cells_of(city.residents_around)), rel=1e-12
    )


def test_a_plan_means_the_same_alone_and_in_a_batch() -> None:
    model = PublishedModel(small_published_city(4), yearly=1)
    starts, chosen = _some_plans(model, 40, 4)
    together = model.evaluate(starts, chosen).objectives
    alone = [model.evaluate(starts[[row]], chosen[[row]]).objectives[0] for row in (0, 17, 39)]
    np.testing.assert_allclose(together[[0, 17, 39]], alone, rtol=1e-6)


def test_single_precision_errs_by_less_than_the_table_shows() -> None:
    model = PublishedModel(published_city(), by_total=True)
    rng = np.random.default_rng(9)
    starts = np.stack([rng.permutation(np.repeat(np.arange(13), [1_091, *[30] * 12])) for _ in range(8)])
    chosen = rng.integers(0, len(options()), starts.shape)
    found, wanted = model.evaluate(starts, chosen).objectives, model.report(starts, chosen).objectives
    assert np.abs(found - wanted).max() < 0.05


@pytest.mark.parametrize("term", range(3))
def test_slopes_are_the_derivatives_of_each_term(term: int) -> None:
    model = PublishedModel(small_published_city(6), yearly=1)
    starts, chosen = (genes[0] for genes in _some_plans(model, 1, 6))
    weights = np.eye(3)[term] * model.weights.terms[term]
    slopes = model._slopes(starts, chosen, weights)
    amounts = model._chosen(chosen[None])
    for village in np.flatnonzero(starts)[:6]:
        for quantity in range(3):
            step = np.zeros_like(amounts)
            step[quantity, 0, village] = 1e-4 * max(model.amounts[quantity].max(), 1.0)
            up, down = (model.terms(starts[None], amounts + sign * step)[0] @ weights for sign in (1.0, -1.0))
            found = slopes[village, starts[village] - 1, quantity] * 2.0 * step[quantity, 0, village]
            assert found == pytest.approx(up - down, rel=2e-4, abs=1e-7 * abs(up))


def test_the_linear_model_foretells_a_small_change_of_the_total() -> None:
    city = small_published_city(7, n_villages=30)
    model = PublishedModel(city, yearly=2, weights=CHAOYANG, by_total=True)
    linear = model.linear_model()
    starts, chosen = (genes[0] for genes in _some_plans(model, 1, 7))
    slopes = linear.slopes_at(starts[None], chosen[None], np.ones((1, 1)))[0]
    village = int(np.flatnonzero(starts)[np.argmin(city.area_m2[starts > 0])])
    other = chosen.copy()
    other[village] = (chosen[village] + 14) % 70
    change = np.diff(model.evaluate(np.stack([starts] * 2), np.stack([chosen, other])).objectives[:, 0])[0]
    before, after = (linear.of_plan(slopes, starts, genes).sum() for genes in (chosen, other))
    assert after - before == pytest.approx(change, rel=0.05)


def test_uneven_areas_cost_what_they_leave_the_band_by() -> None:
    city = small_published_city(8, n_villages=24)
    city.area_m2[:] = 100.0
    model = PublishedModel(city, yearly=2, weights=CHAOYANG, by_total=True)
    starts = np.repeat(np.arange(1, 13), 2)
    none = np.zeros((1, 3))
    assert model.total(starts[None], none)[0] == 0.0
    starts[0] = 2  # year 1 has 100 m2, least 166.7; year 2 has 300 m2, most 240
    assert model.total(starts[None], none)[0] == pytest.approx(-1e-4 * (200.0 / 1.2 - 100.0 + 300.0 - 240.0))


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        ("village_id", 7, "published_village_unknown"),
        ("village_id", 101, "published_village_twice"),
        ("year", 13, "published_year_outside"),
        ("year", 1.5, "published_year_outside"),
        ("sale_share", "half", "published_not_a_number"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(tmp_path, column: str, value: object, key: str) -> None:
    rows = [[100, 1, 0.4, 0.2, 0.4, 2.2], [101, 12, 0.4, 0.2, 0.4, 2.2]]
    columns = ["village_id", "year", "sale_share", "rental_share", "facility_share", "floor_area_ratio"]
    table = pd.DataFrame(rows, columns=columns).astype({column: object})
    table.loc[0, column] = value
    path = tmp_path / "plan.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError) as refused:
        read_plan(path, small_published_city(1))
    assert refused.value.refusals[0].message.key == key


def test_a_folder_without_the_files_is_refused(tmp_path) -> None:
    from optimizers.bench.published.city import read_published_city

    with pytest.raises(InputError) as refused:
        read_published_city(tmp_path)
    assert refused.value.refusals[0].message.key == "published_file_unreadable"
