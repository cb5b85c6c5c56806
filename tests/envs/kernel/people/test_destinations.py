"""What displaced people find in the zones, against where the kernel settles them."""

from __future__ import annotations

import numpy as np
import pytest

from data.parameter_book import load_book
from data.scenario import Scenario
from envs.kernel import REPORT, ResolvedScenario, resolve
from envs.kernel.people.destinations import mean_where_settled
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from oracles.small_book import BOOK
from oracles.small_city import small_city
from plan_fixtures import random_plans


def with_floor_each(m2_per_person: float) -> ResolvedScenario:
    """Displaced people need so much floor; at 60 m2 the whole city is full in some years."""
    crowded = Scenario(plan_years=10, parameters={"settle.m2_per_person": m2_per_person})
    return resolve(crowded, small_city(), load_book().override(BOOK))


@pytest.mark.parametrize("m2_per_person", [15.0, 35.0, 60.0])
def test_shares_of_the_zones_are_those_of_the_people_settled_there(m2_per_person: float) -> None:
    """The quantity "lives in zone z" has as its mean the share who do: persons times it add up to the zone's people."""
    resolved = with_floor_each(m2_per_person)
    trace, n_zones = Trace(resolved, canonical(random_plans(resolved, 6, seed=3)), REPORT), resolved.city.n_zones
    each_zone = np.repeat(np.eye(n_zones)[:, :, None], 6, axis=2)
    leaver_share, full = resolved.constants.settlement.leaver_share, 0
    for year in (4, 9, trace.n_years - 1):
        columns = np.arange(6) * trace.n_years + year
        found = mean_where_settled(each_zone, leaver_share, trace.away.overflow, columns)
        away = trace.away
        of_group = ((away.registered, away.zone_registered), (away.tenants, away.zone_tenants))
        for share, (persons, settled) in zip(found, of_group, strict=True):
            assert share.sum(axis=1) == pytest.approx(1.0)
            there = np.einsum("np,nzp->zp", persons[:, :, year], share)
            np.testing.assert_allclose(there, settled[:, :, year], rtol=1e-9, atol=1e-6)
        full += int((away.unhoused[:, year] > 0.0).sum())
    assert (full > 0) == (m2_per_person == 60.0)
    assert (trace.away.overflow is None) == (m2_per_person == 15.0)
