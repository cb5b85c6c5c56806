"""Plans that earn: which villages start first."""

from unittest.mock import Mock

import numpy as np
import pytest

from data.scenario_files import load_scenario
from environment_fixtures import fifty_villages
from envs.choices.alone import village_value_cny
from envs.choices.capital_seeds import earning_genomes
from envs.choices.options import option_space
from envs.kernel import resolve
from envs.models.kernel_model import KernelModel


def test_the_best_villages_start_first_within_the_quota() -> None:
    resolved = resolve(load_scenario("balanced"), fifty_villages())
    space = option_space(resolved)
    value_cny = village_value_cny(resolved, space)
    value = value_cny.max(axis=1)
    start, _ = earning_genomes(value_cny, 10, quota=3, plan_years=resolved.clock.plan_years)
    assert (np.diff((start > 0).sum(axis=1)) >= 0).all()
    assert all((start[-1] == year).sum() <= 3 for year in range(1, 11))
    assert value[start[-1] > 0].min() > 0.0
    assert value[start[-1] == 1].min() >= value[start[-1] == 2].max()


def test_a_model_and_those_narrowed_from_it_value_villages_once(monkeypatch: pytest.MonkeyPatch) -> None:
    valued = Mock(side_effect=village_value_cny)
    monkeypatch.setattr("envs.choices.alone.village_value_cny", valued)
    model = KernelModel(resolve(load_scenario("balanced"), fifty_villages()))
    plans = [one.first_plans(5)[0] for one in (model.narrowed(model.objectives[:1]), model, model)]
    assert valued.call_count == 1
    assert all(np.array_equal(plan, plans[0]) for plan in plans)
