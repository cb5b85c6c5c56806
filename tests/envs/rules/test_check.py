"""Every rule catches what it is for, and nothing else: one legal plan, changed in one place at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from data.city import City
from data.errors import InputError
from data.scenario import DistrictLimit, FixedVillage, Intensity, LandUse, RuleMode, Scenario, ShareRange
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.rules.check import (
    RULES,
    Finding,
    active_rules,
    check,
    refuse_unknown_rules,
    valid,
    violations,
)
from envs.rules.coherence import refuse_contradictions, refuse_unreachable_bounds

REHABILITATE, MIXED, REBUILD = range(3)
SALE, RENTAL, EMPLOYMENT, MIXED_USE, PUBLIC = range(5)
RENTAL_ONLY, PROTECTED, DENSE, HESITANT = 1, 4, 11, 6
"""Villages of the city: on rental-only land; under protection; with little room; with the least consent."""
BUILT_IN = [name for name, rule in RULES.items() if rule.built_in]
SWITCHABLE = [name for name, rule in RULES.items() if not rule.built_in]

Choice = tuple[int | float, ...]
"""Start year, intensity, land use, floor-area ratio, facility ratio, and what is given: multiplier, share, delay."""
LEGAL: dict[int, Choice] = {
    0: (1, REHABILITATE, PUBLIC, 0.0, 0.10),
    2: (1, REHABILITATE, PUBLIC, 0.0, 0.10),
    3: (3, MIXED, MIXED_USE, 2.0, 0.15),
    5: (2, REHABILITATE, PUBLIC, 0.0, 0.10),
    7: (2, REHABILITATE, PUBLIC, 0.0, 0.10),
    9: (3, REHABILITATE, PUBLIC, 0.0, 0.10),
}


@dataclass(frozen=True)
class Breach:
    """One way to break one rule: change the plan's villages, or the scenario around it."""

    rule: str
    villages: dict[int, Choice] = field(default_factory=dict)
    scenario: dict[str, Any] = field(default_factory=dict)
    offenders: tuple[int, ...] = ()


def limit_of(key: str, value: float) -> dict[str, Any]:
    return {"parameters": {key: value}}


