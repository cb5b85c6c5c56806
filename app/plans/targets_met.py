"""Which plans of a front meet which targets of their scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.arrays import BoolArray
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.evaluate import measure_plans
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT
from envs.rules.rule import relative_excess
from envs.rules.targets import target_rule


def targets_met(resolved: ResolvedScenario, plans: Plans, front: pd.DataFrame) -> BoolArray:
    """Whether each plan meets each target, as the scorecard judges it; shape (n_plans, n_targets).

    What the front has measured is read from it; targets of a year are measured.

    Args:
        resolved: scenario resolved against a city.
        plans: of the front, in its order.
        front: front.csv.
    """
    targets = resolved.scenario.targets
    rules = [target_rule(target) for target in targets]
    known = [target.year is None and target.indicator in front for target in targets]
    asked = [rule.measured for rule, is_known in zip(rules, known, strict=True) if not is_known]
    measured = iter(measure_plans(resolved, canonical(plans), asked, precision=REPORT) if asked else [])
    met = np.ones((plans.n_plans, len(targets)), dtype=np.bool_)
    for k, (target, rule, is_known) in enumerate(zip(targets, rules, known, strict=True)):
        values = front[target.indicator].to_numpy(np.float64) if is_known else next(measured)
        met[:, k] = ~(relative_excess(rule, values, float(rule.limit(resolved) or 0.0)) > 0.0)
    return met
