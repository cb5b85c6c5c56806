"""Consent of registered households and its price (model section 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from envs.kernel.computing.backend import Array, array_namespace, erf

REFUSED_BY_ALL = 40.0
"""Standard deviations beyond which nobody's valuation lies, in floats."""


@dataclass(frozen=True, eq=False)
class Entitlements:
    """What a registered person has and may claim, at base-year prices, per person; each of shape (n_villages,).

    Attributes:
        reservation_cny: B, worth of what is given up.
        house_m2: floor of those resettled on site.
        moved_cny: money of those who are not: monetary resettlement.
        cash_cny: money of everybody: compensation for floor, early-move reward.
    """

    reservation_cny: Array
    house_m2: Array
    moved_cny: Array
    cash_cny: Array


@dataclass(frozen=True, eq=False)
class Offer:
    """What a registered person has and is offered, per person [CNY]; each of shape (..., n_villages).

    Attributes:
        reservation_cny: B, worth of what is given up.
        house_cny: V_house, worth of the on-site floor net of what residents pay for it.
        cash_cny: V_cash, money: monetary resettlement, compensation for floor, early-move reward.
    """

    reservation_cny: Array
    house_cny: Array
    cash_cny: Array


@dataclass(frozen=True)
class Voters:
    """Registered households by disjoint groups, and how far their valuations spread.

    Attributes:
        weights: share of each group; sum 1.
        attachments: worth of the home beyond its price, per group [x].
        sigma: spread of the valuations [-].
    """

    weights: tuple[float, ...]
    attachments: tuple[float, ...]
    sigma: float


def entitlements(
    *,
    registered_residents: Array,
    tenants: Array,
    existing_floor_m2: Array,
    legal_share: Array,
    price_cny_per_m2: Array,
    room_rent_cny_per_m2_month: Array,
    own_use_m2: float,
    tenant_floor_m2: float,
    legal_discount: float,
    opex_share: float,
    cap_rate_per_yr: float,
    resettlement_m2: float,
    monetary_share: float,
    legal_floor_cny_per_m2: float,
    unregistered_floor_cny_per_m2: float,
    early_reward_cny_per_household: float,
    household_size: float,
) -> Entitlements:
    """Reservation and entitlements of each village, at base-year prices.

    Args:
        registered_residents: shape (n_villages,) [persons], as the five that follow.
        tenants: persons.
        existing_floor_m2: gross floor area.
        legal_share: of the existing floor.
        price_cny_per_m2: sale price.
        room_rent_cny_per_m2_month: rent of a village room.
        own_use_m2: floor a registered person lives in.
        tenant_floor_m2: floor a tenant rents.
        legal_discount: worth of village floor / worth of commodity floor.
        opex_share: share of rent that running costs take.
        cap_rate_per_yr: rent / worth.
        resettlement_m2: entitled floor per person.
        monetary_share: money for floor not taken / market price.
        legal_floor_cny_per_m2: compensation of legal floor.
        unregistered_floor_cny_per_m2: compensation of other floor.
        early_reward_cny_per_household: reward for moving early.
        household_size: persons per household.

    Returns:
        The entitlements; a village without registered residents has nothing to vote on (all zero).
    """
    xp = array_namespace(registered_residents)
    inhabited = registered_residents > 0.0
    persons = xp.where(inhabited, registered_residents, xp.ones_like(registered_residents))
    spare_m2 = xp.clip(existing_floor_m2 - own_use_m2 * persons, 0.0, None)
    rented_m2 = xp.minimum(spare_m2, tenants * tenant_floor_m2) / persons
    net_rent = room_rent_cny_per_m2_month * (12.0 * (1.0 - opex_share) / cap_rate_per_yr)
    reservation = own_use_m2 * legal_discount * price_cny_per_m2 + rented_m2 * net_rent
    floor_money = legal_share * legal_floor_cny_per_m2 + (1.0 - legal_share) * unregistered_floor_cny_per_m2
    per_person = (
        reservation,
        xp.full_like(reservation, resettlement_m2),
        resettlement_m2 * monetary_share * price_cny_per_m2,
        existing_floor_m2 / persons * floor_money + early_reward_cny_per_household / household_size,
    )
    return Entitlements(*(xp.where(inhabited, amount, xp.zeros_like(amount)) for amount in per_person))


