"""Change in well-being of residents, to first order, in CNY a year per person (docs/people.md).

Equivalent variation: what somebody would take or pay each year instead of the plan (Small & Verhoef 2007 for time,
Boardman et al. for the sum). Each term is one function, of any shapes that broadcast; person types of the kernel and
drawn persons share them. A gain is above 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from data.arrays import FloatArray
from data.parameter_book import Book
from envs.kernel.computing.backend import Array, array_namespace, erf

MONTHS_PER_YR = 12.0
MINUTES_PER_H = 60.0
WAYS_PER_DAY = 2.0


@dataclass(frozen=True)
class Values:
    """What turns changes of a life into money.

    Attributes:
        discount_rate_per_yr: turns worth into a yearly sum [1/yr].
        moving_cost_cny: of one move, per person [CNY].
        value_of_time_share: worth of an hour of commuting / hourly wage.
        work_hours_per_month: hours a monthly wage pays [h].
        commuting_days_per_yr: days on which workers commute [1/yr].
        services_cny_per_yr: worth of services, from nothing met to everything met, per person [CNY/yr].
        threshold_cny_per_yr: change from which on somebody gains or loses [CNY/yr].
    """

    discount_rate_per_yr: float
    moving_cost_cny: float
    value_of_time_share: float
    work_hours_per_month: float
    commuting_days_per_yr: float
    services_cny_per_yr: float
    threshold_cny_per_yr: float


def values_of(book: Book) -> Values:
    """What the book says that changes are worth."""
    return Values(
        discount_rate_per_yr=book.number("finance.discount_rate"),
        moving_cost_cny=book.number("moving.cost") / book.number("built.household_size"),
        value_of_time_share=book.number("value_of_time.share"),
        work_hours_per_month=book.number("value_of_time.hours_per_month"),
        commuting_days_per_yr=book.number("commute.days"),
        services_cny_per_yr=book.number("wtp.services"),
        threshold_cny_per_yr=book.number("wellbeing.threshold"),
    )


def offer_gain_cny_per_yr(worth_cny: Array, kept_cny: Array, values: Values) -> Array:
    """What registered residents of the rebuilt part gain by the offer.

    Args:
        worth_cny: V(m), worth of the offer per person [CNY].
        kept_cny: what the person gives up, reservation x attachment x exp(e) [CNY].
        values: the rate.

    Example:
        >>> values = Values(0.05, 3000.0, 0.5, 174.0, 250.0, 3000.0, 100.0)
        >>> offer_gain_cny_per_yr(np.array([2.0e6, 1.5e6]), np.array([1.6e6, 1.6e6]), values)
        array([20000., -5000.])
    """
    return values.discount_rate_per_yr * (worth_cny - kept_cny)


def rent_gain_cny_per_yr(before_cny_per_m2_month: Array, after_cny_per_m2_month: Array, floor_m2: Array) -> Array:
    """What somebody who rents gains by another rent per m2, for the floor held before.

    Args:
        before_cny_per_m2_month: rent in the base year.
        after_cny_per_m2_month: rent where the person lives in the state year.
        floor_m2: floor held before, per person.
    """
    return MONTHS_PER_YR * (before_cny_per_m2_month - after_cny_per_m2_month) * floor_m2


def moving_gain_cny_per_yr(n_moves: Array, values: Values) -> Array:
    """What moves cost, annualized: below 0; 1 move of those who left, 2 of those who came back."""
    return -values.discount_rate_per_yr * values.moving_cost_cny * n_moves


def value_of_time_cny_per_h(wage_cny_per_month: Array, values: Values) -> Array:
    """Worth of an hour of commuting.

    Example:
        >>> values = Values(0.05, 3000.0, 0.5, 174.0, 250.0, 3000.0, 100.0)
        >>> value_of_time_cny_per_h(np.array([10_000.0]), values).round(2)
        array([28.74])
    """
    return wage_cny_per_month * (values.value_of_time_share / values.work_hours_per_month)


def commuting_gain_cny_per_yr(more_minutes: Array, wage_cny_per_month: Array, values: Values) -> Array:
    """What workers gain by a shorter way to work.

    Args:
        more_minutes: change of the minutes of one way; below 0 it is shorter [min].
        wage_cny_per_month: of a worker; wage x workers per person where persons are counted.
        values: worth of time, days.

    Example:
        Ten minutes more each way.

        >>> values = Values(0.05, 3000.0, 0.5, 174.0, 250.0, 3000.0, 100.0)
        >>> commuting_gain_cny_per_yr(np.array([10.0]), np.array([10_000.0]), values).round(2)
        array([-2394.64])
    """
    hours_per_minute = WAYS_PER_DAY * values.commuting_days_per_yr / MINUTES_PER_H
    return -hours_per_minute * more_minutes * value_of_time_cny_per_h(wage_cny_per_month, values)


def services_gain_cny_per_yr(more_met: Array, values: Values) -> Array:
    """What a change of the met share of services is worth; not for those whose offer counts it."""
    return values.services_cny_per_yr * more_met


def wins(change_cny_per_yr: Array, values: Values) -> Array:
    """True where somebody gains more than the threshold."""
    return change_cny_per_yr > values.threshold_cny_per_yr


def loses(change_cny_per_yr: Array, values: Values) -> Array:
    """True where somebody loses more than the threshold."""
    return change_cny_per_yr < -values.threshold_cny_per_yr


def share_below(limit: Array, log_sd: float) -> Array:
    r"""Share of a log-normal variable of median 1 that lies below a limit, $\Phi(\ln(limit) / \sigma)$.

    Args:
        limit: any shape; at 0 or less nobody lies below.
        log_sd: sigma, above 0.

    Example:
        >>> share_below(np.array([-1.0, 1.0, np.exp(0.45)]), 0.45).round(4)
        array([0.    , 0.5   , 0.8413])
    """
    xp = array_namespace(limit)
    reachable = limit > 0.0
    z = xp.log(xp.where(reachable, limit, xp.ones_like(limit))) / log_sd
    return xp.where(reachable, 0.5 * (1.0 + erf(z / 2.0**0.5)), xp.zeros_like(limit))


def log_normal_means(n: int, log_sd: float) -> FloatArray:
    """Means within n equal shares of a log-normal variable of mean 1, lowest first; their mean is 1.

    Example:
        >>> log_normal_means(2, 0.6).round(4)
        array([0.5485, 1.4515])
    """
    edges = special.ndtri(np.linspace(0.0, 1.0, n + 1))
    return np.asarray(n * np.diff(special.ndtr(edges - log_sd)))


def care_weight(
    *, elderly: Array, low_income: Array, disabled: Array, excess: tuple[float, float, float], strength: float = 1.0
) -> Array:
    """How much the well-being of somebody counts.

    Args:
        elderly: 1 where the household has somebody of 60 and more, or the expected share of such persons.
        low_income: the same of households below the line of low income.
        disabled: the same of households with somebody disabled.
        excess: weight less 1 of each of the three.
        strength: scales the excess; 0 = everybody counts the same.

    Example:
        >>> care_weight(elderly=1.0, low_income=0.0, disabled=1.0, excess=(0.5, 0.5, 0.25))
        1.75
    """
    more = excess[0] * elderly + excess[1] * low_income + excess[2] * disabled
    return 1.0 + strength * more


def care_excess(book: Book) -> tuple[float, float, float]:
    """Weight less 1 of households with elderly, of low income, with disabled members."""
    elderly, low_income, disabled = (
        book.number(f"care.weight_{name}") - 1.0 for name in ("elderly", "low_income", "disabled")
    )
    return elderly, low_income, disabled
