"""Marginal gains: the table, the gain of a plan and the kernel's own differences tell the same story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from data.scenario import FixedVillage, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.marginal_gain import CAP_WIDTH, MarginalGains, marginal_gains
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, evaluate, resolve

CORE = ("net_present_value_cny", "mean_commute_km", "service_accessibility")
WEIGHTS = np.array([[1e-9, -1.0, 10.0]])


def strict() -> ResolvedScenario:
    """Twelve villages, of which one is locked, one forbidden and two given."""
    given = FixedVillage(
        start_year=2, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
    )
    scenario = Scenario(
        plan_years=4, villages_per_year=2, density_levels=2, facility_levels=2,
        locked=("V00002",), forbidden=("V00006",), fixed={"V00001": given, "V00003": FixedVillage(start_year=0)},
    )  # fmt: skip
    return resolve(scenario, synthesize_city(12, 3))


@pytest.fixture(scope="module")
def gains() -> MarginalGains:
    resolved = strict()
    return marginal_gains(resolved, option_space(resolved), CORE)


def test_the_table_is_the_gain_of_every_plan(gains: MarginalGains) -> None:
    n_villages, n_years = gains.space.start_mask.shape[0], gains.space.start_mask.shape[1] - 1
    none = np.zeros((1, n_villages), dtype=np.int64)
    slopes = gains.weighted_slopes(gains.space.decode(none, none), WEIGHTS)[0]
    assert slopes.shape == (n_villages, n_years, gains.unit.size)
    table = gains.table(slopes)
    for year in range(1, n_years + 1):
        for option in range(gains.space.n_options):
            own = gains.of_plan(slopes, np.full(n_villages, year), np.full(n_villages, option))
            legal = gains.space.start_mask[:, year] & gains.space.option_mask[:, option]
            np.testing.assert_allclose(table[legal, year - 1, option], own[legal], rtol=1e-4, atol=1e-6)
            assert (table[~legal, year - 1, option] == -np.inf).all()
    assert np.isfinite(table).any()
    assert (gains.of_plan(slopes, none[0], none[0]) == 0.0).all()


def test_quantities_are_the_same_however_many_options_are_computed_at_once(
    gains: MarginalGains, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cells in (1, 5 * gains.resolved.city.n_villages):
        monkeypatch.setattr("envs.choices.marginal_gain.CELLS_PER_CHUNK", cells)
        again = marginal_gains(gains.resolved, gains.space, gains.objectives)
        np.testing.assert_array_equal(again.quantities, gains.quantities)
        np.testing.assert_array_equal(again.unit, gains.unit)


def test_slopes_add_up_over_objectives_and_an_objective_without_slopes_is_flat(gains: MarginalGains) -> None:
    resolved, space = gains.resolved, gains.space
    rng = np.random.default_rng(1)
    start = rng.integers(0, 5, (2, 12)) * space.start_mask[:, 1]
    plans = space.decode(start, np.argmax(space.option_mask, axis=1)[None].repeat(2, axis=0))
    whole = gains.weighted_slopes(plans, WEIGHTS.repeat(2, axis=0))
    parts = [gains.weighted_slopes(plans, (WEIGHTS * row).repeat(2, axis=0)) for row in np.eye(3)]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-4, atol=1e-6 * np.abs(whole).max())
    alone = gains.weighted_slopes(plans[np.array([1])], WEIGHTS)
    np.testing.assert_allclose(alone[0], whole[1], rtol=1e-3, atol=1e-5 * np.abs(whole).max())
    more = marginal_gains(resolved, space, (*CORE, "mean_commute_min"))
    weights = np.concatenate([WEIGHTS, [[1.0]]], axis=1).repeat(2, axis=0)
    np.testing.assert_array_equal(more.weighted_slopes(plans, weights), whole)


def relative_error(
    n_villages: int, objective: str, seed: int, typical: Callable[..., Any] = np.median, cap_width: float = CAP_WIDTH
) -> float:
    """Typical error of the gain foretold for single starts from the empty plan, relative to a typical gain."""
    resolved = resolve(Scenario(plan_years=4, density_levels=2, facility_levels=2), synthesize_city(n_villages, seed))
    space = option_space(resolved)
    gains = marginal_gains(resolved, space, (objective,))
    none = np.zeros((1, n_villages), dtype=np.int64)
    slopes = gains.weighted_slopes(space.decode(none, none), np.ones((1, 1)), cap_width=cap_width)[0]
    table, rng = gains.table(slopes), np.random.default_rng(0)
    village, year, option = np.nonzero(np.isfinite(table))
    case = rng.choice(village.size, 80, replace=False)
    start, chosen = np.zeros((81, n_villages), dtype=np.int64), np.zeros((81, n_villages), dtype=np.int64)
    row = np.arange(1, 81)
    start[row, village[case]], chosen[row, village[case]] = year[case] + 1, option[case]
    value = evaluate(resolved, space.decode(start, chosen), indicators=[objective])[objective]
    exact = value[1:] - value[0]
    error = np.abs(table[village[case], year[case], option[case]] - exact)
    return float(typical(error) / typical(np.abs(exact)))


@pytest.mark.parametrize(
    ("objective", "typical", "seeds", "in_small"),
    [
        (CORE[0], np.mean, (3,), 0.02),
        (CORE[1], np.median, (0, 1, 2, 3), 0.05),
    ],
)
def test_gains_foretell_single_starts_the_better_the_larger_the_city(
    objective: str, typical: Callable[..., Any], seeds: tuple[int, ...], in_small: float
) -> None:
    """The mean over cities: how well the commute is foretold in one of 12 villages depends on where these lie."""
    small, large = (np.mean([relative_error(n, objective, seed, typical) for seed in seeds]) for n in (12, 96))
    assert small < in_small
    assert large < 0.5 * small


@pytest.fixture
def first_square_meters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each square meter of facilities counts as the first."""
    monkeypatch.setattr("envs.choices.marginal_gain.serving_supply", lambda _, supply_m2, **_others: supply_m2)


@pytest.mark.usefixtures("first_square_meters")
def test_derivatives_of_services_foretell_single_starts_the_better_the_larger_the_city() -> None:
    small, large = (relative_error(n, CORE[2], 3, cap_width=0.0) for n in (12, 96))
    assert small < 0.1
    assert large < 0.5 * small


@pytest.mark.parametrize("n_villages", [12, 96])
def test_services_are_foretold_better_as_they_serve(n_villages: int, request: pytest.FixtureRequest) -> None:
    seeds = (3, 4, 5)
    as_they_serve = np.mean([relative_error(n_villages, CORE[2], seed) for seed in seeds])
    request.getfixturevalue("first_square_meters")
    as_the_first = np.mean([relative_error(n_villages, CORE[2], seed) for seed in seeds])
    assert as_they_serve < 0.1
    assert as_they_serve < 0.6 * as_the_first


@pytest.mark.parametrize("n_villages", [12, 96])
def test_money_is_foretold_to_rounding_where_nothing_is_sold(n_villages: int) -> None:
    """Which is most choices: the median, whose former bound stays."""
    assert relative_error(n_villages, CORE[0], 3) < 1e-4


@pytest.mark.parametrize("objective", ["displaced_tenants_persons", "embodied_carbon_tco2e", "total_cost_cny"])
def test_what_adds_up_is_foretold_to_rounding(objective: str) -> None:
    """Costs but for those of sales, which is most choices."""
    assert relative_error(12, objective, 3) < 1e-5
