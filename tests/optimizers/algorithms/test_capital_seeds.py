"""The value of a village and option against the evaluator, one village at a time."""

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve
from optimizers.algorithms.capital_seeds import earning_genomes, village_value_cny


def test_value_is_the_net_present_value_of_the_village_alone() -> None:
    scenario = load_scenario("tiny").model_copy(update={"parameters": {"price.elasticity": 0.0}})
    resolved = resolve(scenario, load_city("tiny"))
    space = option_space(resolved)
    value = village_value_cny(resolved, space)
    for village, option in np.argwhere(space.option_mask):
        start = np.zeros((1, space.option_mask.shape[0]), dtype=np.int64)
        start[0, village] = 1
        plan = space.decode(start, np.full_like(start, option))
        alone = float(evaluate(resolved, plan, indicators=())["net_present_value_cny"][0])
        assert value[village, option] == pytest.approx(alone, rel=1e-9)
    assert np.isneginf(value[~space.option_mask]).all()


def test_the_best_villages_start_first_within_the_quota() -> None:
    resolved = resolve(load_scenario("balanced"), load_city("beijing"))
    space = option_space(resolved)
    value = village_value_cny(resolved, space).max(axis=1)
    start, _ = earning_genomes(resolved, space, 10, quota=60)
    assert (np.diff((start > 0).sum(axis=1)) >= 0).all()
    assert all((start[-1] == year).sum() <= 60 for year in range(1, 11))
    assert value[start[-1] > 0].min() > 0.0
    assert value[start[-1] == 1].min() >= value[start[-1] == 2].max()
