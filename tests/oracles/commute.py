"""Section 6, commute: a doubly constrained gravity model (Wilson 1967), balanced by plain iterations.

Read where the pages leave room: the decay is searched between 0 (no deterrence) and the largest value whose kernel does
not underflow; a target outside what these reach is refused. The observed mean is one of travelled km under both
deterrences. Where new jobs exceed the workers, standing jobs are 0 and the new ones are scaled to the workers. In the
affected residents' mean, a place without workers weighs nothing.
"""

from __future__ import annotations

import math

from data.city import City
from oracles.form import Choice, Form, Parameter
from oracles.residents import Population
from oracles.timing import Phases
from oracles.travel import Matrix


def balance(
    origins: list[float], destinations: list[float], cost: Matrix, beta: float, tolerance: float = 1e-12
) -> Matrix:
    """T_ij = a_i O_i b_j D_j exp(-beta c_ij) with row sums O and column sums D.

    Args:
        origins: O_i, workers who live in i.
        destinations: D_j, workers who work in j; the same total.
        cost: c_ij.
        beta: decay per unit of cost.
        tolerance: largest relative error of a row sum.

    Raises:
        ValueError: totals differ, or the balance does not settle.
    """
    if abs(sum(origins) - sum(destinations)) > 1e-9 * max(1.0, sum(origins)):
        raise ValueError("origins and destinations have different totals")
    n_rows, n_columns = len(origins), len(destinations)
    kernel = [[math.exp(-beta * (c - min(row))) for c in row] for row in cost]  # a_i absorbs the row's shift
    a = [1.0] * n_rows
    b = [1.0] * n_columns
    for _ in range(200_000):
        for i in range(n_rows):
            a[i] = 1.0 / sum(b[j] * destinations[j] * kernel[i][j] for j in range(n_columns))
        for j in range(n_columns):
            b[j] = 1.0 / sum(a[i] * origins[i] * kernel[i][j] for i in range(n_rows))
        error = 0.0
        for i in range(n_rows):
            row = a[i] * sum(b[j] * destinations[j] * kernel[i][j] for j in range(n_columns))
            error = max(error, abs(row - 1.0))
        if error <= tolerance:
            return [
                [a[i] * origins[i] * b[j] * destinations[j] * kernel[i][j] for j in range(n_columns)]
                for i in range(n_rows)
            ]
    raise ValueError("the balance does not settle")


def mean_over_trips(trips: Matrix, value: Matrix, members: list[int] | None = None) -> float:
    """Mean of value_ij over the trips of the rows in `members` (all rows where None)."""
    rows = range(len(trips)) if members is None else members
    total = sum(trips[i][j] for i in rows for j in range(len(trips[i])))
    return sum(trips[i][j] * value[i][j] for i in rows for j in range(len(trips[i]))) / total


def calibrate_beta(
    origins: list[float],
    destinations: list[float],
    cost: Matrix,
    target_mean: float,
    members: list[int] | None = None,
    value: Matrix | None = None,
) -> float:
    """Decay per unit of cost whose mean value (the cost where None) over the trips of `members` is the target.

    Raises:
        ValueError: the target is not reachable with a beta above 0.
    """
    values = [c for row in cost for c in row]
    averaged = cost if value is None else value
    low = 0.0
    if mean_over_trips(balance(origins, destinations, cost, low), averaged, members) < target_mean:
        msg = f"mean {target_mean} is longer than without any deterrence"
        raise ValueError(msg)
    high, limit = 0.05, 300.0 / (max(values) - min(values))
    while mean_over_trips(balance(origins, destinations, cost, high), averaged, members) > target_mean:
        low, high = high, high * 2.0
        if high > limit:
            msg = f"mean {target_mean} is shorter than any deterrence gives"
            raise ValueError(msg)
    for _ in range(100):
        middle = 0.5 * (low + high)
        if mean_over_trips(balance(origins, destinations, cost, middle), averaged, members) > target_mean:
            low = middle
        else:
            high = middle
        if high - low < 1e-13:
            break
    return 0.5 * (low + high)


