"""The smallest change on the tiny city against trying all its plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.errors import InputError
from data.scenario import Target
from envs.changes.effects import Effects, measure_plans_beside
from envs.changes.village_change import changed_together
from envs.kernel import ResolvedScenario, evaluate
from envs.models.kernel_model import KernelModel
from envs.rules.check import check
from envs.rules.targets import scorecard, target_name
from optimizers.mending.plan_model import differs
from optimizers.whatif.smallest import Smallest, smallest_change
from optimizers.whatif.standing import Standing
from whatif_fixtures import EveryPlan, every_plan, plan_at, preference_by


def asked(tiny: ResolvedScenario, **changes: object) -> ResolvedScenario:
    scenario = tiny.scenario.model_copy(update={"villages_per_year": 3, **changes})
    return replace(tiny, scenario=scenario)


def standing_of(resolved: ResolvedScenario, plans: EveryPlan, seed: int) -> Standing:
    """A plan that renews many, drawn."""
    model = KernelModel(resolved)
    many = np.flatnonzero((plans.start_year > 0).sum(axis=1) == 5)
    row = int(np.random.default_rng(seed).choice(many))
    return Standing(model, plan_at(model, plans, row), preference_by(model, (0.4, 0.3, 0.3)))


@pytest.fixture(scope="module")
def all_plans(tiny: ResolvedScenario) -> EveryPlan:
    return every_plan(KernelModel(asked(tiny)))


def fewest_by_trying(standing: Standing, plans: EveryPlan, keeps: np.ndarray) -> int:
    changed = differs(standing.start_year, standing.option, plans.start_year, plans.option).sum(axis=1)
    return int(changed[keeps].min(initial=99))


@pytest.fixture(scope="module")
def displaced(tiny: ResolvedScenario, all_plans: EveryPlan) -> np.ndarray:
    """Tenants displaced by every plan; a sum over villages by option, so that single villages tell."""
    model = KernelModel(asked(tiny))
    n_villages, n_options = model.option_mask.shape
    village, option = (cells.ravel() for cells in np.indices((n_villages, n_options)))
    starts, options = (np.zeros((village.size, n_villages), dtype=np.int64) for _ in range(2))
    starts[np.arange(village.size), village], options[np.arange(village.size), village] = 1, option
    alone = evaluate(model.resolved, model.decode(starts, options), indicators=["displaced_tenants_persons"])
    table = np.asarray(alone["displaced_tenants_persons"]).reshape(n_villages, n_options)
    chosen = table[np.arange(n_villages), all_plans.option]
    return np.where(all_plans.start_year > 0, chosen, 0.0).sum(axis=1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_target_on_a_sum_is_met_by_proven_fewest(
    tiny: ResolvedScenario, all_plans: EveryPlan, displaced: np.ndarray, seed: int
) -> None:
    """At most half of the tenants that the plan displaces."""
    plain = standing_of(asked(tiny), all_plans, seed)
    own = _own(plain, all_plans, displaced)
    target = Target(indicator="displaced_tenants_persons", at_most=0.5 * own)
    standing = standing_of(asked(tiny, targets=(target,)), all_plans, seed)
    found = smallest_change(standing, target_name(target))
    assert found.kind == "sum"
    trying = fewest_by_trying(standing, all_plans, displaced <= 0.5 * own * (1.0 + 1e-9))
    assert found.is_proven
    assert found.at_least == trying == len(found.changes)
    _keeps(standing, found, target)


def test_a_target_that_no_plan_reaches_is_said_to_be_out_of_reach(tiny: ResolvedScenario, all_plans: EveryPlan) -> None:
    target = Target(indicator="new_rental_floor_m2", at_least=1e9)
    standing = standing_of(asked(tiny, targets=(target,)), all_plans, 1)
    found = smallest_change(standing, target_name(target))
    assert found.at_least == -1
    assert found.changes == ()


def test_a_sloped_target_is_met_and_not_called_proven(tiny: ResolvedScenario, all_plans: EveryPlan) -> None:
    plain = standing_of(asked(tiny), all_plans, 4)
    row = _row_of(plain, all_plans)
    wanted = 0.5 * (all_plans.values[row, 2] + all_plans.values[:, 2].max())
    target = Target(indicator="service_accessibility", at_least=float(wanted))
    standing = standing_of(asked(tiny, targets=(target,)), all_plans, 4)
    found = smallest_change(standing, target_name(target))
    assert found.kind == "linear"
    assert not found.is_proven
    if found.changes:
        _keeps(standing, found, target)
        assert len(found.changes) >= fewest_by_trying(standing, all_plans, all_plans.values[:, 2] >= wanted)


def test_a_target_of_a_year_is_met_by_measured_changes(tiny: ResolvedScenario, all_plans: EveryPlan) -> None:
    plain = standing_of(asked(tiny), all_plans, 5)
    effects = _effects(plain)
    now = float(effects.before[effects.indicators.index("mean_commute_km")])
    target = Target(indicator="mean_commute_km", at_most=now - 0.5, year=4)
    standing = standing_of(asked(tiny, targets=(target,)), all_plans, 5)
    assert not scorecard(standing.model.resolved, standing.plan)[0].met
    found = smallest_change(standing, target_name(target))
    assert found.kind == "measured"
    assert found.at_least == 0
    if found.changes:
        _keeps(standing, found, target)


def test_every_offender_must_change(tiny: ResolvedScenario, all_plans: EveryPlan) -> None:
    """Each village's facilities are asked for: as many changes as villages that have too few."""
    asks_more = replace(tiny, book=tiny.book.override({"rule.facility_ratio_min": 0.155}))
    standing = standing_of(asked(asks_more), all_plans, 1)
    finding = next(i for i in check(standing.model.resolved, standing.plan) if i.rule == "minimum_facility_ratio")
    assert not finding.holds
    found = smallest_change(standing, "minimum_facility_ratio")
    assert found.kind == "each"
    assert found.at_least == len(finding.villages)
    ids = standing.model.resolved.city.villages.village_id
    assert {str(ids[change.village]) for change in found.changes} == set(finding.villages)
    assert all(change.start_year == 0 for change in found.changes), "tiny has one facility level"
    mended = changed_together(standing.plan, found.changes)
    assert next(i for i in check(standing.model.resolved, mended) if i.rule == "minimum_facility_ratio").holds


def test_rules_that_hold_and_names_that_are_none_are_refused(tiny: ResolvedScenario, all_plans: EveryPlan) -> None:
    standing = standing_of(asked(tiny), all_plans, 1)
    for name in ("yearly_quota", "beauty"):
        with pytest.raises(InputError, match=name):
            smallest_change(standing, name)


def _effects(standing: Standing) -> Effects:
    return measure_plans_beside(standing.model.resolved, standing.plan, [])


def _row_of(standing: Standing, plans: EveryPlan) -> int:
    same = ~differs(standing.start_year, standing.option, plans.start_year, plans.option).any(axis=1)
    return int(np.flatnonzero(same)[0])


def _own(standing: Standing, plans: EveryPlan, values: np.ndarray) -> float:
    return float(values[_row_of(standing, plans)])


def _keeps(standing: Standing, found: Smallest, target: Target) -> None:
    mended = changed_together(standing.plan, found.changes)
    assert scorecard(standing.model.resolved, mended)[0].met, target
