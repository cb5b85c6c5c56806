"""The bench of "why not": rows for every village asked about, and a count of what is right."""

from __future__ import annotations

import pytest

from envs.kernel import ResolvedScenario
from optimizers.search.compute_anchors import compute_anchors
from optimizers.whatif.bench import scarce, why_not_bench


def test_a_scarce_quota_leaves_two_thirds_out(tiny: ResolvedScenario) -> None:
    roomy = tiny.scenario.model_copy(update={"villages_per_year": 3, "plan_years": 2})
    assert scarce(roomy, 6).yearly_quotas == (1, 1)
    assert scarce(roomy, 60) is roomy


@pytest.mark.slow
def test_every_village_has_a_row_and_answers_are_counted(tiny: ResolvedScenario) -> None:
    known = compute_anchors(tiny, tiny.scenario.objectives, threads=1, evaluations=100)
    rows = list(why_not_bench(tiny, known, n_villages=4, plan_seconds=1.0, again_seconds=0.5))
    asked = [row for row in rows if ", " in row.what and row.gate == ""]
    assert len(asked) == 4
    right = next(row for row in rows if row.what.startswith("answers right"))
    assert right.value == f"{sum(bool(row.holds) for row in asked)} of 4"