def offer(
    claims: Entitlements,
    *,
    onsite_share: float | Array,
    price_cny_per_m2: Array,
    resettlement_price_cny_per_m2: float,
) -> Offer:
    """What the options offer: floor on site at the price of the option, money for the rest.

    Args:
        claims: shape (n_villages,).
        onsite_share: share resettled on site, one number or shape (..., n_villages) [0..1].
        price_cny_per_m2: sale price of the village under its option, shape (..., n_villages).
        resettlement_price_cny_per_m2: what residents pay for their floor.

    Returns:
        The offer, shape (..., n_villages).
    """
    xp = array_namespace(price_cny_per_m2)
    gain = xp.clip(price_cny_per_m2 - resettlement_price_cny_per_m2, 0.0, None)
    return Offer(
        reservation_cny=claims.reservation_cny + xp.zeros_like(gain),
        house_cny=onsite_share * claims.house_m2 * gain,
        cash_cny=(1.0 - onsite_share) * claims.moved_cny + claims.cash_cny + xp.zeros_like(gain),
    )


def consent_share(multiplier: Array, terms: Offer, voters: Voters) -> Array:
    r"""Share of registered households who agree.

    $$ C(m) = \sum_g w_g \Phi\left(\frac{\ln V(m) - \ln B - \ln attachment_g}{\sigma}\right) $$
    $$ V(m) = V_{house} + m V_{cash} $$

    Args:
        multiplier: m, shape (..., n_villages) [-].
        terms: reservation and offer.
        voters: groups of households.

    Returns:
        shape (..., n_villages) [0..1]; 1 where nobody votes.

    Example:
        >>> terms = Offer(reservation_cny=np.array([2e6]), house_cny=np.array([0.0]), cash_cny=np.array([2e6]))
        >>> consent_share(np.array([1.0]), terms, Voters(weights=(1.0,), attachments=(1.0,), sigma=0.4))
        array([0.5])
    """
    xp = array_namespace(multiplier)
    worth = terms.house_cny + multiplier * terms.cash_cny
    voted = (terms.reservation_cny > 0.0) & (worth > 0.0)
    one = xp.ones_like(worth)
    edge = xp.log(xp.where(voted, worth, one) / xp.where(voted, terms.reservation_cny, one))
    share = xp.zeros_like(worth)
    for weight, attachment in zip(voters.weights, voters.attachments, strict=True):
        z = (edge - xp.log(one * attachment)) / voters.sigma
        share = share + (weight / 2.0) * (1.0 + erf(z / 2.0**0.5))
    return xp.where(voted, share, xp.where(terms.reservation_cny > 0.0, xp.zeros_like(share), one))


def consent_ratio(voters: Voters, threshold: float) -> float:
    """The ratio q of offer and reservation, V / B, at which consent reaches the threshold: one number for a city.

    Args:
        voters: groups of households.
        threshold: consent wanted [0..1].

    Returns:
        q [x], by bisection of its logarithm to the last digit; what nobody or everybody refuses gives the ends of
        what floats tell apart.

    Example:
        Half agree where the worth of the offer meets the attachment.

        >>> round(consent_ratio(Voters(weights=(1.0,), attachments=(1.1,), sigma=0.4), threshold=0.5), 12)
        1.1
    """
    one = np.ones(1)
    low, high = (edge(np.log(voters.attachments)) for edge in (np.min, np.max))
    low, high = low - REFUSED_BY_ALL * voters.sigma, high + REFUSED_BY_ALL * voters.sigma
    for _ in range(80):
        middle = 0.5 * (low + high)
        reached = consent_share(one, Offer(one, 0.0 * one, one * np.exp(middle)), voters)[0] >= threshold
        low, high = (low, middle) if reached else (middle, high)
    return float(np.exp(high))


def least_multiplier(terms: Offer, *, ratio: float | Array, cap: float) -> Array:
    r"""Least multiplier of the cash offer that reaches the threshold.

    $$ m = clip((q B - V_{house}) / V_{cash}, 1, cap) $$

    Args:
        terms: reservation and offer.
        ratio: q, see consent_ratio [x].
        cap: largest multiplier [x].

    Returns:
        shape (..., n_villages) [x]; the cap where it does not suffice. Where there is no cash: 1 if the house alone
        reaches q, else the cap.

    Example:
        A low cap does not suffice for two thirds.

        >>> terms = Offer(reservation_cny=np.array([2e6]), house_cny=np.array([0.0]), cash_cny=np.array([2e6]))
        >>> least_multiplier(terms, ratio=1.1, cap=2.0), least_multiplier(terms, ratio=1.3, cap=1.2)
        (array([1.1]), array([1.2]))
    """
    xp = array_namespace(terms.cash_cny)
    missing, paid = ratio * terms.reservation_cny - terms.house_cny, terms.cash_cny > 0.0
    without = xp.where(missing > 0.0, xp.full_like(missing, cap), xp.ones_like(missing))
    wanted = missing / xp.where(paid, terms.cash_cny, xp.ones_like(missing))
    return xp.where(paid, xp.clip(wanted, 1.0, cap), without)