BREACHES = [
    Breach("start_year", {8: (6, REHABILITATE, PUBLIC, 0.0, 0.1)}, offenders=(8,)),
    Breach("start_year", {8: (-1, REHABILITATE, PUBLIC, 0.0, 0.0)}, offenders=(8,)),
    Breach("given_values", {0: (1, REHABILITATE, PUBLIC, 0.0, 0.1, np.nan, np.nan, -0.1)}, offenders=(0,)),
    Breach("given_values", {3: (3, MIXED, MIXED_USE, 2.0, 0.15, 0.0, np.nan, np.nan)}, offenders=(3,)),
    Breach("given_values", {3: (3, MIXED, MIXED_USE, 2.0, 0.15, np.nan, 1.1, np.nan)}, offenders=(3,)),
    Breach("given_values", {3: (3, MIXED, MIXED_USE, 2.0, 0.15, np.nan, np.nan, np.inf)}, offenders=(3,)),
    Breach(
        "given_values",
        {3: (3, MIXED, MIXED_USE, 2.0, 0.15, np.nan, np.nan, 19.0), 0: (1, REHABILITATE, PUBLIC, 0.0, 0.1, 1, 1, 19.0)},
        offenders=(3,),
    ),
    Breach("intensity", scenario={"intensities": (Intensity.MIXED,)}, offenders=(0, 2, 5, 7, 9)),
    Breach("land_use", scenario={"land_uses": (LandUse.RENTAL_HOUSING,)}, offenders=(3,)),
    Breach(
        "rebuild_allowed",
        {PROTECTED: (1, REBUILD, RENTAL, 1.5, 0.1)},
        {"onsite_resettlement_share": 0.0},
        offenders=(PROTECTED,),
    ),
    Breach("rental_only", {RENTAL_ONLY: (1, REBUILD, SALE, 2.0, 0.1)}, offenders=(RENTAL_ONLY,)),
    Breach("floor_area_ratio", {3: (3, MIXED, MIXED_USE, 2.41, 0.15)}, offenders=(3,)),
    Breach("floor_area_ratio", scenario={"floor_area_ratio_share": ShareRange(low=0.9, high=1.0)}, offenders=(3,)),
    Breach("far_limit", {DENSE: (1, MIXED, MIXED_USE, 1.5, 0.1)}, offenders=(DENSE,)),
    Breach("facility_ratio", {0: (1, REHABILITATE, PUBLIC, 0.0, 0.26)}, offenders=(0,)),
    Breach("facility_ratio", {3: (3, MIXED, MIXED_USE, 2.0, 0.04)}, offenders=(3,)),
    Breach(
        "new_floor_suffices",
        {3: (3, MIXED, MIXED_USE, 2.0, 1.0)},
        {"facility_ratio": ShareRange(low=0.05, high=1.0)},
        offenders=(3,),
    ),
    Breach(
        "fixed_villages",
        scenario={
            "fixed": {
                "V00001": FixedVillage(start_year=1, facility_ratio=0.11),
                "V00003": FixedVillage(start_year=1, facility_ratio=0.10),
                "V00004": FixedVillage(
                    start_year=3, intensity="mixed", land_use="mixed_use", floor_area_ratio=2.001, facility_ratio=0.15
                ),
                "V00008": FixedVillage(start_year=0),
                "V00009": FixedVillage(start_year=2),
            }
        },
        offenders=(0, 3, 7, 8),
    ),
    Breach(
        "fixed_villages",
        {0: (1, REHABILITATE, PUBLIC, 0.0, 0.1, np.nan, np.nan, 0.5)},
        {
            "fixed": {
                "V00001": FixedVillage(start_year=1, facility_ratio=0.1),
                "V00004": FixedVillage(
                    start_year=3,
                    intensity="mixed",
                    land_use="mixed_use",
                    floor_area_ratio=2.0,
                    facility_ratio=0.15,
                    onsite_share=0.4,
                ),
            }
        },
        offenders=(3,),
    ),
    Breach(
        "years_over",
        scenario={"first_open_year": 3, "fixed": {"V00001": FixedVillage(start_year=1, facility_ratio=0.1)}},
        offenders=(2, 5, 7),
    ),
    Breach("forbidden_villages", scenario={"forbidden": ("V00001", "V00002")}, offenders=(0,)),
    Breach("locked_villages", scenario={"locked": ("V00001", "V00002")}, offenders=(1,)),
    Breach("yearly_quota", scenario={"villages_per_year": 1}),
    Breach("yearly_quota", scenario={"villages_per_year_by_year": {2: 1}}),
    Breach("renewal_ratio_least", scenario={"renewal_ratio": ShareRange(low=0.51, high=1.0)}),
    Breach("renewal_ratio_most", scenario={"renewal_ratio": ShareRange(low=0.0, high=0.49)}),
    Breach("intensity_share_least", scenario={"intensity_shares": {Intensity.MIXED: ShareRange(low=0.2, high=1.0)}}),
    Breach(
        "intensity_share_most", scenario={"intensity_shares": {Intensity.REHABILITATE: ShareRange(low=0.0, high=0.8)}}
    ),
    Breach("least_commodity_area", scenario={"least_commodity_area_m2": 1e6}),
    Breach("least_rental_area", scenario={"least_rental_area_m2": 1e6}),
    Breach("annual_capital", scenario={"capital_limit_annual_cny": 1e6}),
    Breach("peak_capital", scenario={"capital_limit_peak_cny": 1e6}),
    Breach("district_population", scenario={"district_limits": {"Center": DistrictLimit(population_persons=1_000.0)}}),
    Breach(
        "district_floor_area",
        {3: (3, REBUILD, RENTAL, 2.3, 0.15)},
        {
            "district_limits": {
                "North": DistrictLimit(new_floor_area_m2=100.0),
                "South": DistrictLimit(new_floor_area_m2=1e6),
            }
        },
    ),
    Breach("commodity_cap", {3: (3, MIXED, SALE, 2.2, 0.15)}, {"commodity_housing_cap_m2": 100.0}),
    Breach(
        "consent",
        {HESITANT: (1, REBUILD, SALE, 2.0, 0.1)},
        limit_of("consent.threshold", 0.95),
        offenders=(HESITANT,),
    ),
    Breach("demolished_share", scenario=limit_of("rule.demolished_share_max", 0.01)),
    Breach("new_to_demolished", scenario=limit_of("rule.new_to_demolished_max", 0.5)),
    Breach("onsite_resettlement", scenario={"onsite_resettlement_share": 0.3}),
    Breach("rent_growth", scenario=limit_of("rule.rent_growth_max", 1e-4)),
    Breach("rental_share", {3: (3, MIXED, SALE, 2.2, 0.15)}, limit_of("rule.rental_share_min", 0.3)),
    Breach("minimum_facility_ratio", {0: (1, REHABILITATE, PUBLIC, 0.0, 0.06)}, offenders=(0,)),
    Breach("displacement", scenario={"displaced_tenants_cap_persons": 10.0}),
]


