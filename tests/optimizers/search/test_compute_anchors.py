"""Anchors: what they depend on, how they scale, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.city import City
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario, Target
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices import anchors as module
from envs.choices.anchors import Anchors, anchor_digest, write_anchors
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.plans import empty_plan
from optimizers.search.compute_anchors import anchor_evaluations, anchors, compute_anchors

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("tiny")


@pytest.fixture(scope="module")
def tiny(city: City) -> ResolvedScenario:
    return resolve(load_scenario("tiny"), city)


@pytest.fixture(scope="module")
def found(tiny: ResolvedScenario) -> Anchors:
    return compute_anchors(tiny, OBJECTIVES, threads=1, evaluations=300)


def changed(tiny: ResolvedScenario, **changes: Any) -> ResolvedScenario:
    return resolve(Scenario.model_validate(tiny.scenario.model_dump() | changes), tiny.city)


def test_anchors_of_large_cities_take_fewer_evaluations() -> None:
    budgets = {5: 2_000, 2_000: 2_000, 4_000: 500, 14_000: 100}
    assert {n_places: anchor_evaluations(n_places) for n_places in budgets} == budgets


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"label": {"en": "Other"}},
        {"preferences": {"mean_commute_km": 1.0}},
        {"targets": (Target(indicator="mean_commute_km", at_most=10.0),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_ignores_what_changes_no_plan(tiny: ResolvedScenario, change: dict[str, Any]) -> None:
    assert anchor_digest(changed(tiny, **change), OBJECTIVES) == anchor_digest(tiny, OBJECTIVES)


@pytest.mark.parametrize(
    "change",
    [
        {"plan_years": 3},
        {"villages_per_year": 2},
        {"forbidden": ("V00001",)},
        {"rules": {"consent": RuleMode.HARD}},
        {"parameters": {"built.buildable_share": 0.55}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_knows_what_does(tiny: ResolvedScenario, change: dict[str, Any]) -> None:
    if "forbidden" in change:
        change = {"forbidden": (str(tiny.city.villages.village_id[0]),)}
    assert anchor_digest(changed(tiny, **change), OBJECTIVES) != anchor_digest(tiny, OBJECTIVES)


def test_the_digest_knows_city_and_objectives(tiny: ResolvedScenario) -> None:
    elsewhere = resolve(tiny.scenario, synthesize_city(6, 1))
    assert anchor_digest(elsewhere, OBJECTIVES) != anchor_digest(tiny, OBJECTIVES)
    assert anchor_digest(tiny, OBJECTIVES[:2]) != anchor_digest(tiny, OBJECTIVES)


def test_base_is_the_empty_plan(tiny: ResolvedScenario, found: Anchors) -> None:
    outcome = evaluate(tiny, empty_plan(tiny.city.n_villages), indicators=[])
    assert found.base == pytest.approx([float(outcome[name][0]) for name in OBJECTIVES], rel=1e-12)


def test_best_and_worst_enclose_the_base(found: Anchors) -> None:
    signs = np.array(objective_signs(OBJECTIVES))
    best, base, worst = (signs * np.array(row) for row in (found.best, found.base, found.worst))
    assert (worst <= base).all()
    assert (base <= best).all()
    assert (worst < best).all()


def test_normalized_is_one_at_best_and_zero_at_worst(found: Anchors) -> None:
    table = np.array([found.best, found.worst, (np.array(found.best) + np.array(found.worst)) / 2.0])
    np.testing.assert_allclose(found.normalized(table), [[1.0] * 3, [0.0] * 3, [0.5] * 3], atol=1e-9)


def test_anchors_that_coincide_do_not_divide_by_zero() -> None:
    flat = Anchors(("a", "b"), (1.0, 0.0), (1.0, 2.0), (1.0, 0.0), 1, 1, "d")
    assert flat.ranges.tolist() == [1.0, 2.0]
    assert flat.normalized(np.array([[1.0, 1.0]])).tolist() == [[0.0, 0.5]]


def test_anchors_are_read_back_as_written(tiny: ResolvedScenario, found: Anchors, tmp_path: Path) -> None:
    path = write_anchors(found, tmp_path / "cache")
    assert path.name == f"{found.digest[:16]}.json"
    assert module._read(path, found.digest) == found
    assert module._read(path, "0" * 64) is None
    assert module._read(tmp_path / "absent.json", found.digest) is None


def test_known_anchors_are_not_computed_again(
    tiny: ResolvedScenario, found: Anchors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "none")
    marked = replace(found, best=(1.0, 2.0, 3.0))
    write_anchors(marked, tmp_path)
    assert anchors(tiny, OBJECTIVES, cache=tmp_path) == marked


def test_computed_anchors_are_cached(tiny: ResolvedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "none")
    first = anchors(tiny, OBJECTIVES[:1], evaluations=100, cache=tmp_path)
    (path,) = tmp_path.glob("*.json")
    assert json.loads(path.read_text())["digest"] == first.digest == anchor_digest(tiny, OBJECTIVES[:1])
    assert first.evaluations == 100
    assert anchors(tiny, OBJECTIVES[:1], evaluations=100, cache=tmp_path) == first
