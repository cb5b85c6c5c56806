"""Indicators of who gains and who loses, over cells of people (people page, P2).

Read where the pages leave room:
- the worst-off tenth takes as many of the last cell as are missing;
- a Gini coefficient is 1 - twice the area under the Lorenz curve; where nobody has anything it is 0;
- the city's median income is that of the person in the middle of the base year's residents, by cells;
- where nobody lives in the villages their indicators are absent (NaN).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from oracles.form import Parameter
from oracles.wellbeing import OTHER, REGISTERED, TENANT, Cell, band_wages, slices_of_log_normal

N_SLICES = 8


def spread_cells(cells: Sequence[Cell], sigma: float) -> list[Cell]:
    """Cells without a stake: those that have one are cut into slices of equally many people."""
    spread = []
    for cell in cells:
        if cell.stake_cny <= 0.0:
            spread.append(cell)
            continue
        for factor in slices_of_log_normal(sigma, N_SLICES):
            loss = cell.stake_cny * math.exp(sigma**2 / 2.0) * factor
            persons = cell.persons / N_SLICES
            spread.append(replace(cell, persons=persons, sure_cny=cell.sure_cny - loss, stake_cny=0.0))
    return spread


def quotient(numerator: float, persons: float) -> float:
    """Quotient; NaN where nobody is."""
    return numerator / persons if persons > 0.0 else math.nan


def share_of_losers(cells: Sequence[Cell], threshold: float, sigma: float) -> float:
    """Share of people who lose more than the threshold."""
    losers = sum(cell.persons * cell.share_below(-threshold, sigma) for cell in cells)
    return quotient(losers, sum(cell.persons for cell in cells))


def share_of_winners(cells: Sequence[Cell], threshold: float, sigma: float) -> float:
    """Share of people who gain more than the threshold."""
    winners = 0.0
    for cell in cells:
        if cell.stake_cny > 0.0:
            winners += cell.persons * (1.0 - cell.share_below(threshold, sigma))
        elif cell.sure_cny > threshold:
            winners += cell.persons
    return quotient(winners, sum(cell.persons for cell in cells))


def mean_gain(cells: Sequence[Cell], sigma: float, weight: Callable[[Cell], float] = lambda _: 1.0) -> float:
    """Weighted mean over people [CNY a year]."""
    total = sum(weight(cell) * cell.persons * cell.mean_cny(sigma) for cell in cells)
    return quotient(total, sum(weight(cell) * cell.persons for cell in cells))


def worst_tenth_mean(values: Sequence[float], persons: Sequence[float]) -> float:
    """Mean of the tenth of the people with the lowest values."""
    wanted = missing = sum(persons) / 10.0
    total = 0.0
    for value, n in sorted(zip(values, persons, strict=True)):
        taken = min(n, missing)
        total += value * taken
        missing -= taken
    return quotient(total, wanted)


def lorenz_gini(values: Sequence[float], persons: Sequence[float]) -> float:
    """Gini coefficient by the area under the Lorenz curve; what is below 0 counts as 0."""
    people = sum(persons)
    rows = sorted((max(0.0, value), n) for value, n in zip(values, persons, strict=True))
    whole = sum(value * n for value, n in rows)
    if not whole > 0.0:
        return 0.0
    area, below = 0.0, 0.0
    for value, n in rows:
        share = value * n / whole
        area += n / people * (below + share / 2.0)
        below += share
    return 1.0 - 2.0 * area


def employment_by_age(group: str, parameter: Parameter) -> dict[str, float]:
    """Workers per person by age: the odds of the book x one factor, so that the group's rate is met (bisection)."""
    ages, rates = age_shares(group, parameter), parameter("employment.by_age")

    def fitted(log_factor: float) -> dict[str, float]:
        odds = {age: math.exp(log_factor) * rate / (1.0 - rate) for age, rate in rates.items()}
        return {age: odds[age] / (1.0 + odds[age]) if age in odds else 0.0 for age in ages}

    low, high = -30.0, 30.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        workers = sum(ages[age] * rate for age, rate in fitted(middle).items())
        low, high = (low, middle) if workers > parameter(f"employment.{group}") else (middle, high)
    return fitted(0.5 * (low + high))


def age_shares(group: str, parameter: Parameter) -> dict[str, float]:
    """Persons of a group by age band; sums to 1."""
    table = parameter(f"age.{group}")
    return {age: share / sum(table.values()) for age, share in table.items()}


def pension_per_head_cny(group: str, parameter: Parameter) -> float:
    """Pensions of those from 60 on who do not work, over all persons of a group [CNY a month]."""
    ages, rates = age_shares(group, parameter), employment_by_age(group, parameter)
    retired = sum(ages[age] * (1.0 - rates[age]) for age in ("60-69", "70+"))
    return retired * float(parameter(f"income.pension_{group}"))


