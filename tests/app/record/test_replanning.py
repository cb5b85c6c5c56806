"""The rest planned again: every decision before the year stays to the letter, and what is found is valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from agreement_fixtures import counting
from app.plans.decisions import plan_decision
from app.record.replanning import replan
from app.runs.run_folder import Run
from data.errors import InputError
from data.importing.plans.actuals import Actuals, read_actuals
from data.scenario import Intensity
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve
from envs.kernel.plans import canonical, same_plans
from envs.rules.check import check, valid
from search_fixtures import searched

YEAR = 4
HEAD = "village_id,year,started,completed,cost_cny,moved_persons"


@pytest.fixture(scope="module")
def plan_id(run: Run) -> str:
    """The plan that renews most villages."""
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


def actuals_of(run: Run, tmp_path: Path, *rows: str, head: str = HEAD) -> Actuals:
    path = tmp_path / "actuals.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_actuals(path, run.resolved.city, run.resolved.scenario.plan_years)


def begun_before(run: Run, plan_id: str, year: int = YEAR) -> list[tuple[str, int]]:
    start = run.plan(plan_id).start_year[0]
    ids = run.resolved.city.villages.village_id
    return [(str(ids[i]), int(start[i])) for i in np.flatnonzero((start > 0) & (start < year))]


def key_of(work: Callable[[], object]) -> str:
    with pytest.raises(InputError) as error:
        work()
    error.value.text("zh")
    return str(error.value.refusals[0].message.key)


def test_a_plan_that_went_as_planned_keeps_every_decision_before_the_year(run: Run, plan_id: str) -> None:
    plan = canonical(run.plan(plan_id))
    again = replan(run, plan, YEAR)
    assert (again.late, again.otherwise) == ((), ())
    assert set(again.happened) == {name for name, _ in begun_before(run, plan_id)}
    assert same_plans(again.seeds[:1], plan)
    found = searched(again.resolved, evaluations=400, seed_plans=again.seeds).plans
    before = (plan.start_year[0] > 0) & (plan.start_year[0] < YEAR)
    for row in range(found.n_plans):
        one = canonical(found[row : row + 1])
        for village in np.flatnonzero(before):
            assert plan_decision(one, int(village)) == plan_decision(plan, int(village))
        assert not ((one.start_year[0] > 0) & (one.start_year[0] < YEAR) & ~before).any()
    assert valid(again.resolved, found).all()
    assert valid(run.resolved, found).all()
    assert all(finding.holds for finding in check(again.resolved, found[:1]) if finding.mode.value == "hard")


def test_what_really_happened_is_fixed_and_the_late_are_free(run: Run, plan_id: str, tmp_path: Path) -> None:
    planned = begun_before(run, plan_id)
    (first, year), late = planned[0], [name for name, _ in planned[1:]]
    kept = next(str(name) for name in run.resolved.city.villages.village_id if name not in dict(planned))
    kept_idx = run.resolved.city.villages.village_id.tolist().index(kept)
    actuals = actuals_of(
        run,
        tmp_path,
        f"{first},{year + 1},yes,,5e8,120,,",
        f"{kept},1,是,否,,,整治提升,0.08",
        head=f"{HEAD},改造方式,设施比例",
    )
    again = replan(run, run.plan(plan_id), YEAR, actuals)
    assert set(again.happened) == {first, kept}
    assert set(again.otherwise) == {first, kept}
    assert set(again.late) == set(late) - {kept}
    before = plan_decision(canonical(run.plan(plan_id)), run.resolved.city.villages.village_id.tolist().index(first))
    assert again.happened[first] == before.model_copy(update={"start_year": year + 1})
    assert again.happened[kept].intensity is Intensity.REHABILITATE
    scenario = again.resolved.scenario
    spent = [0] * (YEAR - 1)
    for happened in again.happened.values():
        spent[happened.start_year - 1] += 1
    assert list(scenario.yearly_quotas[: YEAR - 1]) == spent
    space = option_space(again.resolved)
    ids = run.resolved.city.villages.village_id.tolist()
    for name in again.late:
        assert np.flatnonzero(space.start_mask[ids.index(name)]).tolist() == [0, *range(YEAR, scenario.plan_years + 1)]
    assert valid(again.resolved, again.seeds).all()
    assert (again.seeds.start_year[:, kept_idx] == 1).all()
    caught_up, without = again.seeds.start_year
    assert all(caught_up[ids.index(name)] >= YEAR and without[ids.index(name)] == 0 for name in again.late)


def test_wrong_requests_are_refused(run: Run, plan_id: str, tmp_path: Path) -> None:
    plan, last = run.plan(plan_id), run.resolved.scenario.plan_years
    for year in (1, last + 1):
        assert key_of(partial(replan, run, plan, year)) == "replan_year"
    first, year = begun_before(run, plan_id)[0]
    later = actuals_of(run, tmp_path, f"{first},{year},yes,,,", f"{first},{YEAR},,,1,")
    assert key_of(partial(replan, run, plan, YEAR, later)) == "replan_actuals_later"
    ids = run.resolved.city.villages.village_id
    never = str(ids[np.flatnonzero(plan.start_year[0] == 0)[0]]) if (plan.start_year == 0).any() else None
    if never is not None:
        assert key_of(partial(replan, run, plan, YEAR, actuals_of(run, tmp_path, f"{never},1,yes,,,"))) == (
            "replan_option_missing"
        )
    huge = actuals_of(run, tmp_path, f"{first},1,yes,,,,0.9", head=f"{HEAD},facility_ratio")
    assert key_of(partial(replan, run, plan, YEAR, huge)) == "replan_past_breaks"


def test_more_than_the_quota_may_have_happened(run: Run, plan_id: str, tmp_path: Path) -> None:
    """The past is what it is: a year in which more began than the quota is no broken rule."""
    tight = replace(run.resolved, scenario=run.resolved.scenario.model_copy(update={"villages_per_year": 1}))
    names = [name for name, _ in begun_before(run, plan_id, run.resolved.scenario.plan_years + 1)][:3]
    actuals = actuals_of(run, tmp_path, *(f"{name},2,yes,,," for name in names))
    again = replan(replace(run, resolved=tight), run.plan(plan_id), YEAR, actuals)
    assert again.resolved.scenario.yearly_quotas[:YEAR] == (0, 3, 0, 1)
    past = replace(again.seeds, start_year=np.where(again.seeds.start_year < YEAR, again.seeds.start_year, 0))
    assert valid(again.resolved, past).all()


def test_where_bargaining_counts_what_was_begun_is_agreed_on(run: Run, plan_id: str) -> None:
    coarse = run.resolved.scenario.model_copy(update={"density_levels": 1, "facility_levels": 1})
    asked = replace(run, resolved=counting(resolve(coarse, run.resolved.city)))
    again = replan(asked, run.plan(plan_id), YEAR).resolved
    table, ids = again.agreements, again.city.villages.village_id
    assert table is not None
    begun = np.isin(ids, [name for name, _ in begun_before(run, plan_id)])
    assert np.all(table.probability[begun] == table.legal[begun])
    assert np.any(table.probability[~begun] < table.legal[~begun])
    before = np.where(begun, run.plan(plan_id).start_year, 0)
    past = canonical(replace(run.plan(plan_id), start_year=before))
    assert evaluate(again, past, indicators=["renewed_villages"])["renewed_villages"][0] == begun.sum()
