"""Who gains and who loses against the loop oracle, which shares no code with the kernel: any state year, any district.

The last state year of all cases is compared in test_against_oracle.py; its indicators here are those of other years.
"""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel import REPORT
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.indicators.wellbeing import WELLBEING
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from oracle_fixtures import SMALL_CASES, pair_of
from oracles.evaluate import evaluate_plan
from plan_fixtures import entries_of

NAMES = [item.name for item in WELLBEING]


def tolerance(name: str) -> float:
    """Beside 1e-6 of the value: a thousandth of a yuan, or a billionth of a share."""
    return 1e-3 if name.endswith("_cny_per_yr") else 1e-9


@pytest.mark.parametrize("case", SMALL_CASES[::3], ids=["-".join(case) for case in SMALL_CASES[::3]])
def test_years_and_districts(case: tuple[str, str]) -> None:
    pair, number = pair_of(*case), SMALL_CASES.index(case)
    resolved, last = pair.resolved, pair.oracle["last_state_year"]
    for year in sorted({0, 2 + number % (last - 2), last}):
        trace = Trace(resolved, canonical(pair.plans), REPORT, wellbeing_year=year)
        oracle = evaluate_plan(
            resolved.city,
            resolved.scenario,
            lambda key: resolved.book[key].value,
            entries_of(pair.plans, 0),
            wellbeing_year=year,
        )
        for name in NAMES:
            value, by_district = INDICATORS[name].value(trace)[0], INDICATORS[name].by_district
            np.testing.assert_allclose(value, oracle[name], rtol=1e-6, atol=tolerance(name), err_msg=f"{name} {year}")
            if by_district is not None:
                expected = oracle[f"{name}_by_district"]
                np.testing.assert_allclose(
                    by_district(trace)[0], expected, rtol=1e-6, atol=tolerance(name), err_msg=f"{name} {year}"
                )


def test_the_cases_have_people_who_gain_and_who_lose() -> None:
    """Neither side is asked about a city in which nothing happens."""
    found = np.array([[pair_of(*case).oracle[name] for name in NAMES[:2]] for case in SMALL_CASES[::7]])
    assert (found > 0.05).any(axis=0).all()
    assert (found < 0.95).any(axis=0).all()
