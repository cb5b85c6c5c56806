"""Section 9, consent and its price, for one registered person of one village.

Read where the pages leave room: own use in "existing floor - own use" is own_use_m2 x registered; a village without
registered residents, or with a reservation of 0, consents at once (multiplier 1, consent 1). Where the plan gives the
multiplier, the village is flagged where it misses the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from data.city import City
from oracles.form import Choice, Parameter

Group = tuple[float, float]
"""Weight and attachment of a group."""


@dataclass(frozen=True)
class Consent:
    """Consent of one village."""

    reservation_cny: float  # B
    house_cny: float  # V_house
    cash_cny: float  # V_cash
    consent_at_1_share: float
    multiplier: float
    consent_share: float  # at the multiplier
    flagged: bool  # the cap is missed


def standard_normal(z: float) -> float:
    """Phi(z)."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def consent_share(
    multiplier: float, *, reservation: float, house: float, cash: float, groups: Sequence[Group], sigma: float
) -> float:
    """C(m): share of the registered households that accept an offer V_house + m x V_cash."""
    offer = house + multiplier * cash
    share = 0.0
    for weight, attachment in groups:
        if offer <= 0.0:
            continue
        share += weight * standard_normal((math.log(offer) - math.log(reservation) - math.log(attachment)) / sigma)
    return share


def threshold_ratio(groups: Sequence[Group], sigma: float, threshold: float) -> float:
    """q: the offer over the reservation at which consent reaches the threshold, by bisection of its logarithm.

    Raises:
        ValueError: the threshold is not below the sum of the weights, or not above 0.
    """
    if not 0.0 < threshold < sum(weight for weight, _ in groups):
        raise ValueError("no offer gives the threshold of consent")

    def reached(log_ratio: float) -> bool:
        ratio = math.exp(log_ratio)
        return consent_share(0.0, reservation=1.0, house=ratio, cash=0.0, groups=groups, sigma=sigma) >= threshold

    low, high = -50.0, 50.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if reached(middle):
            high = middle
        else:
            low = middle
    return math.exp(high)


def consent_multiplier(
    *,
    reservation: float,
    house: float,
    cash: float,
    groups: Sequence[Group],
    sigma: float,
    threshold: float,
    cap: float,
) -> tuple[float, bool]:
    """m = clip((q B - V_house) / V_cash, 1, cap), and whether the cap is missed.

    Without cash it is 1 where the threshold is reached, else the cap.
    """
    missing = threshold_ratio(groups, sigma, threshold) * reservation - house
    if cash <= 0.0:
        return (1.0, False) if missing <= 0.0 else (cap, True)
    return min(max(missing / cash, 1.0), cap), missing / cash > cap


def village_terms(
    city: City, n: int, onsite: float, option_price: float, parameter: Parameter
) -> tuple[float, float, float]:
    """B, V_house and V_cash of one registered person of village n, who must have registered residents [CNY].

    Args:
        city: the city.
        n: index of the village.
        onsite: share resettled on site.
        option_price: price of the option's floor, in V_house alone [CNY/m2].
        parameter: the parameter book.
    """
    villages = city.villages
    price = float(villages.sale_price_cny_per_m2[n])
    registered = float(villages.registered_residents[n])
    floor_m2 = float(villages.gross_floor_area_m2[n])
    legal_m2 = floor_m2 * float(villages.legal_share[n])
    own_use_m2 = parameter("built.own_use_m2")
    let_m2 = min(floor_m2 - own_use_m2 * registered, float(villages.tenants[n]) * parameter("uv.floor_per_migrant"))
    rented_m2 = max(0.0, let_m2 / registered)
    net_rent = 12.0 * float(villages.rent_cny_per_m2_month[n]) * (1.0 - parameter("rent.opex"))
    reservation = own_use_m2 * parameter("consent.legal_discount") * price
    reservation += rented_m2 * net_rent / parameter("finance.cap_rate")
    area_m2 = parameter("comp.resettlement_area")
    house = max(0.0, onsite * area_m2 * (option_price - parameter("comp.resettlement_price")))
    cash = (1.0 - onsite) * area_m2 * parameter("comp.monetary_equiv") * price
    cash += legal_m2 * parameter("comp.replacement_price") / registered
    cash += (floor_m2 - legal_m2) * parameter("comp.unregistered_floor") / registered
    cash += parameter("comp.early_reward") / parameter("built.household_size")
    return reservation, house, cash


def village_consent(
    city: City, n: int, choice: Choice, onsite: float, option_price: float, parameter: Parameter
) -> Consent:
    """Consent of village n; where nothing is rebuilt nothing is asked."""
    if choice.rho == 0.0 or float(city.villages.registered_residents[n]) <= 0.0:
        return Consent(0.0, 0.0, 0.0, 1.0, choice.compensation_multiplier or 1.0, 1.0, flagged=False)
    reservation, house, cash = village_terms(city, n, onsite, option_price, parameter)
    if reservation <= 0.0:
        return Consent(reservation, house, cash, 1.0, choice.compensation_multiplier or 1.0, 1.0, flagged=False)
    weights = parameter("consent.weights")
    groups = [
        (float(weights[name]), float(parameter(f"consent.attachment_{name}")))
        for name in ("owner", "long_stay", "elderly")
    ]
    sigma, threshold = parameter("consent.sigma"), parameter("consent.threshold")

    def accepting(multiplier: float) -> float:
        return consent_share(multiplier, reservation=reservation, house=house, cash=cash, groups=groups, sigma=sigma)

    multiplier, flagged = consent_multiplier(
        reservation=reservation,
        house=house,
        cash=cash,
        groups=groups,
        sigma=sigma,
        threshold=threshold,
        cap=parameter("consent.cap"),
    )
    if choice.compensation_multiplier is not None:
        multiplier = choice.compensation_multiplier
        flagged = accepting(multiplier) < threshold - 1e-12
    return Consent(reservation, house, cash, accepting(1.0), multiplier, accepting(multiplier), flagged)
