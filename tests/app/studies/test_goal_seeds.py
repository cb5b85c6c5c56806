"""A goal begins with the runs that exist, however many: all fronts are read, no plan that meets it is overlooked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.plans.tables import front_frame
from app.runs import optimize
from app.runs.loading import load_resolved
from app.runs.names import RunStatus
from app.runs.record import write_record
from app.runs.run_folder import plan_id_of, write_front, write_scenario
from app.studies import goal_seeds as seeds_module
from app.studies.goal_seeds import goal_seeds, moves_outcomes
from data.errors import InputError
from data.levers import find_lever
from data.scenario import Target
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.plans import concatenate
from envs.rules.check import valid
from optimizers.algorithms.request import SearchRequest
from optimizers.goals.goal_seeking import seek
from optimizers.goals.seek_result import MET
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.operators import split

TINY = load_resolved("tiny", "tiny")
RENTAL = "new_rental_floor_m2"
N_RUNS = 12


def all_plans() -> Plans:
    plans = option_space(TINY).decode(*split(np.concatenate(list(all_genomes(option_space(TINY))))))
    return plans[np.flatnonzero(valid(TINY, plans))]


ALL = all_plans()
FLOOR_M2 = evaluate(TINY, ALL, indicators=[RENTAL])[RENTAL]


def denser() -> Plans:
    """The plan with most rental floor, a little denser than any option: no search of the levels finds it."""
    best = ALL[np.array([int(np.argmax(FLOOR_M2))])]
    return replace(best, floor_area_ratio=best.floor_area_ratio * 1.02)


def write_run(folder: Path, resolved: ResolvedScenario, plans: Plans) -> Path:
    """A finished run of plans, in the files that a search leaves."""
    folder.mkdir(parents=True)
    record = optimize._first_record(resolved, SearchRequest(), city="tiny", seed_run=None)
    write_scenario(folder, resolved)
    write_front(folder, resolved, plans, front_frame(resolved, plans, [plan_id_of(k) for k in range(plans.n_plans)]))
    write_record(folder, record.model_copy(update={"status": RunStatus.COMPLETED, "n_plans": plans.n_plans}))
    return folder


def few(k: int) -> Plans:
    """Four plans with little rental floor, others for every k."""
    return ALL[np.argsort(FLOOR_M2, kind="stable")[4 * k : 4 * k + 4]]


def wanting(value: float, **changes: object) -> ResolvedScenario:
    targets = (Target(indicator=RENTAL, at_least=value),)
    return replace(TINY, scenario=TINY.scenario.model_copy(update={"targets": targets} | changes))


def runs_of(tmp_path: Path, last: Plans) -> list[Path]:
    """More runs than ever were read at once, the plan that matters in the oldest, last one."""
    folders = [write_run(tmp_path / f"run-{k}", TINY, few(k)) for k in range(N_RUNS - 1)]
    return [*folders, write_run(tmp_path / "oldest", TINY, concatenate([few(N_RUNS), last]))]


def test_the_one_plan_that_meets_it_is_found_in_the_oldest_of_many_runs(tmp_path: Path) -> None:
    known = denser()
    floor_m2 = float(evaluate(TINY, known, indicators=[RENTAL])[RENTAL][0])
    assert floor_m2 > FLOOR_M2.max()
    goal = wanting(floor_m2 * (1.0 - 1e-9))
    lever = find_lever(goal.scenario, goal.book, "villages_per_year")
    alone = seek(goal, lever, 2, 4, evaluations=60)
    assert alone.outcome != MET
    seeds = goal_seeds(runs_of(tmp_path, known), goal, lever)
    assert seeds.nearest is not None
    assert len(seeds.runs) == N_RUNS
    found = seek(goal, lever, 2, 4, evaluations=60, known_plans=seeds.nearest, other_plans=seeds.others)
    assert found.outcome == MET
    assert found.chosen is not None
    assert found.chosen.attainment.plan is not None
    np.testing.assert_allclose(found.chosen.attainment.plan.floor_area_ratio, known.floor_area_ratio)


def test_beyond_the_nearest_no_plan_is_overlooked_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One plan is measured at every value; it breaks a hard rule, and the one that meets all is among the rest."""
    monkeypatch.setattr(seeds_module, "MOST_KNOWN", 1)
    known = denser()
    floor_m2 = float(evaluate(TINY, known, indicators=[RENTAL])[RENTAL][0])
    twice = replace(known, floor_area_ratio=known.floor_area_ratio * 9.0)  # nearest by its front, and not legal
    folders = [write_run(tmp_path / "wild", TINY, twice), *runs_of(tmp_path, known)]
    goal = wanting(floor_m2 * (1.0 - 1e-9))
    lever = find_lever(goal.scenario, goal.book, "villages_per_year")
    seeds = goal_seeds(folders, goal, lever)
    assert seeds.nearest is not None
    assert seeds.nearest.n_plans == 1
    others = list(seeds.others())
    assert sum(plans.n_plans for plans in others) == 1  # the fronts rule all the rest out
    found = seek(goal, lever, 3, 3, evaluations=60, known_plans=seeds.nearest, other_plans=seeds.others)
    assert found.outcome == MET


def test_a_front_rules_plans_out_only_where_it_was_measured_as_the_goal_is(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", TINY, few(0))
    goal = wanting(float(FLOOR_M2.max()))
    cases = {
        "villages_per_year": False,
        "plan_years": True,
        "finance.discount_rate": True,
        "facility_ratio.high": False,
    }
    for key, moves in cases.items():
        lever = find_lever(goal.scenario, goal.book, key)
        assert moves_outcomes(lever) is moves
        (run,) = goal_seeds([folder], goal, lever).runs
        assert bool(run.can_meet.any()) is moves
    bound = find_lever(goal.scenario, goal.book, "villages_per_year")
    other = load_resolved("tiny", "tiny")
    priced = resolve(other.scenario.model_copy(update={"parameters": {"finance.discount_rate": 0.055}}), other.city)
    elsewhere = write_run(tmp_path / "other", priced, few(0))
    assert goal_seeds([elsewhere], goal, bound).runs[0].can_meet.all()
    of_a_year = replace(
        goal, scenario=goal.scenario.model_copy(update={"targets": (Target(indicator=RENTAL, at_least=1.0, year=2),)})
    )
    assert goal_seeds([folder], of_a_year, bound).runs[0].can_meet.all()  # no front tells a year


def test_runs_of_another_city_are_refused_and_none_are_none(tmp_path: Path) -> None:
    lever = find_lever(TINY.scenario, TINY.book, "villages_per_year")
    goal = wanting(1.0)
    none = goal_seeds([], goal, lever)
    assert (none.nearest, list(none.others())) == (None, [])
    folder = write_run(tmp_path / "run", TINY, few(0))
    other = resolve(goal.scenario, synthesize_city(5, seed=1))
    with pytest.raises(InputError, match="city"):
        goal_seeds([folder], other, lever)
