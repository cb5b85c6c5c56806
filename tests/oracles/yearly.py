"""The yearly series of one plan: residents, commute, accessibility.

Read where the pages leave room: the mean over years of the villages' own accessibility leaves out years in which nobody
lives in a village.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from data.city import CATEGORIES
from data.scenario import Scenario
from oracles import accessibility as acc
from oracles import commute as com
from oracles import market as mar
from oracles.case import Case, Outcome, mean_after_base_year
from oracles.residents import Population, resident_years
from oracles.travel import Matrix


def residents_of(case: Case) -> tuple[Population, Outcome]:
    """Residents and workers by place and year."""
    population = resident_years(
        case.city,
        case.choices,
        case.flows,
        case.phases,
        case.distance_km,
        case.horizon.last_state_year,
        case.parameter,
    )
    registered, tenants, other = (
        np.array(table) for table in (population.registered, population.tenants, population.other)
    )
    workers = [com.workers_of_year(population, year, case.parameter) for year in case.years]
    return population, {
        "residents_registered": registered,
        "residents_tenants": tenants,
        "residents_other": other,
        "residents": registered + tenants + other,
        "newcomers_by_year": np.array(population.newcomers),
        "newcomers_waiting": np.array(population.waiting),
        "newcomers_sent_by_zone": np.array(population.sent),
        "unhoused_by_year": np.array(population.unhoused),
        "unhoused_persons": max(population.unhoused),
        "settling_share": np.array(population.settling),
        "workers": np.array(workers),
    }


def _affected_workers(case: Case, population: Population, year: int) -> list[float]:
    rates = [case.parameter(f"employment.{group}") for group in ("registered", "tenant", "other")]
    return com.affected_workers(case.choices, population, year, case.city.n_zones, rates)


def _decay(case: Case, workers: list[float], jobs: list[float]) -> float:
    observed = case.city.observed_commute
    if observed is None:
        return float(case.parameter("calib.beta_exp" if case.deterrence == "exponential" else "calib.gamma_sqrt"))
    members = com.declared_places(case.city)
    return com.calibrate_beta(workers, jobs, case.impedance, observed.mean_km, members, case.distance_km)


def _values(case: Case) -> dict[str, Matrix]:
    """What is averaged over trips: km, minutes, and the shares of a pair's trips above 45 and 60 minutes."""
    log_sd = case.parameter("travel.log_sd")
    return {
        "mean_commute_km": case.distance_km,
        "mean_commute_min": case.minutes,
        "commute_above_45min_share": [[com.share_above(45.0, m, log_sd) for m in row] for row in case.minutes],
        "commute_above_60min_share": [[com.share_above(60.0, m, log_sd) for m in row] for row in case.minutes],
    }


def commute_of(case: Case, population: Population, workers: Matrix) -> Outcome:
    """Jobs, trips, and the commute of all and of affected workers, by year and as mean of years 1..H."""
    values = _values(case)
    jobs, trips = [], []
    decay = 0.0
    by_year: dict[str, list[float]] = {f"{name}{suffix}": [] for name in values for suffix in ("", "_affected")}
    for year in case.years:
        jobs.append(
            com.jobs_of_year(
                case.city,
                case.choices,
                case.forms,
                case.phases,
                year,
                sum(workers[0]),
                case.parameter,
            )
        )
        if year == 0:
            decay = _decay(case, workers[0], jobs[0])
        trips.append(com.balance(workers[year], jobs[year], case.impedance, decay))
        affected = _affected_workers(case, population, year)
        for name, value in values.items():
            by_year[name].append(com.mean_over_trips(trips[year], value))
            means = com.row_means(trips[year], value)
            by_year[f"{name}_affected"].append(com.weighted_mean(means, affected))
    result: Outcome = {"decay": decay, "jobs": np.array(jobs), "trips": np.array(trips)}
    for name, series in by_year.items():
        result[f"{name}_by_year"] = np.array(series)
        result[name] = mean_after_base_year(series)
    return result


def _access_base(case: Case, persons: list[float]) -> tuple[list[Matrix], Matrix, Matrix, Matrix]:
    decays = acc.decay_tables(case.city, case.parameter)
    access, met = acc.access_of_year(persons, acc.base_supply(case.city), decays, case.parameter)
    splits = [acc.category_split(case.city, n, access, case.parameter) for n in range(case.city.n_villages)]
    return decays, access, met, splits


def accessibility_of(case: Case, scenario: Scenario, residents: Matrix) -> Outcome:
    """Supply, accessibility and met shares by year, and their means, spread and distance."""
    city, first = case.city, case.city.n_zones
    decays, base_access, base_met, splits = _access_base(case, residents[0])
    standards = [float(case.parameter(f"std.{name}")) for name in CATEGORIES]
    inhabited = [i for i in range(city.n_places) if residents[0][i] > 0.0]
    ratios = [[base_access[k][i] / standards[k] for i in inhabited] for k in range(len(CATEGORIES))]
    weights = acc.category_weights(scenario.category_weights, ratios)
    base_scores = acc.place_scores(base_met, weights)
    options = [
        mar.met_share_with_option(
            city, n, case.choices[n], case.forms[n], splits[n], residents[0], decays, weights, case.parameter
        )
        for n in range(city.n_villages)
    ]
    rows: dict[str, list[Any]] = {name: [] for name in ("access", "met", "supply", "score", "village", "all", "part")}
    for year in case.years:
        supply = acc.supply_of_year(city, case.choices, case.forms, splits, case.phases, year)
        access, met = acc.access_of_year(residents[year], supply, decays, case.parameter)
        scores = acc.place_scores(met, weights)
        complete = [
            float(all(access[k][i] >= standards[k] for k in range(len(CATEGORIES)))) for i in range(city.n_places)
        ]
        rows["access"].append(access)
        rows["met"].append(met)
        rows["supply"].append(supply)
        rows["score"].append(acc.resident_mean(scores, residents[year]))
        rows["village"].append(acc.resident_mean(scores[first:], residents[year][first:]))
        rows["all"].append(acc.resident_mean(complete, residents[year]))
        rows["part"].append([acc.resident_mean(met[k], residents[year]) for k in range(len(CATEGORIES))])
    last = case.horizon.last_state_year
    final_scores = acc.place_scores(rows["met"][last], weights)
    return {
        "category_weights": np.array(weights),
        "category_split": np.array(splits),
        "met_share_with_option": np.array(options),
        "met_share_before": np.array([mar.met_share_before(city, n, base_scores) for n in range(city.n_villages)]),
        "accessibility_m2_per_1000": np.array(rows["access"]),
        "met_share": np.array(rows["met"]),
        "supply_m2": np.array(rows["supply"]),
        "service_accessibility_by_year": np.array(rows["score"]),
        "service_accessibility": mean_after_base_year(rows["score"]),
        "service_accessibility_villages_by_year": np.array(rows["village"]),
        "service_accessibility_villages": mean_after_base_year(
            [value for value in rows["village"] if not math.isnan(value)]
        ),
        "every_category_met_share_by_year": np.array(rows["all"]),
        "every_category_met_share": mean_after_base_year(rows["all"]),
        "met_share_by_category_by_year": np.array(rows["part"]),
        "gini_accessibility": acc.weighted_gini(final_scores, residents[last]),
        "mean_facility_distance_km": acc.mean_facility_distance_km(
            city, residents[last], rows["supply"][last], weights, case.parameter
        ),
    }
