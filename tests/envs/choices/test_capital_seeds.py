"""Plans that earn: which villages start first."""

import numpy as np

from data.scenario_files import load_scenario
from environment_fixtures import fifty_villages
from envs.choices.alone import village_value_cny
from envs.choices.capital_seeds import earning_genomes
from envs.choices.options import option_space
from envs.kernel import resolve


def test_the_best_villages_start_first_within_the_quota() -> None:
    resolved = resolve(load_scenario("balanced"), fifty_villages())
    space = option_space(resolved)
    value = village_value_cny(resolved, space).max(axis=1)
    start, _ = earning_genomes(resolved, space, 10, quota=3)
    assert (np.diff((start > 0).sum(axis=1)) >= 0).all()
    assert all((start[-1] == year).sum() <= 3 for year in range(1, 11))
    assert value[start[-1] > 0].min() > 0.0
    assert value[start[-1] == 1].min() >= value[start[-1] == 2].max()
