"""Published libraries agree: PySAL `access` on the catchments, numpy-financial on present value and rate of return."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy_financial
import pandas as pd
import pytest

from data.city import CATEGORIES
from envs.kernel import REPORT, ResolvedScenario, evaluate
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from plan_fixtures import random_plans


def two_stage_fca(persons: np.ndarray, supply_m2: np.ndarray, decay: np.ndarray) -> pd.Series:
    """PySAL's two-step catchment of one category, every pair weighted by its decay g (its cost is 1 - g)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, at import and in its pandas calls
        from access import fca

        place = np.arange(persons.size)
        origin, destination = (index.ravel() for index in np.meshgrid(place, place, indexing="ij"))
        cost = pd.DataFrame({"origin": origin, "dest": destination, "cost": 1.0 - decay.ravel()})
        return fca.two_stage_fca(
            pd.DataFrame({"demand": persons}, index=place),
            pd.DataFrame({"supply": supply_m2}, index=place),
            cost[cost["cost"] < 1.0],
            demand_index=True,
            weight_fn=lambda c: 1.0 - c,
        )


@pytest.mark.parametrize("category", range(len(CATEGORIES)), ids=CATEGORIES)
def test_access_agrees(tiny: ResolvedScenario, category: int) -> None:
    trace = Trace(tiny, canonical(random_plans(tiny, 1, seed=2)), REPORT)
    model, states, first = trace.constants.access, trace.facility_states, tiny.city.n_zones
    from envs.kernel.services.accessibility import village_supply

    villages = village_supply(category, model, states)[:, -1]
    supply_m2 = np.concatenate([model.supply[:first, category], villages])
    persons = trace.columns(trace.residents)[:, -1]
    decay = model.decay[model.scale_idx[category]].matrix.toarray()
    theirs = two_stage_fca(persons, supply_m2, decay)
    ours = trace.access[category][:, -1]
    assert theirs.index.tolist() == list(range(tiny.city.n_places))
    np.testing.assert_allclose(ours, theirs.to_numpy(), rtol=1e-6)
    assert ours.max() > 0.0


def exported_flow(resolved: ResolvedScenario, seed: int) -> tuple[Any, np.ndarray]:
    plans = random_plans(resolved, 1, seed=seed)
    return evaluate(resolved, plans), Trace(resolved, canonical(plans), REPORT).net_cash_flow_cny[0]


@pytest.mark.parametrize("seed", range(8))
def test_numpy_financial_agrees(tiny: ResolvedScenario, seed: int) -> None:
    outcome, flow = exported_flow(tiny, seed)
    rate = tiny.book.number("finance.discount_rate")
    assert outcome["net_present_value_cny"][0] == pytest.approx(numpy_financial.npv(rate, flow), rel=1e-6)
    ours = outcome["internal_rate_of_return"][0]
    if np.isnan(ours):
        crossings = np.sign([numpy_financial.npv(r, flow) for r in np.linspace(-0.5, 2.0, 401)])
        assert np.count_nonzero(np.diff(crossings)) != 1
    else:
        assert ours == pytest.approx(numpy_financial.irr(flow), abs=1e-6)


def test_some_plan_has_a_rate_of_return(tiny: ResolvedScenario) -> None:
    rates = [exported_flow(tiny, seed)[0]["internal_rate_of_return"][0] for seed in range(8)]
    assert np.isfinite(rates).any()
