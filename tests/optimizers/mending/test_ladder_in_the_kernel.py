"""Mending in the city `tiny` against every single change of a plan, and a broken limit that adds up over villages."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import RuleMode
from data.scenario_files import load_scenario
from envs.kernel import resolve
from envs.models.kernel_model import KernelModel
from optimizers.mending.fewest import fewest_for_limits
from optimizers.mending.ladder import mend
from optimizers.mending.plan_model import Judged, Mending, year_counts


def drawn_plans(model: KernelModel, n_plans: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Legal plans within the yearly quotas, half of the villages renewed; start years and options."""
    rng, (n_villages, _) = np.random.default_rng(seed), model.option_mask.shape
    starts, options = np.zeros((2, n_plans, n_villages), dtype=np.int64)
    slots = np.repeat(np.arange(1, len(model.quota) + 1), model.quota)
    for row in range(n_plans):
        order = rng.permutation(n_villages)[: min(n_villages // 2, slots.size)]
        starts[row, order] = rng.permutation(slots)[: order.size]
        options[row] = [rng.choice(np.flatnonzero(legal)) for legal in model.option_mask]
    return starts, options


def mending_on_tiny(*, tenants_cap: float | None = None) -> Mending:
    """A drawn plan to mend against 60 drawn ones."""
    scenario = load_scenario("tiny")
    if tenants_cap is not None:
        rules = {**scenario.rules, "displacement": RuleMode.HARD}
        scenario = scenario.model_copy(update={"displaced_tenants_cap_persons": tenants_cap, "rules": rules})
    model = KernelModel(resolve(scenario, load_city("tiny")))
    starts, options = drawn_plans(model, 60, seed=5)
    values = model.report(starts, options).objectives * model.signs
    ranges = np.ptp(values, axis=0)
    worst = int(np.argmin((values / ranges).sum(axis=1)))
    return Mending(model, starts[worst], options[worst], values / ranges, ranges, may_lose=True)


def every_single_change(mending: Mending) -> Judged:
    """All plans one change away within the quotas, judged as the ladder judges."""
    model, plans = mending.model, []
    for village, legal in enumerate(model.option_mask):
        for year in np.flatnonzero(model.start_mask[village]):
            for option in np.flatnonzero(legal) if year > 0 else [0]:
                start, chosen = mending.start_year.copy(), mending.option.copy()
                start[village], chosen[village] = year, option
                if (year_counts(start[None], len(model.quota)) <= np.asarray(model.quota)).all():
                    plans.append((start, chosen))
    original = mending.judged(mending.start_year[None], mending.option[None], None, exact=True)
    floor = None if mending.may_lose or original.excess[0] > 0.0 else original.values[0]
    starts, options = (np.stack(genes) for genes in zip(*plans, strict=True))
    judged = mending.judged(starts, options, floor, exact=True)
    return judged.rows(judged.order()[:1])


def test_one_change_is_the_best_of_all_single_changes() -> None:
    mending = mending_on_tiny()
    best, ladder = every_single_change(mending), mend(mending, steps=(1,), seconds=60.0)
    assert best.gap[0] < ladder.original.gap - 0.01
    assert abs(ladder.rungs[0].gap - best.gap[0]) < 1e-6


def test_a_limit_on_displaced_tenants_is_kept_with_as_few_changes_as_are_proven_necessary() -> None:
    mending = mending_on_tiny(tenants_cap=200.0)
    ladder = mend(mending, steps=(1, 2, 3, 6), seconds=60.0, enough=np.inf)
    needed = fewest_for_limits(mending)
    assert ladder.original.excess > 0.0
    assert needed >= 1
    for rung in ladder.rungs:
        assert (rung.excess <= 1e-9) == (rung.most >= needed)


def plans_within(mending: Mending, changes: int) -> tuple[np.ndarray, np.ndarray]:
    """Every plan within so many changes and the quotas, start years and options."""
    model, found = mending.model, {}
    choices = [
        [(year, option) for year in np.flatnonzero(years) for option in (np.flatnonzero(legal) if year else [0])]
        for years, legal in zip(model.start_mask, model.option_mask, strict=True)
    ]
    for villages in combinations(range(len(choices)), changes):
        for chosen in product(*(choices[village] for village in villages)):
            plan = np.stack([mending.start_year, mending.option])
            plan[:, list(villages)] = np.array(chosen).T
            found[plan.tobytes()] = plan
    starts, options = np.stack(list(found.values())).transpose(1, 0, 2)
    fits = (year_counts(starts, len(model.quota)) <= np.asarray(model.quota)).all(axis=1)
    return starts[fits], options[fits]


@pytest.mark.parametrize(("row", "may_lose"), [(3, False), (3, True), (6, False), (9, True)])
def test_one_and_two_changes_are_the_best_of_all_and_no_better_than_estimated(row: int, may_lose: bool) -> None:
    model = KernelModel(resolve(load_scenario("tiny"), load_city("tiny")))
    starts, options = drawn_plans(model, 60, seed=5)
    values = model.report(starts, options).objectives * model.signs
    ranges = np.ptp(values, axis=0)
    mending = Mending(model, starts[row], options[row], values / ranges, ranges, may_lose=may_lose)
    ladder = mend(mending, steps=(1, 2), seconds=60.0)
    floor = None if may_lose else ladder.original.values
    assert ladder.original.gap > 0.2
    assert ladder.estimate is not None
    for rung, expected in zip(ladder.rungs, ladder.estimate.least_gap, strict=True):
        judged = mending.judged(*plans_within(mending, rung.most), floor, exact=True)
        best = float(judged.gap[judged.order()[0]])
        assert rung.gap == pytest.approx(best, abs=1e-6)
        assert expected <= best + 1e-6
