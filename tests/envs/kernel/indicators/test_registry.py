"""The registry of indicators: every one named, described in both languages, and shown in the order of the catalogue."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from data.catalogue import read_texts, text
from data.errors import InputError
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.evaluate import evaluate_by_district, evaluate_yearly
from envs.kernel.indicators.indicator import TIMES, YearlyMean, of_plans
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


TOLD_BY = {
    "present_value": ("present value", "现值"),
    "mean_of_years": ("mean of years", "年均"),
    "last_year": ("last year", "末年"),
    "largest_year": (("peak", "largest", "most"), ("峰值", "最大", "最多")),
    "when_complete": ("once complete", "建成后"),
    "year_of_event": ("year", "年"),
}
"""Time -> words of which its label has one, in English and Chinese."""
SIBLINGS = {
    "money of the account": ("total_profit_cny", "total_cost_cny"),
    "people": ("displaced_registered_persons", "displaced_tenants_persons", "displaced_tenants_share"),
    "carbon": ("embodied_carbon_tco2e",),
}
"""Quantities of the whole plan that have siblings of a year."""
WHOLE = (("total", "whole plan"), ("总", "全期"))


def says(label: str, words: str | tuple[str, ...]) -> bool:
    return any(word in label.lower() for word in ((words,) if isinstance(words, str) else words))


def test_every_label_says_the_time_of_its_number() -> None:
    """Whole sums need not where no sibling is of a year; all else says it, in both languages."""
    for item in INDICATORS.values():
        assert item.time in TIMES
        for language, words in zip(("en", "zh"), TOLD_BY.get(item.time, ("", "")), strict=True):
            assert says(item.label[language], words), (item.name, item.time, item.label[language])
    for name in (name for names in SIBLINGS.values() for name in names):
        assert INDICATORS[name].time == "whole_plan"
        for language, words in zip(("en", "zh"), WHOLE, strict=True):
            assert says(INDICATORS[name].label[language], words), name
    before = INDICATORS["population_before_persons"]
    assert before.time == "base_year"
    assert "base year" in before.label["en"]
    assert "基年" in before.label["zh"]


def test_a_year_of_a_series_is_not_told_as_the_number_of_the_plan() -> None:
    """What differs from its years is labelled apart from them; sums that grow say so."""
    for item in YEARLY.values():
        assert item.yearly_label != item.label, item.name
        if item.yearly is not None and item.time == "whole_plan":
            assert "so far" in item.yearly_label["en"], item.name
            assert "累计" in item.yearly_label["zh"], item.name
        if item.flow is not None:
            assert "of the year" in item.yearly_label["en"], item.name
            assert "当年" in item.yearly_label["zh"], item.name
        for words in TOLD_BY.values():
            spoken = words[0] if isinstance(words[0], str) else ""
            assert not spoken or spoken == "year" or spoken not in item.yearly_label["en"], item.name


def test_means_of_years_are_those_of_the_trace() -> None:
    """An indicator whose function is a mean over years says so, and no other but the villages' own mean."""
    means = {item.name for item in INDICATORS.values() if isinstance(item.value, YearlyMean)}
    assert {item.name for item in INDICATORS.values() if item.time == "mean_of_years"} == means | {
        "service_accessibility_villages"
    }
