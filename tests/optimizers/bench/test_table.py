"""A line of the bench: how fast plans are evaluated where bargaining counts, beside where it does not."""

from __future__ import annotations

import re

import pytest

from data.files.cities import load_city
from data.scenario import Scenario
from envs.kernel import resolve
from optimizers.bench import table


def test_counted_speed_is_told_with_its_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BATCH", 8)
    scenario = Scenario(plan_years=3, density_levels=1, facility_levels=1)
    row = table._counted_speed(resolve(scenario, load_city("tiny")))
    share, counted, without = (float(number.replace(",", "")) for number in re.findall(r"[\d.,]*\d", row.value))
    assert share == pytest.approx(counted / without, rel=0.05)
    assert row.gate == "must 0.85"
    assert row.holds is (share >= table.LEAST_COUNTED_SPEED) or abs(share - table.LEAST_COUNTED_SPEED) < 0.01