@pytest.fixture(scope="module")
def city() -> City:
    """Twelve villages, of which one is protected and one is on rental-only land."""
    return synthesize_city(12, 3)


def resolved_with(city: City, **changes: Any) -> ResolvedScenario:
    return resolve(Scenario(**({"plan_years": 5, "villages_per_year": 4} | changes)), city)


def plan_of(choices: dict[int, Choice], n_villages: int = 12) -> Plans:
    kept: Choice = (0, REHABILITATE, PUBLIC, 0.0, 0.0)
    given = (np.nan, np.nan, np.nan)
    columns = zip(*((*choices.get(i, kept), *given)[:8] for i in range(n_villages)), strict=True)
    return Plans(*(np.array([column]) for column in columns))


def broken(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if not finding.holds]


def all_hard() -> dict[str, RuleMode]:
    return dict.fromkeys(SWITCHABLE, RuleMode.HARD)


def test_the_city_has_the_villages_the_breaches_need(city: City) -> None:
    assert np.flatnonzero(city.villages.rental_only).tolist() == [RENTAL_ONLY]
    assert np.flatnonzero(~city.villages.rebuild_allowed).tolist() == [PROTECTED]


def test_a_legal_plan_passes_every_rule_even_if_all_are_hard(city: City) -> None:
    resolved = resolved_with(city, rules=all_hard())
    findings = check(resolved, plan_of(LEGAL))
    assert [finding.rule for finding in findings] == list(RULES)
    assert broken(findings) == []
    assert all(finding.villages == () for finding in findings)
    assert valid(resolved, plan_of(LEGAL)).tolist() == [True]


def test_the_empty_plan_is_valid(city: City) -> None:
    resolved = resolved_with(city, rules=all_hard())
    assert valid(resolved, plan_of({})).all()
    findings = {finding.rule: finding for finding in check(resolved, plan_of({}))}
    assert findings["consent"].measured is None
    assert str(findings["consent"].message) == "does not apply to this plan"
    assert str(findings["annual_capital"].message) == "no limit is set"


def test_every_rule_has_a_breach() -> None:
    assert {breach.rule for breach in BREACHES} == set(RULES)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.rule)
def test_a_breach_is_caught_and_named(city: City, breach: Breach) -> None:
    hard = {} if RULES[breach.rule].built_in else {breach.rule: RuleMode.HARD}
    resolved = resolved_with(city, **(breach.scenario | {"rules": hard}))
    plan = plan_of(LEGAL | breach.villages)
    found = {finding.rule: finding for finding in check(resolved, plan)}[breach.rule]
    assert not found.holds
    assert found.mode is RuleMode.HARD
    expected = [f"V{i + 1:05d}" for i in breach.offenders]
    assert list(found.villages) == expected
    names, excess = violations(resolved, plan)
    assert [name for name, value in zip(names, excess[0], strict=True) if value > 0.0] == [breach.rule]
    assert valid(resolved, plan).tolist() == [False]


