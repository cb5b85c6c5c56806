"""What page and screen show of a bargained plan: gains round by round, the map, before and after, what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from app.bargaining.bargain_map import SHOWN, bargain_map
from app.bargaining.bargain_tables import before_after_table, chances_table, village_ways_table, villages_table
from app.bargaining.bargained_plan import BargainedPlan, Table, bargain_plan
from app.bargaining.gains_by_round import gains_by_round
from app.bargaining.ways import before_and_after, missing_cny, sums_of
from app.runs.run_folder import Run
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.protocol import NOBODY


@pytest.fixture(scope="module")
def bargained(run: Run) -> BargainedPlan:
    most = max(run.plan_ids, key=lambda plan_id: int((run.plan(plan_id).start_year > 0).sum()))
    return bargain_plan(run.resolved, run.plan(most), Table(seed=2, n_draws=20))


def test_gains_round_by_round_end_where_it_is_agreed(bargained: BargainedPlan) -> None:
    """Own offers only fall; at the end nobody but the last to offer has less by the others than by its own."""
    negotiation = bargained.negotiation
    result = negotiation.result
    assert result.agreed.any()
    for project in range(result.agreed.size):
        gains = gains_by_round(negotiation, project)
        assert np.array_equal(gains.plan, negotiation.utility[project, 0])
        assert np.array_equal(gains.end, negotiation.utility[project, result.package[project]])
        if not result.agreed[project]:
            assert gains.own.shape == (0, len(PARTIES))
            continue
        veto = bargained.projects.stakes.veto[project]
        assert len(gains.own) == result.n_concessions[project] + 1
        assert np.array_equal(~np.isnan(gains.own), np.broadcast_to(veto, gains.own.shape))
        assert (np.diff(gains.own[:, veto], axis=0) <= 0.0).all()
        if veto.sum() > 1:
            assert (gains.others[-1, veto] < gains.own[-1, veto]).sum() <= 1
        by_hand = [negotiation.utility[project, result.offers[0, project, k]] for k in range(3) if veto[k]]
        tenants = PARTIES.index("tenants")
        assert gains.others[0, tenants] == max(utility[tenants] for utility in by_hand)


@pytest.mark.parametrize("shown", SHOWN)
def test_every_village_is_on_the_map_once(bargained: BargainedPlan, shown: str) -> None:
    """Each in one class; agreed and blocked as the protocol has it."""
    drawn = bargain_map(bargained, "zh", shown=shown)
    assert (np.sum([item.mask for item in drawn.classes], axis=0) == 1).all()
    agreed = bargained.projects.village_idx[bargained.negotiation.result.agreed]
    if shown == "outcome":
        assert np.flatnonzero(drawn.classes[1].mask).tolist() == agreed.tolist()
    assert len(drawn.lines) == bargained.resolved.city.n_villages


def test_before_and_after_of_the_same_projects(bargained: BargainedPlan) -> None:
    """Of those who agree the plan's terms are package 0; sums are areas times gains."""
    result, projects = bargained.negotiation.result, bargained.projects
    all_projects, of_agreed, after = (sums_of(bargained, way) for way in before_and_after(bargained))
    assert (all_projects.n_projects, of_agreed.n_projects) == (result.agreed.size, int(result.agreed.sum()))
    assert after.n_projects == of_agreed.n_projects
    area_m2 = bargained.resolved.city.villages.site_area_m2[projects.village_idx]
    by_hand = sum(
        area_m2[k] * bargained.negotiation.utility[k, result.package[k]] for k in np.flatnonzero(result.agreed)
    )
    assert after.gains_cny == pytest.approx(by_hand)
    assert len(before_after_table(bargained, "en").rows) == 1 + 4 + len(PARTIES)


def test_what_is_missing_is_what_the_blocker_loses(bargained: BargainedPlan) -> None:
    """Positive, over the whole site; told in the row of its village and nowhere else."""
    result = bargained.negotiation.result
    table = villages_table(bargained, "zh")
    missing = table.iloc[:, -1]
    assert missing.isna().tolist() == (result.blocker == NOBODY).tolist()
    for project in np.flatnonzero(result.blocker != NOBODY).tolist():
        assert missing_cny(bargained, project) > 0.0
        assert missing[project] == pytest.approx(missing_cny(bargained, project) / 1e8)


def test_tables_of_one_village(bargained: BargainedPlan) -> None:
    """The bargain is the package of the largest product; a certain agreement has no error."""
    result = bargained.negotiation.result
    project = int(result.agreed.argmax())
    bargain, largest, *_ = village_ways_table(bargained, project, "en").rows
    assert bargain[1:] == largest[1:]
    (_, chance, error), *_ = chances_table(bargained, project, "en").rows
    share, se = (values[project] for values in bargained.prospects.probability)
    assert (chance, error) == (f"{100.0 * share:.1f} %", f"{100.0 * se:.1f} %")
