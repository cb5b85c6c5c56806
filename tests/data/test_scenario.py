"""Scenario files: presets, readable refusals, and a written scenario that reads back the same."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.model_version import MODEL_VERSION
from data.parameter_book import load_book
from data.scenario import Intensity, LandUse, RuleMode, Scenario, ShareRange, Target
from data.scenario_files import (
    DEFAULT_PRESET,
    load_scenario,
    preset_names,
    scenario_from_mapping,
    scenario_schema,
    scenario_to_yaml,
)
from data.strict_yaml import dump_mapping, parse_mapping

PRESETS = (
    "accessibility_first",
    "balanced",
    "binding",
    "by_the_rules",
    "commute_first",
    "investment_first",
    "tiny",
)
OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


def _read(folder: Path, text: str | bytes) -> Scenario:
    path = folder / "case.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_scenario(path)


def test_presets_are_listed_and_labeled() -> None:
    assert preset_names() == PRESETS
    for name in preset_names():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert all(scenario.label[language] for language in ("en", "zh"))


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("investment_first", (0.6, 0.2, 0.2)),
        ("commute_first", (0.2, 0.6, 0.2)),
        ("accessibility_first", (0.2, 0.2, 0.6)),
        ("balanced", (1 / 3, 1 / 3, 1 / 3)),
    ],
)
def test_presets_weigh_the_objectives_as_the_model_says(name: str, weights: tuple[float, ...]) -> None:
    assert tuple(load_scenario(name).preferences[objective] for objective in OBJECTIVES) == weights


def test_objectives_without_preferences_weigh_the_same(tmp_path: Path) -> None:
    assert _read(tmp_path, "objectives: [net_present_value_cny, losers_share]").preferences == {
        "net_present_value_cny": 0.5,
        "losers_share": 0.5,
    }
    with pytest.raises(InputError, match="or leave out preferences"):
        _read(tmp_path, "{objectives: [losers_share], preferences: {mean_commute_km: 1}}")


def test_the_default_preset_is_the_default_scenario() -> None:
    default = load_scenario(DEFAULT_PRESET)
    assert default.model_copy(update={"name": "custom", "label": {}}) == Scenario()
    assert (default.plan_years, default.villages_per_year) == (12, 30)


def test_by_the_rules_is_balanced_with_the_notice_and_rents_hard() -> None:
    by_the_rules, balanced = load_scenario("by_the_rules"), load_scenario("balanced")
    hard = {
        "consent",
        "onsite_resettlement",
        "new_to_demolished",
        "minimum_facility_ratio",
        "rental_share",
        "rent_growth",
    }
    assert {name for name, mode in by_the_rules.rules.items() if mode is RuleMode.HARD} == hard
    assert by_the_rules.rules["demolished_share"] is RuleMode.REPORTED
    assert by_the_rules.model_copy(update={"name": "balanced", "label": balanced.label, "rules": {}}) == balanced


def test_a_year_has_its_own_quota_or_the_common_one() -> None:
    scenario = Scenario(plan_years=4, villages_per_year=3, villages_per_year_by_year={2: 0, 4: 9})
    assert scenario.yearly_quotas == (3, 0, 3, 9)


def test_tiny_has_seven_options_per_village() -> None:
    tiny = load_scenario("tiny")
    rebuilt = [kind for kind in tiny.intensities if kind is not Intensity.REHABILITATE]
    levels = tiny.density_levels * tiny.facility_levels
    assert 1 + tiny.plan_years * (1 + len(rebuilt) * len(tiny.land_uses) * levels) == 7


@pytest.mark.parametrize("name", PRESETS)
def test_a_written_preset_reads_back_the_same(tmp_path: Path, name: str) -> None:
    scenario = load_scenario(name)
    again = _read(tmp_path, scenario_to_yaml(scenario, load_book()))
    assert again == scenario
    assert again.digest == scenario.digest


def test_every_field_and_parameter_is_written(tmp_path: Path) -> None:
    scenario = load_scenario("balanced").model_copy(update={"parameters": {"finance.discount_rate": 0.07}})
    written = parse_mapping(scenario_to_yaml(scenario, load_book()))
    assert set(written) == {"model_version", *Scenario.model_fields}
    assert written["model_version"] == MODEL_VERSION
    assert set(written["parameters"]) == set(load_book())
    assert written["parameters"]["finance.discount_rate"] == 0.07
    again = _read(tmp_path, scenario_to_yaml(scenario, load_book()))
    assert again.parameters == {"finance.discount_rate": 0.07}
    changed_book = load_book().override({"rent.opex": 0.3})
    assert parse_mapping(scenario_to_yaml(scenario, changed_book))["parameters"]["rent.opex"] == 0.3


@given(
    scenario=st.builds(
        Scenario,
        name=st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20),
        plan_years=st.integers(1, 50),
        villages_per_year=st.integers(0, 10**6),
        intensities=st.permutations(list(Intensity)).map(tuple),
        land_uses=st.lists(st.sampled_from(list(LandUse)), min_size=1, unique=True).map(tuple),
        villages_per_year_by_year=st.dictionaries(st.just(1), st.integers(0, 10**6)),
        renewal_ratio=st.none() | st.just(ShareRange(low=0.0, high=0.5)),
        intensity_shares=st.dictionaries(st.sampled_from(list(Intensity)), st.just(ShareRange(low=0.1, high=1.0))),
        targets=st.sampled_from(list(RuleMode)).map(
            lambda mode: (Target(indicator="mean_commute_km", at_most=1.0, mode=mode),)
        ),
        least_rental_area_m2=st.none() | st.floats(1e-300, 1e300),
        capital_limit_annual_cny=st.none() | st.floats(1e-300, 1e300),
        locked=st.lists(st.sampled_from(["1", "007", "off", "null", "1e3", "~", "2023-01-01", "村"]), unique=True).map(
            tuple
        ),
        rules=st.dictionaries(st.sampled_from(["consent", "off", "no"]), st.sampled_from(list(RuleMode))),
        parameters=st.fixed_dictionaries(
            {}, optional={"rent.opex": st.floats(0.0, 1.0), "cost.park": st.floats(0.0, 1e12)}
        ),
    )
)
def test_any_scenario_survives_the_file(scenario: Scenario) -> None:
    book = load_book()
    again = scenario_from_mapping(parse_mapping(scenario_to_yaml(scenario, book)))
    assert again.model_copy(update={"parameters": {}}) == scenario.model_copy(update={"parameters": {}})
    assert book.override(again.parameters).digest == book.override(scenario.parameters).digest


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plan_yeers: 3", "did you mean 'plan_years'"),
        ("plan_years: 99", r"plan_years: .*50, found 99"),
        ("plan_years: true", "plan_years: .*integer"),
        ("plan_years: '3'", "plan_years: .*integer"),
        ("villages_per_year: 1" + "0" * 400, "digits"),
        ("capital_limit_annual_cny: .inf", "capital_limit_annual_cny: .*finite"),
        ("capital_limit_annual_cny: 1e400", "capital_limit_annual_cny: .*finite"),
        ("plan_years: 99\nvillages_per_year: -1", "2 fields are wrong\n  plan_years.*\n  villages_per_year"),
        ("rules: {consent: hrad}", r"rules\.consent: .*'off'"),
        ("rules: {consent: hard, consent: off}", "'consent' is given twice"),
        ("floor_area_ratio: {low: 3, high: 1}", r"floor_area_ratio: low 3\.0 is above high 1\.0"),
        ("villages_per_year_by_year: {'13': 4}", "villages_per_year_by_year: years 13: after plan_years 12"),
        ("villages_per_year_by_year: {'0': 4}", "villages_per_year_by_year"),
        ("villages_per_year_by_year: {3: 4}", "quotes"),
        ("renewal_ratio: {low: 0.5, high: 0.2}", "renewal_ratio: low 0.5 is above high 0.2"),
        ("villages_per_year: 0\nrenewal_ratio: {low: 0.5, high: 1}", "renewal_ratio: .*no year lets any start"),
        ("intensities: [rebuild]\nintensity_shares: {mixed: {low: 0, high: 1}}", "intensity_shares: mixed is not"),
        (
            "intensity_shares: {mixed: {low: 0.6, high: 1}, rebuild: {low: 0.6, high: 1}}",
            "intensity_shares: .*add up to 1.2",
        ),
        (
            "intensities: [mixed]\nintensity_shares: {mixed: {low: 0, high: 0.9}}",
            "intensity_shares: .*add up to 0.9",
        ),
        (
            "intensities: [rehabilitate]\nland_uses: []\nleast_rental_area_m2: 5",
            "least_rental_area_m2: no new floor",
        ),
        (
            "commodity_housing_cap_m2: 10\nleast_commodity_area_m2: 11",
            "least_commodity_area_m2: 0.0011 x 10,000 m2 is more than commodity_housing_cap_m2",
        ),
        ("locked: [12]", r"locked\.0: .*string"),
        ("fixed: {12: {start_year: 1}}", "quotes"),
        ("parameters: {finance.discount_rat: 0.05}", "parameters: .*did you mean 'finance.discount_rate'"),
        ("parameters: {rent.opex: 1.5}", r"parameters: rent\.opex: .*share"),
        ("parameters: {rent.opex: -.nan}", "parameters"),
        ("a: &x [1]\nb: *x", "anchors"),
        ("a: !!python/object:os.system {}", "tags"),
        ("a: !!timestamp x", "tags"),
        ("[" * 10_000, "nested deeper"),
        ("- 1", "mapping"),
        ("", "mapping"),
        ("a: 1\n---\nb: 2", "line 2"),
        ("a: b: c", "line 1"),
        ('name: "\\ud800"', "not text"),
        ('name: "\\0"', "not text"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"\x00", "special characters"),
        ("# " + "x" * 5_000_001, "larger than"),
    ],
)
def test_refusals_name_file_field_and_rule(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        _read(tmp_path, text)
    assert "case.yaml" in str(refused.value)


def test_plain_words_stay_words_and_numbers_numbers(tmp_path: Path) -> None:
    text = "rules: {consent: off}\nlocked: [007, no, 2023-07-21, 12:30]\ncapital_limit_annual_cny: 60e9\n"
    scenario = _read(tmp_path, "\ufeff" + text)
    assert scenario.rules == {"consent": RuleMode.OFF}
    assert scenario.locked == ("007", "no", "2023-07-21", "12:30")
    assert scenario.capital_limit_annual_cny == 60e9


@pytest.mark.parametrize("name", ["balancd", "missing.yaml", "a\0b", "x" * 5_000, "", "."])
def test_what_is_no_scenario_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        load_scenario(name)


def test_a_misspelt_preset_is_suggested() -> None:
    with pytest.raises(InputError, match="did you mean 'balanced'"):
        load_scenario("balancd")


_LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["hard", "rebuild"])
)
_WRITABLE = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False)
    | st.text(st.characters(categories=["L", "N", "P", "S", "Z"]), max_size=8)
    | st.from_regex(r"[-+0-9._eE~noyf]{1,6}", fullmatch=True)
)
_TREE = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(sorted(Scenario.model_fields)) | st.text(max_size=5), _TREE, min_size=1, max_size=4)
)
def test_wrong_content_is_always_an_input_error(content: dict[str, object]) -> None:
    try:
        scenario = scenario_from_mapping(content)
    except InputError:
        return
    assert scenario.digest


@settings(max_examples=200)
@given(st.text() | st.text("{}[]:,-!&*'\"\\|>%@# \n\tab01.eE~?<"))
def test_any_text_is_read_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        scenario_from_mapping(parse_mapping(text))


@given(st.dictionaries(st.text(st.characters(categories=["L", "N", "P", "S"])), _WRITABLE, max_size=5))
def test_what_is_dumped_is_parsed_back(content: dict[str, object]) -> None:
    assert parse_mapping(dump_mapping(content)) == content


def test_the_schema_names_fields_and_parameters() -> None:
    schema = scenario_schema()
    assert set(schema["properties"]) == {"model_version", *Scenario.model_fields}
    parameters = schema["properties"]["parameters"]
    assert set(parameters["properties"]) == set(load_book())
    assert parameters["additionalProperties"] is False
    assert "实际折现率" in parameters["properties"]["finance.discount_rate"]["description"]