@pytest.mark.parametrize("breach", [b for b in BREACHES if b.rule in SWITCHABLE], ids=lambda breach: breach.rule)
@pytest.mark.parametrize("mode", [RuleMode.REPORTED, RuleMode.PENALIZED])
def test_a_soft_rule_is_reported_but_does_not_decide(city: City, breach: Breach, mode: RuleMode) -> None:
    resolved = resolved_with(city, **(breach.scenario | {"rules": {breach.rule: mode}}))
    plan = plan_of(LEGAL | breach.villages)
    found = {finding.rule: finding for finding in check(resolved, plan)}[breach.rule]
    assert (found.holds, found.mode) == (False, mode)
    assert valid(resolved, plan).all()
    names, excess = violations(resolved, plan, modes=(mode,))
    assert excess[0, names.index(breach.rule)] > 0.0


@pytest.mark.parametrize("name", SWITCHABLE)
def test_a_rule_that_is_off_does_not_appear(city: City, name: str) -> None:
    resolved = resolved_with(city, rules={name: RuleMode.OFF})
    assert name not in [finding.rule for finding in check(resolved, plan_of(LEGAL))]
    modes = (RuleMode.REPORTED, RuleMode.PENALIZED, RuleMode.HARD)
    assert name not in [rule.name for rule in active_rules(resolved, modes)]


def test_a_misspelt_rule_is_refused_with_a_hint(city: City) -> None:
    resolved = resolved_with(city, rules={"consnet": RuleMode.HARD})
    for ask in (check, valid, violations):
        with pytest.raises(InputError, match=r"unknown rule 'consnet'; did you mean consent\?"):
            ask(resolved, plan_of(LEGAL))
    with pytest.raises(InputError, match=r"unknown rule 'zzzzzzzz'$"):
        refuse_unknown_rules(Scenario(rules={"zzzzzzzz": RuleMode.OFF}))


def test_more_villages_than_a_hard_quota_starts_are_refused() -> None:
    fixed = {f"V{k}": FixedVillage(start_year=1 + k % 2) for k in range(5)}
    refuse_contradictions(Scenario(villages_per_year=3, plan_years=2, fixed=fixed, locked=("V8",)))
    with pytest.raises(InputError, match=r"villages_per_year: 3 villages are fixed to start in year 1, .* 2 may"):
        refuse_contradictions(Scenario(villages_per_year=2, fixed=fixed))
    with pytest.raises(InputError, match=r"villages_per_year: 7 villages must be renewed, .* 6 may start in 2 years"):
        refuse_contradictions(Scenario(villages_per_year=3, plan_years=2, fixed=fixed, locked=("V0", "V8", "V9")))
    refuse_contradictions(Scenario(villages_per_year=2, fixed=fixed, rules={"yearly_quota": RuleMode.REPORTED}))


def test_excess_over_the_quota_of_a_year_counts_villages(city: City) -> None:
    """Two villages start in each of the years 1 to 3: the quota of year 2 is exceeded by two, that of year 3 not."""
    resolved = resolved_with(city, villages_per_year=2, villages_per_year_by_year={2: 0, 3: 9})
    names, excess = violations(resolved, plan_of(LEGAL))
    assert excess[0, names.index("yearly_quota")] == pytest.approx(2.0)


def test_shares_of_the_new_rules_by_hand(city: City) -> None:
    """Six of twelve villages are renewed, one of them half rebuilt; an empty plan has no shares of intensities."""
    shares = {Intensity.MIXED: ShareRange(low=0.5, high=1.0), Intensity.REHABILITATE: ShareRange(low=0.0, high=0.5)}
    resolved = resolved_with(city, renewal_ratio=ShareRange(low=0.5, high=0.5), intensity_shares=shares)
    found = {finding.rule: finding for finding in check(resolved, plan_of(LEGAL))}
    assert found["renewal_ratio_least"].measured == found["renewal_ratio_most"].measured == 0.5
    assert found["renewal_ratio_least"].holds
    assert found["renewal_ratio_most"].holds
    assert found["intensity_share_least"].measured == pytest.approx(1 / 2 - 1 / 6)
    assert found["intensity_share_most"].measured == pytest.approx(5 / 6 - 1 / 2)
    empty = {finding.rule: finding for finding in check(resolved, plan_of({}))}
    assert empty["intensity_share_least"].measured is None
    assert empty["renewal_ratio_least"].measured == 0.0


