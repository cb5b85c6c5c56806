"""Futures as experiments and outcomes, as the EMA workbench reads them: a row each, inputs beside what came of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from app.stress.chances import wanted_of
from app.stress.failures import failing, inputs_of
from app.stress.stress_of_run import Stress

MOST_ROWS = 100_000
"""Of all plans together: fewer futures of many plans."""


def experiments_frame(stress: Stress) -> pd.DataFrame:
    """A row for each plan and future: inputs, then scenario, policy and model, as the workbench has them."""
    n, frames = n_experiments(stress), []
    for plan, plan_id in enumerate(stress.plan_ids):
        names, inputs = inputs_of(stress, plan)
        of_plan = pd.DataFrame(inputs[:n], columns=list(names))
        frames.append(of_plan.assign(scenario=np.arange(n), policy=plan_id, model="renewal"))
    return pd.concat(frames, ignore_index=True)


def outcomes_frame(stress: Stress) -> pd.DataFrame:
    """A row for each experiment: what is of money, with worlds all other indicators, and whether the plan fails."""
    stressed = stress.stressed
    n = n_experiments(stress)
    world = stressed.world[:n]
    frames, all_wanted = [], wanted_of(stress)
    for plan in range(len(stress.plan_ids)):
        columns = {name: values[plan, :n] for name, values in stressed.measures.items()}
        columns |= {name: values[plan, world] for name, values in stressed.moved.items()}
        frames.append(pd.DataFrame(columns).assign(fails=failing(stress, all_wanted, plan)[1][:n].astype(np.int64)))
    return pd.concat(frames, ignore_index=True)


def n_experiments(stress: Stress) -> int:
    """Futures of each plan that are written."""
    return min(stress.stressed.markets.shape[1], max(1, MOST_ROWS // len(stress.plan_ids)))
