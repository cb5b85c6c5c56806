"""What is allowed and wanted: a scenario bounds the plans of a city and weighs its objectives."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from data.field_errors import wrong_field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


Entry = TypeVar("Entry")


def _no_twins(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if len(set(entries)) != len(entries):
        raise wrong_field("entry_twice")
    return entries


def _at_least_one(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        raise wrong_field("entries_none")
    return entries


Distinct = Annotated[tuple[Entry, ...], AfterValidator(_no_twins)]
"""Entries of which none is given twice."""


class Intensity(StrEnum):
    """How much of a village is rebuilt; the order is the index used in arrays."""

    REHABILITATE = "rehabilitate"  # 整治提升, nothing rebuilt
    MIXED = "mixed"  # 拆整结合, half rebuilt
    REBUILD = "rebuild"  # 拆除新建, all rebuilt


class LandUse(StrEnum):
    """What the rebuilt floor is for; the order is the index used in arrays."""

    COMMODITY_HOUSING = "commodity_housing"
    RENTAL_HOUSING = "rental_housing"
    EMPLOYMENT = "employment"
    MIXED_USE = "mixed_use"
    PUBLIC_SERVICE = "public_service"


class Deterrence(StrEnum):
    """How distance deters commuters; envs.kernel.commute_calibration.deterrence has the equations."""

    SQUARE_ROOT = "square_root"
    EXPONENTIAL = "exponential"


INTENSITIES: tuple[Intensity, ...] = tuple(Intensity)
LAND_USES: tuple[LandUse, ...] = tuple(LandUse)
REBUILT_SHARE: tuple[float, ...] = (0.0, 0.5, 1.0)
"""Rebuilt share rho of each intensity, by definition of the three intensities."""
CANONICAL_LAND_USE = LandUse.PUBLIC_SERVICE
"""Land use written where nothing is rebuilt: a rehabilitated village gains facilities and nothing else."""


SHARE_TOLERANCE = 1e-9
"""Slack of shares that are added up."""
ADDED_LATER = ("first_open_year", "bargaining", "futures")
"""Fields that a scenario without them is the same as: its digest, and that of its runs, stays what it was."""


class RuleMode(StrEnum):
    """What a rule does to a plan that breaks it."""

    OFF = "off"
    REPORTED = "reported"
    PENALIZED = "penalized"
    HARD = "hard"


class Bargaining(StrEnum):
    """What a scenario does with what the parties of each project would bargain."""

    OFF = "off"  # it is not looked at
    REPORTED = "reported"  # indicators tell it, outcomes stay
    COUNTED = "counted"  # outcomes are expected ones: on the bargained terms, each village by its probability


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Range(_Strict):
    """A closed interval."""

    low: Annotated[float, Field(ge=0.0)]
    high: Annotated[float, Field(ge=0.0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise wrong_field("range_reversed", low=self.low, high=self.high)
        return self


class ShareRange(Range):
    """A closed interval within 0..1."""

    high: Share


class DistrictLimit(_Strict):
    """Caps of one district (减量): its population in the last year and the floor area the plan adds, net."""

    population_persons: Positive | None = None
    new_floor_area_m2: Positive | None = None


class FixedVillage(_Strict):
    """A decision that is already taken."""

    start_year: Annotated[int, Field(ge=0)]
    intensity: Intensity = Intensity.REHABILITATE
    land_use: LandUse = CANONICAL_LAND_USE
    floor_area_ratio: Annotated[float, Field(ge=0.0)] = 0.0
    facility_ratio: Share = 0.0
    compensation_multiplier: Positive | None = None  # None = the least that wins consent, as the model finds it
    onsite_share: Share | None = None  # None = the scenario's
    delay_yr: Annotated[float, Field(ge=0.0)] | None = None  # None = none


class Target(_Strict):
    """An indicator that should reach a value by a programme year (None = the indicator's own horizon).

    Reported, it stands in the scorecard; penalized or hard, it is a rule of its own besides (envs.rules.target_rules).
    """

    indicator: str
    year: Annotated[int, Field(ge=0)] | None = None
    at_least: float | None = None
    at_most: float | None = None
    mode: RuleMode = RuleMode.REPORTED

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise wrong_field("target_one_side", indicator=self.indicator)
        return self


class CategoryWeights(_Strict):
    """Weights of the facility categories in the service accessibility."""

    method: Annotated[str, Field(pattern="^(equal|manual|ahp|entropy)$")] = "equal"
    weights: dict[str, Annotated[float, Field(ge=0.0)]] = {}  # manual: category -> weight
    comparisons: list[list[Positive]] = []  # ahp: pairwise comparison matrix in the order of CATEGORIES
    accept_inconsistent: bool = False  # ahp: go on with a consistency ratio above 0.1


class FuturesSample(_Strict):
    """Futures of prices, costs and rents that robust objectives are read over; `renewal stress` draws the same."""

    number: Annotated[int, Field(ge=2, le=4096)] = 256  # the first so many of the seed
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    tail_share: Annotated[float, Field(ge=0.01, le=1.0)] = 0.1  # of the futures that are the worst tail


class Scenario(_Strict):
    """Bounds, rules, preferences and parameter overrides, before they meet a city."""

    name: str = "custom"
    label: dict[str, str] = {}  # en, zh
    plan_years: Annotated[int, Field(ge=1, le=50)] = 12
    villages_per_year: Annotated[int, Field(ge=0)] = 30
    villages_per_year_by_year: dict[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=0)]] = {}  # year -> its quota
    first_open_year: Annotated[int, Field(ge=1)] = 1  # before it only fixed villages begin: those years are over
    renewal_ratio: ShareRange | None = None  # renewed villages / the city's villages, by number
    intensities: Annotated[Distinct[Intensity], AfterValidator(_at_least_one)] = INTENSITIES
    land_uses: Distinct[LandUse] = LAND_USES
    floor_area_ratio_share: ShareRange = ShareRange(low=0.3, high=1.0)  # of the village's far_limit
    floor_area_ratio: Range = Range(low=0.5, high=3.5)  # absolute
    facility_ratio: ShareRange = ShareRange(low=0.05, high=0.25)
    intensity_shares: dict[Intensity, ShareRange] = {}  # of the renewed villages, by number
    density_levels: Annotated[int, Field(ge=1, le=50)] = 5
    facility_levels: Annotated[int, Field(ge=1, le=50)] = 5
    onsite_resettlement_share: Share | None = None  # None = the book's comp.return_share
    commodity_housing_cap_m2: Positive | None = None  # city-wide, over the whole plan
    least_commodity_area_m2: Positive | None = None  # new floor, city-wide, over the whole plan
    least_rental_area_m2: Positive | None = None  # as above
    capital_limit_annual_cny: Positive | None = None  # gross cost of any one year
    capital_limit_peak_cny: Positive | None = None  # deepest cumulative deficit
    displaced_tenants_cap_persons: Positive | None = None
    district_limits: dict[str, DistrictLimit] = {}
    locked: Distinct[str] = ()  # village ids that must be renewed within the plan
    forbidden: Distinct[str] = ()  # village ids that must be kept
    fixed: dict[str, FixedVillage] = {}
    rules: dict[str, RuleMode] = {}  # rule name -> mode; rules not named keep their default mode
    targets: tuple[Target, ...] = ()
    objectives: Distinct[str] = ("net_present_value_cny", "mean_commute_km", "service_accessibility")
    preferences: dict[str, Annotated[float, Field(ge=0.0)]] = {
        "net_present_value_cny": 1 / 3,
        "mean_commute_km": 1 / 3,
        "service_accessibility": 1 / 3,
    }
    category_weights: CategoryWeights = CategoryWeights()
    commute_deterrence: Deterrence = Deterrence.SQUARE_ROOT
    bargaining: Bargaining = Bargaining.OFF
    futures: FuturesSample = FuturesSample()  # read where an objective or target is robust
    parameters: dict[str, Any] = {}  # overrides of the parameter book: key -> value

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.land_uses and set(self.intensities) != {Intensity.REHABILITATE}:
            raise wrong_field("land_uses_none", field="land_uses")
        both = sorted(set(self.locked) & (set(self.forbidden) | {k for k, v in self.fixed.items() if not v.start_year}))
        both += sorted(set(self.forbidden) & {k for k, v in self.fixed.items() if v.start_year})
        if both:
            raise wrong_field("villages_renewed_and_kept", field="locked", villages=both)
        late = sorted(k for k, v in self.fixed.items() if v.start_year > self.plan_years)
        if late:
            raise wrong_field("fixed_too_late", field="fixed", villages=late, plan_years=self.plan_years)
        self._refuse_bounds_that_no_plan_meets()
        unknown = sorted(set(self.preferences) - set(self.objectives))
        if unknown:
            raise wrong_field(
                "preferences_no_objective", field="preferences", names=unknown, objectives=self.objectives
            )
        if not sum(self.preferences.values()) > 0.0:
            raise wrong_field("preferences_all_zero", field="preferences")
        return self

    def _refuse_bounds_that_no_plan_meets(self) -> None:
        """Bounds that contradict each other in every city; those that a city decides are checked in envs.rules."""
        self._refuse_years_beyond()
        barred = sorted(set(self.intensity_shares) - set(self.intensities))
        if barred:
            raise wrong_field("share_of_barred_intensity", field="intensity_shares", names=barred)
        least = sum(share.low for share in self.intensity_shares.values())
        if least > 1.0 + SHARE_TOLERANCE:
            raise wrong_field("shares_beyond_whole", field="intensity_shares", total=least)
        if set(self.intensity_shares) == set(self.intensities):
            most = sum(share.high for share in self.intensity_shares.values())
            if most < 1.0 - SHARE_TOLERANCE:
                raise wrong_field("shares_below_whole", field="intensity_shares", total=most)
        if self.renewal_ratio is not None and self.renewal_ratio.low > 0.0 and not any(self.yearly_quotas):
            raise wrong_field("renewal_without_quota", field="renewal_ratio", low=self.renewal_ratio.low)
        for name in ("least_commodity_area_m2", "least_rental_area_m2"):
            if getattr(self, name) is not None and set(self.intensities) == {Intensity.REHABILITATE}:
                raise wrong_field("least_area_without_rebuilding", field=name)
        least_m2, cap_m2 = self.least_commodity_area_m2, self.commodity_housing_cap_m2
        if least_m2 is not None and cap_m2 is not None and least_m2 > cap_m2:
            raise wrong_field(
                "least_beyond_cap",
                field="least_commodity_area_m2",
                least=round(least_m2 / 1e4, 4),
                cap=round(cap_m2 / 1e4, 4),
            )

    def _refuse_years_beyond(self) -> None:
        """Years that are named and that the programme does not have."""
        if self.first_open_year > self.plan_years:
            raise wrong_field(
                "no_year_open", field="first_open_year", year=self.first_open_year, plan_years=self.plan_years
            )
        beyond = sorted(year for year in self.villages_per_year_by_year if year > self.plan_years)
        if beyond:
            raise wrong_field(
                "quota_beyond_years", field="villages_per_year_by_year", years=beyond, plan_years=self.plan_years
            )

    @property
    def yearly_quotas(self) -> tuple[int, ...]:
        """Villages that may start in each programme year 1..plan_years."""
        return tuple(
            self.villages_per_year_by_year.get(year, self.villages_per_year) for year in range(1, self.plan_years + 1)
        )

    @property
    def asks_for_something(self) -> bool:
        """Whether doing nothing may be no plan: what is asked for here, limits may be too tight for."""
        given = any(village.start_year for village in self.fixed.values())
        ratio = self.renewal_ratio is not None and self.renewal_ratio.low > 0.0
        areas = self.least_commodity_area_m2 is not None or self.least_rental_area_m2 is not None
        targets = any(target.mode is RuleMode.HARD for target in self.targets)
        people = any(cap.population_persons is not None for cap in self.district_limits.values())
        return bool(self.locked) or given or ratio or areas or targets or people

    @property
    def places(self) -> int:
        """Villages that the quotas let begin over all years; in years that are over, the fixed ones alone."""
        begun = sum(0 < village.start_year < self.first_open_year for village in self.fixed.values())
        return begun + sum(self.yearly_quotas[self.first_open_year - 1 :])

    def digested(self, exclude: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The fields as digests read them: what came later (ADDED_LATER) is left out where it says nothing.

        Args:
            exclude: further fields that a digest does not read.
        """
        unset = {name for name in ADDED_LATER if getattr(self, name) == Scenario.model_fields[name].default}
        return self.model_dump(mode="json", exclude={*exclude, *unset})

    @property
    def digest(self) -> str:
        """SHA-256 of the scenario's content."""
        text = json.dumps(self.digested(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