def test_the_demolished_share_counts_legal_floor_by_district(city: City) -> None:
    """The district of the one half-rebuilt village has the largest share; kept villages do not count."""
    villages = city.villages
    legal_m2 = villages.gross_floor_area_m2 * villages.legal_share
    beside = [i for i in LEGAL if villages.district_idx[i] == villages.district_idx[3]]
    by_hand = 0.5 * legal_m2[3] / legal_m2[beside].sum()
    found = {finding.rule: finding for finding in check(resolved_with(city), plan_of(LEGAL))}["demolished_share"]
    assert found.measured == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"renewal_ratio": ShareRange(low=0.9, high=1.0), "villages_per_year": 2},
            r"renewal_ratio\.low: .* \(11\).* 10",
        ),
        ({"renewal_ratio": ShareRange(low=0.5, high=1.0), "forbidden": tuple("ABCDEFG")}, r"renewal_ratio\.low: .* 5$"),
        ({"renewal_ratio": ShareRange(low=0.0, high=0.1), "locked": ("A", "B")}, r"renewal_ratio\.high: .* \(1\).* 2 "),
        (
            {"least_rental_area_m2": 1.0, "land_uses": (LandUse.PUBLIC_SERVICE,)},
            "least_rental_area_m2: no allowed land use",
        ),
        (
            {"least_commodity_area_m2": 1.0, "land_uses": (LandUse.PUBLIC_SERVICE,)},
            "least_commodity_area_m2: no allowed land use",
        ),
        ({"least_commodity_area_m2": 1e12}, "least_commodity_area_m2: at least 100,000,000 x 10,000 m2"),
        ({"least_rental_area_m2": 1e12}, "least_rental_area_m2: at least 100,000,000 x 10,000 m2"),
    ],
)
def test_bounds_that_no_plan_meets_are_refused_by_field(city: City, changes: dict[str, Any], told: str) -> None:
    ids = dict(zip("ABCDEFG", city.villages.village_id.tolist(), strict=False))
    named = {
        key: tuple(ids[name] for name in value) for key, value in changes.items() if key in ("locked", "forbidden")
    }

    def refuse_all(**modes: Any) -> None:
        resolved = resolved_with(city, **(changes | named | modes))
        refuse_contradictions(resolved.scenario)
        refuse_unreachable_bounds(resolved)

    with pytest.raises(InputError, match=told):
        refuse_all()
    refuse_all(rules=dict.fromkeys(SWITCHABLE, RuleMode.REPORTED))


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("mode", [RuleMode.OFF, RuleMode.REPORTED, RuleMode.PENALIZED])
def test_a_built_in_rule_cannot_be_switched(name: str, mode: RuleMode) -> None:
    with pytest.raises(InputError, match=f"'{name}' is built in"):
        refuse_unknown_rules(Scenario(rules={name: mode}))
    refuse_unknown_rules(Scenario(rules={name: RuleMode.HARD}))


def test_excess_is_relative_to_the_limit(city: City) -> None:
    resolved = resolved_with(city, villages_per_year=1)
    names, excess = violations(resolved, plan_of(LEGAL))
    assert excess[0, names.index("yearly_quota")] == pytest.approx(1.0)  # two villages a year, one allowed


def test_a_batch_is_judged_as_its_plans_one_by_one(city: City) -> None:
    resolved = resolved_with(city, villages_per_year=2, commodity_housing_cap_m2=100.0)
    public = plan_of(LEGAL | {3: (3, MIXED, PUBLIC, 2.0, 0.15)})
    plans = [public, plan_of(LEGAL | {3: (3, MIXED, SALE, 2.2, 0.15)}), plan_of({})]
    batch = Plans(*(np.concatenate(rows) for rows in zip(*(plan.columns for plan in plans), strict=True)))
    assert valid(resolved, batch).tolist() == [bool(valid(resolved, plan)[0]) for plan in plans] == [True, False, True]
