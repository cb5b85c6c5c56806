"""The small embedded city with a government that values facilities highly, so that some of its projects are agreed."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import INTENSITIES, LAND_USES, Intensity, LandUse, Scenario
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import Plans, canonical
from envs.people.bargaining.projects import Projects, projects_of

GENEROUS = {"shadow.facility_floor": 12_000}
DECISIONS = (
    (1, Intensity.REBUILD, LandUse.COMMODITY_HOUSING),
    (0, Intensity.REHABILITATE, LandUse.PUBLIC_SERVICE),
    (3, Intensity.MIXED, LandUse.MIXED_USE),
    (4, Intensity.REBUILD, LandUse.MIXED_USE),
    (2, Intensity.REHABILITATE, LandUse.PUBLIC_SERVICE),
    (5, Intensity.MIXED, LandUse.RENTAL_HOUSING),
)
"""Of each village: start year (0 = keep), intensity, land use."""


@pytest.fixture(scope="session")
def resolved() -> ResolvedScenario:
    return resolve(Scenario(plan_years=5, parameters=GENEROUS), load_city("tiny"))


@pytest.fixture(scope="session")
def options(resolved: ResolvedScenario) -> OptionSpace:
    return option_space(resolved)


@pytest.fixture(scope="session")
def plan(options: OptionSpace) -> Plans:
    """Each village takes the middle density and facility ratio of its kind; that which starts in year 4 is delayed."""
    start = np.array([decision[0] for decision in DECISIONS])
    chosen = []
    for village, (_, intensity, land_use) in enumerate(DECISIONS):
        of_kind = options.intensity == INTENSITIES.index(intensity)
        of_kind &= options.land_use == LAND_USES.index(land_use)
        of_kind &= options.option_mask[village]
        chosen.append(int(np.flatnonzero(of_kind)[np.count_nonzero(of_kind) // 2]))
    plan = options.decode(start[None], np.array([chosen]))
    return canonical(Plans(*plan.columns, delay_yr=np.where(start == 4, 0.5, np.nan)[None]))


@pytest.fixture(scope="session")
def projects(resolved: ResolvedScenario, plan: Plans, options: OptionSpace) -> Projects:
    return projects_of(resolved, plan, options)
