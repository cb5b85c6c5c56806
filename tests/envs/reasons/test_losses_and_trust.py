"""Losses foretold by groups of distant villages, and what removals say of shares."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from agreement_fixtures import counting, random_table
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.plans import canonical
from envs.reasons.attribution import Shares, attribute
from envs.reasons.losses import distant_groups, foretold_losses, marginal_losses
from envs.reasons.trust import CLOSE, Removal, Trust, removals, trust_of
from plan_fixtures import random_plans
from reason_fixtures import counted_outcome, tiny_city, tiny_plan

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


@pytest.fixture(scope="module")
def city() -> ResolvedScenario:
    return resolve(Scenario(plan_years=4, villages_per_year=8), synthesize_city(24, 2))


@pytest.fixture(scope="module")
def plan(city: ResolvedScenario) -> Plans:
    return canonical(random_plans(city, 1, 7))


@pytest.fixture(scope="module")
def shares(city: ResolvedScenario, plan: Plans) -> dict[str, Shares]:
    return attribute(city, plan, (*OBJECTIVES, "new_floor_area_m2"))


def _without(resolved: ResolvedScenario, plan: Plans, *villages: int) -> dict[str, float]:
    start = plan.start_year.copy()
    start[0, list(villages)] = 0
    kept = canonical(Plans(start, *plan.columns[1:]))
    return {name: float(evaluate(resolved, kept)[name][0]) for name in OBJECTIVES}


def test_removals_are_evaluated_exactly() -> None:
    resolved, plan = tiny_city(), tiny_plan()
    whole = evaluate(resolved, plan)
    for removal in removals(resolved, plan, [(0,), (1, 5)], OBJECTIVES, threads=2):
        without = _without(resolved, plan, *removal.villages)
        for name in OBJECTIVES:
            assert removal.loss[name] == pytest.approx(float(whole[name][0]) - without[name], rel=1e-7, abs=1e-12)


def test_a_group_of_one_village_foretells_its_loss_exactly(
    city: ResolvedScenario, plan: Plans, shares: dict[str, Shares]
) -> None:
    renewed = np.flatnonzero(plan.start_year[0] > 0)
    told = foretold_losses(city, plan, shares, n_groups=renewed.size, threads=2)
    found = removals(city, plan, [(village,) for village in renewed.tolist()], OBJECTIVES)
    for name in OBJECTIVES:
        loss = np.array([removal.loss[name] for removal in found])
        assert told[name][renewed] == pytest.approx(loss, abs=1e-10 * np.abs(loss).sum())
        assert not told[name][plan.start_year[0] == 0].any()
    assert told["new_floor_area_m2"] == pytest.approx(shares["new_floor_area_m2"].by_village)


def test_groups_foretell_most_losses_closely(city: ResolvedScenario, plan: Plans, shares: dict[str, Shares]) -> None:
    renewed = np.flatnonzero(plan.start_year[0] > 0)
    told = foretold_losses(city, plan, shares)
    found = removals(city, plan, [(village,) for village in renewed.tolist()], OBJECTIVES)
    for name in OBJECTIVES:
        loss = np.array([removal.loss[name] for removal in found])
        close = np.abs(told[name][renewed] - loss) <= CLOSE * np.abs(loss)
        assert close.mean() >= 0.9, name


def test_a_marginal_loss_is_the_slope_at_the_plan() -> None:
    resolved, plan = tiny_city(), tiny_plan()
    told = marginal_losses(resolved, plan, attribute(resolved, plan, OBJECTIVES))
    for name in OBJECTIVES[:2]:
        slope = np.diff(counted_outcome(resolved, plan, name)(np.array([[0.999, *[1.0] * 5], [1.0] * 6])))[0] / 1e-3
        assert told[name][0] == pytest.approx(slope, rel=2e-3)


def test_groups_are_of_one_size_and_spread() -> None:
    place = np.random.default_rng(0).random((50, 2))
    villages = np.arange(3, 47)
    groups = distant_groups(place, villages, 6)
    assert sorted(np.concatenate(groups).tolist()) == villages.tolist()
    assert max(map(len, groups)) - min(map(len, groups)) <= 6
    nearest = [min(np.hypot(*(place[a] - place[b])) for a, b in combinations(group.tolist(), 2)) for group in groups]
    everywhere = min(np.hypot(*(place[a] - place[b])) for a, b in combinations(villages.tolist(), 2))
    assert np.median(nearest) > 5.0 * everywhere
    assert [group.tolist() for group in distant_groups(place, villages[:2], 6)] == [[3], [4]]


def test_trust_by_hand() -> None:
    shares = Shares("x", 0.0, 10.0, {"own": np.array([6.0, 4.5, -0.5, 0.0])})
    single = tuple(Removal((v,), {"x": loss}) for v, loss in enumerate((5.6, 4.0, 0.4)))
    trust = Trust(
        shares={"x": shares},
        told={"share": {"x": shares.by_village}},
        shown={"x": np.array([0, 1])},
        single=single,
        together={"x": Removal((0, 1), {"x": 10.0})},
        pairs={"x": (Removal((0, 1), {"x": 10.0}),)},
    )
    assert trust.shown_share("x", 2) == pytest.approx(10.5 / 11.0)
    assert trust.fidelity("x") == pytest.approx(1.0 - 0.5 / 10.0)
    assert trust.foretold("x", "share") == (2, 1)  # the third has the wrong sign, the second is 12.5 % off
    assert trust.interaction("x", trust.pairs["x"][0]) == pytest.approx(0.4)


def test_trust_of_a_plan(city: ResolvedScenario, plan: Plans, shares: dict[str, Shares]) -> None:
    of_objectives = {name: shares[name] for name in OBJECTIVES}
    trust = trust_of(city, plan, of_objectives, foretold_losses(city, plan, of_objectives))
    n_renewed = int((plan.start_year > 0).sum())
    assert len(trust.single) == min(30, n_renewed)
    for name in OBJECTIVES:
        size = np.abs(shares[name].by_village[trust.shown[name]])
        assert (np.diff(size) <= 0.0).all()
        assert trust.together[name].villages == tuple(trust.shown[name].tolist())
        assert len(trust.pairs[name]) == 10
        signs, close = trust.foretold(name, "loss")
        assert close <= signs <= len(trust.single)


def test_trust_of_a_plan_of_one_village() -> None:
    resolved = tiny_city()
    plan = tiny_plan()
    start = np.where(np.arange(6) == 0, plan.start_year, 0)
    alone = canonical(Plans(start, *plan.columns[1:]))
    shares = attribute(resolved, alone, OBJECTIVES)
    trust = trust_of(resolved, alone, shares, foretold_losses(resolved, alone, shares))
    for name in OBJECTIVES:
        assert trust.fidelity(name) == pytest.approx(1.0, abs=1e-6)
        assert trust.foretold(name, "loss") == trust.foretold(name, "share") == (1, 1)
        assert trust.pairs[name] == ()


def test_losses_are_exact_where_bargaining_counts() -> None:
    resolved, plan = tiny_city(), tiny_plan()
    counted = counting(resolved).with_agreements(random_table(counting(resolved), 3))
    told = foretold_losses(counted, plan, attribute(counted, plan, OBJECTIVES), n_groups=6)
    for removal in removals(counted, plan, [(0,), (1,), (5,)], OBJECTIVES):
        for name in OBJECTIVES:
            size = np.abs(told[name]).sum()
            assert told[name][removal.villages[0]] == pytest.approx(removal.loss[name], abs=1e-9 * size)
