"""A plan of `tiny` that breaks rules of every kind, for tests of compliance."""

from __future__ import annotations

from functools import cache

from data.files.cities import load_city
from data.scenario import RuleMode
from data.scenario_files import load_scenario
from envs.kernel import Plans, ResolvedScenario, resolve
from plan_fixtures import plans_of

HARD, REPORTED, WHOLE = "far_limit", "minimum_facility_ratio", "new_to_demolished"
"""Broken by V1 and V4; by V4; by the plan as a whole."""
OFFENDERS = ("V1", "V4")
KEPT = {
    "start_year": 0, "intensity": "rehabilitate", "land_use": "public_service", "floor_area_ratio": 0.0,
    "facility_ratio": 0.0,
}  # fmt: skip


@cache
def resolved_tiny() -> ResolvedScenario:
    rules = {HARD: RuleMode.HARD, "rental_share": RuleMode.OFF, WHOLE: RuleMode.PENALIZED}
    return resolve(load_scenario("tiny").model_copy(update={"rules": rules}), load_city("tiny"))


def breaking_plan() -> Plans:
    chosen = {
        0: {"intensity": "rebuild", "land_use": "mixed_use", "floor_area_ratio": 9.0, "facility_ratio": 0.1},
        2: {"intensity": "rehabilitate", "land_use": "public_service", "floor_area_ratio": 0.0, "facility_ratio": 0.1},
        3: {
            "intensity": "rebuild", "land_use": "commodity_housing", "floor_area_ratio": 9.0, "facility_ratio": 0.05,
        },
    }  # fmt: skip
    years = {0: 1, 2: 2, 3: 1}
    rows = [KEPT | chosen.get(k, {}) | {"start_year": years.get(k, 0)} for k in range(6)]
    return plans_of([rows])