def share_above(minutes_limit: float, mean_minutes: float, log_sd: float) -> float:
    """Share of a log-normal spread with this mean that lies above the limit."""
    log_mean = math.log(mean_minutes) - log_sd**2 / 2.0
    z = (math.log(minutes_limit) - log_mean) / log_sd
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def workers_of_year(population: Population, year: int, parameter: Parameter) -> list[float]:
    """O_i: workers by place."""
    workers = []
    for i in range(len(population.other[year])):
        workers.append(
            population.registered[year][i] * parameter("employment.registered")
            + population.tenants[year][i] * parameter("employment.tenant")
            + population.other[year][i] * parameter("employment.other")
        )
    return workers


def base_jobs(city: City) -> list[float]:
    """J0_j: jobs of the zone and of the villages in it."""
    jobs = [float(j) for j in city.zones.jobs]
    for n in range(city.n_villages):
        jobs[int(city.villages.zone_idx[n])] += float(city.villages.jobs[n])
    return jobs


def jobs_of_year(
    city: City,
    choices: list[Choice],
    forms: list[Form],
    phases: list[Phases],
    year: int,
    base_workers: float,
    parameter: Parameter,
) -> list[float]:
    """D_j: filled jobs by zone; they add up to the workers of the base year.

    Args:
        city: the city.
        choices: one per village.
        forms: one per village.
        phases: one per village.
        year: state year.
        base_workers: sum of O in the base year, and in every year.
        parameter: the parameter book.
    """
    jobs0 = base_jobs(city)
    k0 = base_workers / sum(jobs0)
    lost = [0.0 for _ in jobs0]
    new = [0.0 for _ in jobs0]
    for n in range(city.n_villages):
        choice, form, z = choices[n], forms[n], int(city.villages.zone_idx[n])
        if not choice.renewed:
            continue
        if year >= choice.start_year:
            lost[z] += choice.rho * float(city.villages.jobs[n])
        if year >= choice.start_year + phases[n].lag:
            new[z] += (form.employment_m2 + form.industrial_m2) / parameter("density.job_m2")
            new[z] += form.facility_new_m2 / parameter("density.facility_job_m2")
        if year >= choice.start_year + phases[n].lag_rehabilitation:
            new[z] += form.facility_converted_m2 / parameter("density.facility_job_m2")
    remaining = [jobs0[j] - lost[j] for j in range(len(jobs0))]
    filled = [parameter("jobs.fill") * n_new for n_new in new]
    one_minus_x = (base_workers / k0 - sum(filled)) / sum(remaining)
    if one_minus_x < 0.0:
        return [base_workers * n_filled / sum(filled) for n_filled in filled]
    return [k0 * (remaining[j] * one_minus_x + filled[j]) for j in range(len(jobs0))]


def declared_places(city: City) -> list[int] | None:
    """Rows of the population whose mean commute was observed; None = all."""
    if city.observed_commute is None or not city.observed_commute.districts:
        return None
    wanted = {city.districts.index(name) for name in city.observed_commute.districts}
    return [i for i in range(city.n_places) if int(city.place_district_idx[i]) in wanted]


def affected_workers(
    choices: list[Choice], population: Population, year: int, n_zones: int, rates: list[float]
) -> list[float]:
    """Workers among villagers, tenants and newcomers of renewed villages, by the place where they live in a year.

    Args:
        choices: one per village.
        population: who lives where; registered residents and tenants in zones come from renewed villages.
        year: state year.
        n_zones: number of zones.
        rates: employment of registered residents, tenants, others.
    """
    registered, tenants = population.registered[year], population.tenants[year]
    workers = [registered[z] * rates[0] + tenants[z] * rates[1] for z in range(n_zones)]
    for n, choice in enumerate(choices):
        place = n_zones + n
        inside = registered[place] * rates[0] + tenants[place] * rates[1] + population.newcomers[year][n] * rates[2]
        workers.append(inside if choice.renewed else 0.0)
    return workers


def row_means(trips: Matrix, value: Matrix) -> list[float]:
    """Mean of value_ij over the trips of each row; 0 for a row without trips."""
    means = []
    for trip_row, value_row in zip(trips, value, strict=True):
        total = sum(trip_row)
        means.append(sum(t * v for t, v in zip(trip_row, value_row, strict=True)) / total if total > 0.0 else 0.0)
    return means


def weighted_mean(values: list[float], weights: list[float]) -> float:
    """Weighted mean; NaN where the weights are all 0."""
    total = sum(weights)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / total if total > 0.0 else math.nan
