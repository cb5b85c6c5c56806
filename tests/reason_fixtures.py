"""Plans of small cities to explain, and outcomes as a function of how much of each village counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.files.cities import load_city
from data.scenario import Scenario
from envs.kernel import REPORT, Plans, ResolvedScenario, resolve
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical
from oracles.attribution import Outcome

FULL_ZONES = {"settle.m2_per_person": 400.0}
"""Room for a fraction of those who leave: zones fill, and some people find no room."""
WAITING = {"settle.outflow_cap": 0.0006}
"""Zones send few: others send for them, and newcomers wait."""
MARKETS = ("price.elasticity", "sale.flow_elasticity", "rent.elasticity")


def tiny_city(**parameters: float) -> ResolvedScenario:
    """The embedded city of six villages with some parameters of the book changed."""
    return resolve(
        Scenario(plan_years=5, density_levels=3, facility_levels=3, parameters=parameters), load_city("tiny")
    )


def tiny_plan(**columns: Any) -> Plans:
    """All intensities and all but one land use; two villages a year begin, one is kept."""
    return canonical(
        Plans(
            start_year=np.array([[1, 2, 1, 0, 3, 2]]),
            intensity=np.array([[2, 1, 2, 0, 0, 2]]),
            land_use=np.array([[0, 1, 2, 0, 0, 3]]),
            floor_area_ratio=np.array([[2.0, 1.6, 1.8, 0.0, 0.0, 2.2]]),
            facility_ratio=np.array([[0.1, 0.15, 0.12, 0.0, 0.1, 0.2]]),
            **columns,
        )
    )


def counted_outcome(resolved: ResolvedScenario, plan: Plans, name: str) -> Outcome:
    """An outcome by the kernel's own share of what counts; knows nothing of paths."""

    def outcome(shares: np.ndarray) -> np.ndarray:
        plans = plan[np.zeros(len(shares), dtype=np.int64)]
        measure = INDICATORS[name].value
        return np.asarray(measure_plans(resolved, plans, [measure], precision=REPORT, counted_share=shares)[0])

    return outcome
