"""Residents of the small embedded city, drawn once."""

from __future__ import annotations

import pytest

from data.files.cities import load_city
from data.scenario import Scenario
from envs.kernel import resolve
from envs.people.drawing import draw_residents
from envs.people.people_model import PeopleModel, people_model
from envs.people.residents import Residents


@pytest.fixture(scope="session")
def model() -> PeopleModel:
    return people_model(resolve(Scenario(plan_years=5, density_levels=3, facility_levels=3), load_city("tiny")))


@pytest.fixture(scope="session")
def residents(model: PeopleModel) -> Residents:
    return draw_residents(model, seed=3)