def incomes_per_head_cny(parameter: Parameter) -> dict[tuple[str, int], float]:
    """Wages and pensions per head by group and income band [CNY a year]."""
    incomes = {}
    for group in (REGISTERED, TENANT, OTHER):
        pension = pension_per_head_cny(group, parameter)
        for band, wage in enumerate(band_wages(group, parameter)):
            incomes[group, band] = 12.0 * (parameter(f"employment.{group}") * wage + pension)
    return incomes


def median_of(values: Sequence[float], persons: Sequence[float]) -> float:
    """Value of the person in the middle."""
    counted, half = 0.0, sum(persons) / 2.0
    for value, n in sorted(zip(values, persons, strict=True)):
        counted += n
        if counted >= half * (1.0 - 1e-12):
            return value
    return math.nan


def care_weights(
    cells: Sequence[Cell], incomes: dict[tuple[str, int], float], parameter: Parameter
) -> Callable[[Cell], float]:
    """Expected care weight of a person of a cell.

    Args:
        cells: of the whole city, for its median income.
        incomes: per head by group and band.
        parameter: the parameter book.
    """
    median = median_of([incomes[c.group, c.band] for c in cells], [c.persons for c in cells])
    line = parameter("care.low_income") * median

    def weight(cell: Cell) -> float:
        ages = age_shares(cell.group, parameter)
        with_elderly = min(1.0, parameter("care.persons_per_elderly") * (ages["60-69"] + ages["70+"]))
        excess = (parameter("care.weight_elderly") - 1.0) * with_elderly
        nobody_disabled = (1.0 - parameter("care.disabled_share")) ** parameter("built.household_size")
        excess += (parameter("care.weight_disabled") - 1.0) * (1.0 - nobody_disabled)
        if incomes[cell.group, cell.band] < line:
            excess += parameter("care.weight_low_income") - 1.0
        return 1.0 + float(excess)

    return weight


def shares_and_means(cells: Sequence[Cell], weight: Callable[[Cell], float], parameter: Parameter) -> dict[str, float]:
    """What a district has of its own.

    Args:
        cells: of the people counted, those of zones only in what is said of the city.
        weight: care weight of a person.
        parameter: the parameter book.
    """
    sigma, threshold = parameter("consent.sigma"), parameter("wellbeing.threshold")
    village = [cell for cell in cells if cell.group != OTHER]
    return {
        "losers_share": share_of_losers(village, threshold, sigma),
        "winners_share": share_of_winners(village, threshold, sigma),
        "losers_share_registered": share_of_losers([c for c in village if c.group == REGISTERED], threshold, sigma),
        "losers_share_tenants": share_of_losers([c for c in village if c.group == TENANT], threshold, sigma),
        "losers_share_city": share_of_losers(cells, threshold, sigma),
        "mean_wellbeing_change_cny_per_yr": mean_gain(village, sigma),
        "care_wellbeing_change_cny_per_yr": mean_gain(village, sigma, weight),
    }


def wellbeing_indicators(cells: Sequence[Cell], n_districts: int, parameter: Parameter) -> dict[str, Any]:
    """Every indicator of who gains and who loses in the villages, and in the whole city where the name says so.

    Args:
        cells: of the whole city.
        n_districts: of the city; lists by district are of those who lived there in the base year.
        parameter: the parameter book.
    """
    sigma, incomes = parameter("consent.sigma"), incomes_per_head_cny(parameter)
    weight = care_weights(cells, incomes, parameter)
    spread = spread_cells([cell for cell in cells if cell.group != OTHER], sigma)
    rows = [
        shares_and_means([c for c in cells if c.district == district], weight, parameter)
        for district in range(n_districts)
    ]
    return {
        **shares_and_means(cells, weight, parameter),
        **{f"{name}_by_district": [row[name] for row in rows] for name in rows[0]},
        "worst_tenth_wellbeing_cny_per_yr": worst_tenth_mean([c.sure_cny for c in spread], [c.persons for c in spread]),
        "wellbeing_gini_change": gini_change(cells, incomes, sigma),
    }


def gini_change(cells: Sequence[Cell], incomes: dict[tuple[str, int], float], sigma: float) -> float:
    """Gini coefficient of income + gain less that of income."""
    spread = spread_cells(cells, sigma)
    persons = [cell.persons for cell in spread]
    before = [incomes[cell.group, cell.band] for cell in spread]
    after = [income + cell.sure_cny for income, cell in zip(before, spread, strict=True)]
    return lorenz_gini(after, persons) - lorenz_gini(before, persons)
