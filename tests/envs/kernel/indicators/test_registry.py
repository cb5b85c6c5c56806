"""The registry of indicators: every one named, described in both languages, and shown in the order of the catalogue."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from data.catalogue import read_texts, text
from data.errors import InputError
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.evaluate import evaluate_by_district, evaluate_yearly
from envs.kernel.indicators.indicator import of_plans
from envs.kernel.indicators.registry import INDICATORS, YEARLY, by_name, indicator, objective_signs
from envs.kernel.trace import Trace
from plan_fixtures import random_plans


def test_order_is_that_of_the_catalogue() -> None:
    assert list(INDICATORS) == list(read_texts("indicators"))


def test_every_indicator_has_recipe_and_bias_in_both_languages() -> None:
    for item in INDICATORS.values():
        for language in ("en", "zh"):
            assert item.label[language] == text(f"{item.name}.label", language)
            assert item.recipe_in(language) == text(f"{item.name}.recipe", language)
            assert item.bias_in(language) == text(f"{item.name}.bias", language)
        assert item.recipe_in("zh") != item.recipe_in("en")
        assert item.sense in {"max", "min", ""}


def test_a_misspelt_function_is_told_at_import() -> None:
    def net_presnt_value_cny(trace: Trace) -> np.ndarray:
        return trace.net_cash_flow_cny

    with pytest.raises(ValueError, match=r"indicators\.yaml: indicator net_presnt_value_cny lacks"):
        of_plans(net_presnt_value_cny)


def test_names_are_unique_and_every_text_has_its_indicator() -> None:
    one = INDICATORS["payback_year"]
    with pytest.raises(ValueError, match="payback_year is registered twice"):
        by_name([one, one], ["payback_year"])
    with pytest.raises(ValueError, match="no indicator: payback_years"):
        by_name([one], ["payback_years", "payback_year"])


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"unknown indicator 'mean_comute_km'; did you mean mean_commute_km\?"
    ) as refused:
        indicator("mean_comute_km")
    assert "mean_commute_km" in refused.value.text("zh")
    with pytest.raises(InputError, match=r"unknown indicator 'x'$"):
        indicator("x")
    with pytest.raises(InputError, match="taxes_cny has no better side"):
        objective_signs(["mean_commute_km", "taxes_cny"])
    assert objective_signs(["net_present_value_cny", "mean_commute_km"]) == [1.0, -1.0]


def test_every_function_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(dict(INDICATORS))) == INDICATORS


def test_series_and_districts_have_their_shapes(tiny: ResolvedScenario) -> None:
    plans = random_plans(tiny, 3, seed=1)
    values = evaluate(tiny, plans).values
    assert all(value.shape == (3,) for value in values.values())
    n_years, n_flow_years = tiny.clock.horizon + 1, tiny.clock.last_flow_year + 1
    for name, series in evaluate_yearly(tiny, plans).items():
        assert series.shape == (3, n_flow_years if YEARLY[name].flow else n_years)
    n_districts = len(tiny.city.districts)
    for name, by_district in evaluate_by_district(tiny, plans).items():
        assert by_district.shape == (3, n_districts)
        if INDICATORS[name].unit in {"CNY", "m2", "persons", "villages"}:
            assert by_district.sum(axis=1) == pytest.approx(values[name], rel=1e-12)
