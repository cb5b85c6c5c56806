"""What moves a plan's worth: shares over shocks of markets and over worlds, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.futures.sobol_of_plans import (
    SHOCKS,
    evaluations_of_worlds,
    groups_of_worlds,
    shares_of_markets,
    shares_of_worlds,
)
from envs.futures.worlds import draw_worlds
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.indicators.registry import INDICATORS
from plan_fixtures import random_plans


def tiny(**parameters: float) -> ResolvedScenario:
    return resolve(load_scenario("tiny").model_copy(update={"parameters": parameters}), load_city("tiny"))


def test_costs_alone_move_a_plan_where_nothing_else_moves() -> None:
    """No volatility but that of costs, uncorrelated with prices: its own shocks have all of the variance."""
    still = {"price.volatility": 0.0, "futures.rent_volatility": 0.0, "futures.cost_correlation": 0.0}
    resolved = tiny(**still)
    plans = random_plans(resolved, 2, 3)
    found = shares_of_markets(resolved, plans, ["net_present_value_cny", "total_cost_cny"], n=128, seed=0)
    assert (len(found), len(found[0])) == (2, 2)
    for told in found[0]:
        assert told.groups == SHOCKS
        assert told.first == pytest.approx([0.0, 1.0, 0.0, 0.0], abs=0.1)
        assert told.total == pytest.approx([0.0, 1.0, 0.0, 0.0], abs=0.1)


def test_groups_move_what_they_should() -> None:
    """The commute by its decay, not by costs; money by costs, not by the decay; rows of one world count once."""
    resolved = tiny()
    plans = random_plans(resolved, 1, 3)
    measures = {"net_present_value_cny": None, "mean_commute_km": INDICATORS["mean_commute_km"].value}
    money, commute = shares_of_worlds(resolved, plans, measures, n=8, seed=0, threads=2)[0]
    at = {name: k for k, name in enumerate(money.groups)}
    assert commute.total[at["commuting_decay"]] > 0.5
    assert commute.total[at["cost"]] == pytest.approx(0.0, abs=1e-9)
    assert money.total[at["commuting_decay"]] < 0.05
    assert money.total[at["cost"]] > 0.05
    assert np.isfinite(money.first_error).all()
    pool = draw_worlds(resolved, plans, n=2, seed=0)
    n_groups = len(set(groups_of_worlds(pool)))
    assert evaluations_of_worlds(pool, 8) == 8 * (n_groups + 1)
