"""A plan whose scenario looks at bargaining says so, and tells how likely each village agrees."""

from __future__ import annotations

import numpy as np
import pytest

from agreement_fixtures import counting, random_table
from app.plans.agreement_note import agreement_note
from app.plans.tables import AGREEMENT, plan_tables
from data.files.cities import load_city
from data.scenario import Bargaining, Scenario
from envs.kernel import resolve
from plan_fixtures import random_plans

OFF = resolve(Scenario(plan_years=3, density_levels=2, facility_levels=1), load_city("tiny"))
VALUES = {"agreed_site_share": 0.4, "villages_at_risk": 3.0}


@pytest.mark.parametrize(("language", "said"), [("en", "40.0 % of the site area"), ("zh", "40.0 % 达成协议")])
def test_what_outcomes_are(language: str, said: str) -> None:
    assert agreement_note(OFF.scenario, VALUES, language) == ""
    counted, reported = (counting(OFF, mode).scenario for mode in (Bargaining.COUNTED, Bargaining.REPORTED))
    notes = [agreement_note(scenario, VALUES, language) for scenario in (counted, reported)]
    assert notes[0] != notes[1]
    assert all(said in note for note in notes)
    nothing = agreement_note(counted, VALUES | {"agreed_site_share": float("nan")}, language)
    assert said not in nothing
    assert nothing


def test_villages_tell_their_probability_and_count_by_it() -> None:
    table, plan = random_table(OFF, seed=2), random_plans(OFF, 1, seed=3)
    counted = plan_tables(counting(OFF).with_agreements(table), plan).village_outcomes()
    whole = plan_tables(OFF, plan).village_outcomes()
    renewed = plan.start_year[0] > 0
    assert AGREEMENT not in whole
    assert np.isnan(counted[AGREEMENT][~renewed]).all()
    share = counted[AGREEMENT].fillna(0.0)
    assert counted["demolished_floor_m2"].to_numpy() == pytest.approx((share * whole["demolished_floor_m2"]).to_numpy())
