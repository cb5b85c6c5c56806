"""What moves the outcome of a plan: Sobol indices over the shocks of markets and, with worlds, over everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from app.stress.stress_of_run import COMPARED, Stress
from envs.futures.money_measures import MEASURES
from envs.futures.sobol_of_plans import Shares, shares_of_markets, shares_of_worlds
from envs.kernel.indicators.registry import INDICATORS

MONEY = (COMPARED, "government_npv_cny", "peak_funding_cny")
COLUMNS = ["plan_id", "over", "indicator", "group", "first", "first_se", "total", "total_se", "n_base"]


@dataclass(frozen=True, eq=False)
class Causes:
    """Sobol indices of the plans of a stress.

    Attributes:
        n_base: base sample; 0 = none was drawn.
        shares: markets or worlds -> the outcomes, and their indices by plan.
    """

    n_base: int
    shares: Mapping[str, tuple[tuple[str, ...], Shares]]


NO_CAUSES = Causes(0, {})


def causes_of(stress: Stress, *, n: int, threads: int = 1) -> Causes:
    """Draw and measure; nothing where n is 0.

    Args:
        stress: plans in futures.
        n: base sample, a power of two.
        threads: worker threads.

    Raises:
        InputError: SALib is not installed, or n is no power of two.
    """
    if not n:
        return NO_CAUSES
    resolved, plans, seed = stress.resolved, stress.plans, stress.stressed.seed
    shares: dict[str, tuple[tuple[str, ...], Shares]] = {}
    shares["markets"] = (MONEY, shares_of_markets(resolved, plans, MONEY, n=n, seed=seed))
    if stress.stressed.n_worlds:
        names = tuple(dict.fromkeys((COMPARED, *resolved.scenario.objectives)))
        measures = {name: None if name in MEASURES else INDICATORS[name].value for name in names}
        shares["worlds"] = (names, shares_of_worlds(resolved, plans, measures, n=n, seed=seed, threads=threads))
    return Causes(n, shares)


def causes_frame(stress: Stress, causes: Causes) -> pd.DataFrame:
    """A row for each plan, outcome and group of uncertainties."""
    rows = [
        {
            "plan_id": stress.plan_ids[plan],
            "over": over,
            "indicator": name,
            "group": group,
            "first": told.first[k],
            "first_se": told.first_error[k],
            "total": told.total[k],
            "total_se": told.total_error[k],
            "n_base": causes.n_base,
        }
        for over, (names, by_plan) in causes.shares.items()
        for plan, of_plan in enumerate(by_plan)
        for name, told in zip(names, of_plan, strict=True)
        for k, group in enumerate(told.groups)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
