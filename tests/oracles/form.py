"""Section 3, built form: what stands on a village's site after the plan, one village at a time.

Read where the pages leave room:
- a kept village (start_year 0) has rho = 0 and facility ratio 0: its floor stays as it is;
- on land for rental only, the commodity share of any composition is built as rental floor;
- the limit G + retained <= far_limit x net_site is checked only where something is rebuilt (an existing village may
  already stand above it);
- the three optional columns of a plan are absent where they are missing, None or NaN; where nothing is rebuilt the
  multiplier and the on-site share are absent whatever is written, and so is the delay of a kept village;
- where the rest is negative the village is invalid and its commodity, rental and employment floor are 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.city import City

Parameter = Callable[[str], Any]

REBUILT_SHARE_OF = {"rehabilitate": 0.0, "mixed": 0.5, "rebuild": 1.0}


@dataclass(frozen=True)
class Choice:
    """What the plan does to one village; a kept village has rho = 0, FAR 0 and facility ratio 0."""

    start_year: int
    rho: float
    land_use: str
    floor_area_ratio: float
    facility_ratio: float
    compensation_multiplier: float | None = None  # None = the model's own
    onsite_share: float | None = None  # None = the scenario's
    delay_yr: float = 0.0

    @property
    def renewed(self) -> bool:
        """True where the plan does anything at all."""
        return self.start_year > 0


@dataclass(frozen=True)
class Form:
    """Floor and land of one village after the plan [m2]."""

    net_site_m2: float
    existing_m2: float
    demolished_m2: float  # rho x existing
    new_floor_m2: float  # G
    retained_m2: float  # (1 - rho) x existing
    facility_new_m2: float  # F_new, all the rest of G in it under public_service
    facility_converted_m2: float  # F_conv, inside the retained floor
    resettlement_m2: float
    industrial_m2: float
    rest_m2: float  # before the split; negative = invalid
    commodity_m2: float
    rental_m2: float
    employment_m2: float
    green_sports_land_m2: float  # new land for green space and sports
    valid: bool


def given(entry: Mapping[str, Any], column: str) -> float | None:
    """Value of an optional column; None where it is missing, None or NaN."""
    value = entry.get(column)
    return None if value is None or math.isnan(float(value)) else float(value)


def read_choice(entry: Mapping[str, Any]) -> Choice:
    """One entry of a plan in its canonical form.

    Args:
        entry: start_year, intensity, land_use, floor_area_ratio, facility_ratio; and, where the plan has them,
            compensation_multiplier, onsite_share and delay_yr.
    """
    if int(entry["start_year"]) == 0:
        return Choice(0, 0.0, "public_service", 0.0, 0.0)
    rho, delay_yr = REBUILT_SHARE_OF[str(entry["intensity"])], given(entry, "delay_yr") or 0.0
    if rho == 0.0:
        return Choice(
            int(entry["start_year"]), 0.0, "public_service", 0.0, float(entry["facility_ratio"]), delay_yr=delay_yr
        )
    return Choice(
        int(entry["start_year"]),
        rho,
        str(entry["land_use"]),
        float(entry["floor_area_ratio"]),
        float(entry["facility_ratio"]),
        given(entry, "compensation_multiplier"),
        given(entry, "onsite_share"),
        delay_yr,
    )


def rest_of_new_floor_m2(
    *,
    site_area_m2: float,
    buildable_share: float,
    rho: float,
    floor_area_ratio: float,
    facility_ratio: float,
    resettlement_m2: float,
    industrial_m2: float = 0.0,
) -> float:
    """What is left of G for the land use after facilities, resettlement and industrial floor [m2]; may be negative."""
    new_floor_m2 = rho * floor_area_ratio * site_area_m2 * buildable_share
    return new_floor_m2 - facility_ratio * new_floor_m2 - resettlement_m2 - industrial_m2


def composition(land_use: str, parameter: Parameter, *, rental_only: bool) -> tuple[float, float, float]:
    """Commodity, rental and employment share of the rest; all 0 under public_service."""
    if land_use == "public_service":
        return 0.0, 0.0, 0.0
    mix = parameter(f"mix.{land_use}")
    commodity, rental, employment = float(mix["commodity"]), float(mix["rental"]), float(mix["employment"])
    if rental_only:
        return 0.0, rental + commodity, employment
    return commodity, rental, employment


def built_form(city: City, n: int, choice: Choice, onsite: float, parameter: Parameter) -> Form:
    """Built form of village n.

    Args:
        city: the city.
        n: index of the village.
        choice: what the plan does to it.
        onsite: share of the registered residents resettled on site.
        parameter: the parameter book.
    """
    villages = city.villages
    site_m2 = float(villages.site_area_m2[n])
    existing_m2 = float(villages.gross_floor_area_m2[n])
    registered = float(villages.registered_residents[n])
    buildable = parameter("built.buildable_share")
    net_site_m2 = site_m2 * buildable
    new_floor_m2 = choice.rho * choice.floor_area_ratio * net_site_m2
    retained_m2 = (1.0 - choice.rho) * existing_m2
    facility_new_m2 = choice.facility_ratio * new_floor_m2
    resettlement_m2 = choice.rho * registered * onsite * parameter("comp.resettlement_area")
    industrial_m2 = choice.rho * registered * parameter("built.collective_industrial_m2")
    rest_m2 = new_floor_m2 - facility_new_m2 - resettlement_m2 - industrial_m2
    usable_rest_m2 = max(0.0, rest_m2)
    if choice.land_use == "public_service":
        facility_new_m2 += usable_rest_m2
    shares = composition(choice.land_use, parameter, rental_only=bool(villages.rental_only[n]))
    within_limit = choice.rho == 0.0 or (
        new_floor_m2 + retained_m2 <= float(villages.far_limit[n]) * net_site_m2 * (1.0 + 1e-9)
    )
    return Form(
        net_site_m2=net_site_m2,
        existing_m2=existing_m2,
        demolished_m2=choice.rho * existing_m2,
        new_floor_m2=new_floor_m2,
        retained_m2=retained_m2,
        facility_new_m2=facility_new_m2,
        facility_converted_m2=choice.facility_ratio * retained_m2,
        resettlement_m2=resettlement_m2,
        industrial_m2=industrial_m2,
        rest_m2=rest_m2,
        commodity_m2=usable_rest_m2 * shares[0],
        rental_m2=usable_rest_m2 * shares[1],
        employment_m2=usable_rest_m2 * shares[2],
        green_sports_land_m2=choice.rho * (1.0 - buildable) * site_m2 * parameter("built.green_land_share"),
        valid=rest_m2 >= -1e-6 and within_limit,
    )
