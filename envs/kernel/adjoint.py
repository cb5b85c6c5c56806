"""Adjoint of the kernel: derivative of the objectives by what a single village contributes, for whole batches.

A village enters the model through a few quantities (people who leave and return, jobs, facilities, money), each from a
year on that its start decides. The derivative of an objective by each of them, at the plans as they are, ranks every
open choice of every village for about the price of one more evaluation. It is exact for small changes; where a
standard is met (the cap of the met share) it is the derivative of the side the plan stands on, newcomers are taken
to come from the zones they ask first, and at search precision the commute answers as the base year's balance would.
"""

from __future__ import annotations

from collections.abc import Callable

from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.computing.backend import Array, array_namespace, product
from envs.kernel.markets import revenue_slope, until_last_year
from envs.kernel.people.zone_room import settled_slope
from envs.kernel.project_account import COST, COSTS, FIXED, HOUSING_RENT, ITEMS, REVENUE, SALE_PRICE
from envs.kernel.services.accessibility import per_person_reached, village_supply
from envs.kernel.trace import Trace

PHYSICAL: tuple[tuple[str, str], ...] = (
    ("registered_left", "started"),
    ("registered_back", "completed"),
    ("tenants_left", "started"),
    ("tenants_back", "completed"),
    ("newcomers_due", "absorbed"),
    ("jobs_lost", "started"),
    ("jobs_new", "completed"),
    ("jobs_converted", "rehabilitated"),
    ("rebuilt_share", "started"),
    ("facility_new", "completed"),
    ("facility_converted", "rehabilitated"),
    ("green_land", "completed"),
)
"""What a village contributes to the yearly states, and the table of the clock that says from when."""
PROFILES: tuple[str, ...] = tuple(dict.fromkeys(item.profile for item in ITEMS if item.index in (COSTS, FIXED)))
"""Profiles of the items that no market moves; all items of a profile share an index."""
MONEY: tuple[str, ...] = (
    *(f"flow_{profile}" for profile in PROFILES),
    "net_sales",
    "housing_rent",
    "commodity",
    "resettlement",
    "demolished",
    "rental_places",
)
"""What it contributes to the account: net flow by profile, sales and a year's housing rent at base-year prices, and
what moves those. Tenants who leave (among PHYSICAL) move rents too."""
QUANTITIES: tuple[str, ...] = (*(name for name, _ in PHYSICAL), *MONEY)
COST_PROFILES: tuple[str, ...] = tuple(dict.fromkeys(item.profile for item in ITEMS if item.kind == COST))
LIMITED: tuple[str, ...] = tuple(f"cost_{profile}" for profile in COST_PROFILES)
"""What limits on capital count besides: gross cost by profile."""


def village_quantities(trace: Trace) -> list[Array]:
    """What every village contributes, in the order of QUANTITIES; each of shape (n_plans, n_villages)."""
    physical: list[Array] = []
    for name, _ in PHYSICAL:
        owner = next(owner for owner in (trace.moves, trace.form, trace) if hasattr(owner, name))
        physical.append(getattr(owner, name))
    flows = dict.fromkeys(PROFILES, 0.0 * trace.renewed)
    sales = 0.0 * trace.renewed
    for item in ITEMS:
        signed = trace.amounts_cny[item.name] * (1.0 if item.kind == REVENUE else -1.0)
        if item.index == SALE_PRICE:
            sales = sales + signed
        elif item.index in (COSTS, FIXED):
            flows[item.profile] = flows[item.profile] + signed
    rent, form = trace.amounts_cny["housing_rent"], trace.form
    moving = (form.commodity, form.resettlement, form.demolished, trace.moves.rental_places)
    return [*physical, *flows.values(), sales, rent, *moving]


def limited_quantities(trace: Trace) -> list[Array]:
    """What every village adds to limits on capital, in the order of LIMITED; each (n_plans, n_villages)."""
    costs = dict.fromkeys(COST_PROFILES, 0.0 * trace.renewed)
    for item in ITEMS:
        if item.kind == COST:
            costs[item.profile] = costs[item.profile] + trace.amounts_cny[item.name]
    return list(costs.values())


def housing_rent_years(trace: Trace) -> Array:
    """Yearly housing rents that a year's rent brings, the terminal value included, (plan_years + 1, n_flow_years)."""
    terminal = trace.profile("terminal") / trace.resolved.unit_costs.cap_rate_rental_per_yr
    return trace.profile("operation") + terminal


def capital_slope(trace: Trace) -> dict[str, Array]:
    """D net_present_value_cny by what a village contributes if it starts in a year.

    Returns:
        Quantity -> shape (n_plans, n_villages, plan_years + 1) [CNY per unit]; row 0 (kept) is zero.
    """
    xp, index = trace.xp, trace.indices
    year = xp.arange(trace.profile("start").shape[1], dtype=xp.float64)
    discount = (1.0 + trace.resolved.book.number("finance.discount_rate")) ** -year
    n_plans, n_villages = trace.plans.start_year.shape
    district = trace.constants.base.district_idx
    zero = xp.zeros((n_plans, n_villages, 1), dtype=xp.float64)
    of_profile = {item.profile: index[item.index] for item in ITEMS if item.index in (COSTS, FIXED)}
    slope = {f"flow_{name}": zero + trace.profile(name) @ (of_profile[name] * discount) for name in PROFILES}

    def by_start(by_year: Array, years: Array) -> Array:
        """From the slope by a district's yearly amount to that by a village's."""
        return xp.take((by_year * discount) @ xp.permute_dims(years, (1, 0)), district, axis=1)

    by_supply, by_sold, by_places = _market_slopes(trace)
    completed, standing, sold = (trace.profile(name) for name in ("operation", "standing", "sale"))
    slope["net_sales"] = by_start(index[SALE_PRICE], sold)
    slope["housing_rent"] = by_start(index[HOUSING_RENT], housing_rent_years(trace))
    slope["resettlement"] = by_start(by_supply, completed)
    slope["commodity"] = slope["resettlement"] + by_start(by_sold, sold)
    slope["demolished"] = -trace.constants.markets.rooms_as_housing * by_start(by_supply, standing)
    slope["rental_places"] = by_start(by_places, completed)
    slope["tenants_left"] = -by_start(by_places, standing)
    n_starts = trace.resolved.clock.plan_years + 1
    return {name: each[..., :n_starts] for name, each in slope.items()}  # a choice has no delay


def _market_slopes(trace: Trace) -> tuple[Array, Array, Array]:
    """D present flows by housing supply, commodity floor sold and net rental places of each district and year.

    Discounted to the year of the quantity; supply and places move prices and rents of the following year. Shape
    (n_plans, n_districts, n_flow_years) each [CNY/m2, CNY/m2, CNY/person].
    """
    xp, markets, flows = trace.xp, trace.constants.markets, trace.flows_by_district_cny
    rate = trace.resolved.book.number("finance.discount_rate")
    sales = flows["commodity_sales"] - flows["sales_cost"]
    rents = flows["housing_rent"] + flows["terminal_value_housing"]
    rents = xp.where(trace.rent_factor < 1.0, rents, xp.zeros_like(rents))

    def of_next_year(by_year: Array) -> Array:
        return xp.concat([by_year[..., 1:], xp.zeros_like(by_year[..., :1])], axis=-1) / (1.0 + rate)

    supply, places = until_last_year(trace.housing_supply_m2), until_last_year(trace.net_rental_places)
    return (
        of_next_year(revenue_slope(sales, supply, markets.stock)),
        revenue_slope(sales, trace.commodity_sold_m2, markets.flow),
        of_next_year(revenue_slope(rents, places, markets.rent)),
    )


def commute_slope(trace: Trace) -> dict[str, Array]:
    """D mean_commute_km by what a village contributes if it starts in a year.

    Returns:
        As capital_slope [km per unit].
    """
    by_origin, by_destination = _commute_adjoint(trace)
    rates = trace.employment_rates
    slope = _people_slope(trace, by_origin, rates)
    slope |= _jobs_slope(trace, by_destination)
    return _over_start_years(trace, slope)


def _commute_adjoint(trace: Trace) -> tuple[Array, Array]:
    """D mean km by workers of each place and by jobs of each zone, (n_places, n_columns) and (n_zones, n_columns)."""
    xp, model, balanced = trace.xp, trace.constants.gravity, trace.balance
    workers, jobs = trace.columns(trace.workers), trace.columns(trace.jobs)
    total = xp.sum(workers, axis=0)
    km = trace.commute_by_place("kernel_km")
    leaving = workers / balanced.reach
    kernel_km_t = xp.permute_dims(model.kernel_km, (1, 0))
    pull = product(kernel_km_t, leaving) - product(model.kernel_t, leaving * km)
    by_weight = balanced.weight * pull / total  # d mean km / d ln b
    step_t = xp.permute_dims(model.newton_step, (1, 0))
    some_jobs = xp.where(jobs > 0.0, jobs, xp.ones_like(jobs))
    left, per_job = by_weight, xp.zeros_like(jobs)
    for _ in range(trace.precision.rounds):  # chord steps, as in the balancing: one answers as the base year would
        per_job = per_job + product(step_t, left) / some_jobs
        moved = product(model.kernel, balanced.weight * per_job) / balanced.reach
        if trace.precision.rounds == 1:
            break
        left = by_weight - per_job * some_jobs + balanced.weight * product(model.kernel_t, leaving * moved)
        if float(xp.max(xp.abs(left))) <= trace.precision.tolerance * float(xp.max(xp.abs(by_weight))):
            break
    return km / total - moved, per_job


def _jobs_slope(trace: Trace, per_job: Array) -> dict[str, Array]:
    """Slopes by jobs lost and new in a village, which draw on the jobs of all zones; (n_villages, n_columns)."""
    xp, base = trace.xp, trace.constants.base
    standing, kept = trace.columns(trace.standing_jobs_by_zone), trace.columns(trace.standing_jobs_kept[None])[0]
    scale = float(xp.sum(base.workers)) / float(xp.sum(base.jobs))
    mean = xp.sum(per_job * standing, axis=0) / xp.sum(standing, axis=0)
    zone = base.zone_idx
    above_mean = xp.take(per_job, zone, axis=0) - mean
    new = scale * above_mean
    return {"jobs_new": new, "jobs_converted": new, "jobs_lost": -scale * kept * above_mean}


def _people_slope(trace: Trace, by_place: Array, rates: tuple[float, float, float]) -> dict[str, Array]:
    """Slopes by people who leave, return and come, given the slope by a person (or worker) of each place."""
    xp, settlement = trace.xp, trace.constants.settlement
    registered, tenant, other = rates
    n_zones = trace.resolved.city.n_zones
    zones, villages = by_place[:n_zones], by_place[n_zones:]
    by_count, by_person = _settled_slope(trace, zones, (registered, tenant))
    moved_out = by_count - villages
    moved_in = villages - product(xp.permute_dims(settlement.newcomer_share, (1, 0)), zones)
    return {
        "registered_left": registered * moved_out + by_person,
        "registered_back": -registered * moved_out - by_person,
        "tenants_left": tenant * moved_out + by_person,
        "tenants_back": -tenant * moved_out - by_person,
        "newcomers_due": other * moved_in,
    }


def _settled_slope(trace: Trace, zones: Array, rates: tuple[float, float]) -> tuple[Array, Array]:
    """Slopes by what a leaver of a village counts, and by any leaver, wherever he settles; (n_villages, n_columns)."""
    xp, settlement, overflow = trace.xp, trace.constants.settlement, trace.away.overflow
    share = xp.permute_dims(settlement.leaver_share, (1, 0))
    if overflow is None:
        return product(share, zones), xp.zeros_like(zones[:1])
    some = xp.take(zones, overflow.columns, axis=1)
    by_count, by_person = settled_slope(some, overflow, settlement.overflow_weight, rates)
    asked = xp.asarray(zones, copy=True)
    asked[:, overflow.columns] = by_count
    leaving = product(share, asked)
    besides = xp.zeros_like(leaving)
    besides[:, overflow.columns] = product(share, by_person)
    return leaving, besides


def _share_below_standard(filled: Array, cap_width: float) -> Array:
    """1 below the standard and 0 above it, falling linearly over 1 - cap_width .. 1 + cap_width of it."""
    xp = array_namespace(filled)
    if cap_width == 0.0:
        return xp.astype(filled < 1.0, filled.dtype)
    return xp.clip((1.0 + cap_width - filled) / (2.0 * cap_width), 0.0, 1.0)


def accessibility_slope(trace: Trace, *, cap_width: float = 0.0) -> dict[str, Array]:
    """D service_accessibility by what a village contributes if it starts in a year.

    Args:
        trace: plans on their way through the model.
        cap_width: 0 = the derivative; above, the standard's cap is smoothed over this share of it to either side, which
            foretells steps of many villages better (docs/search.md).

    Returns:
        As capital_slope [0..1 per unit].
    """
    xp, model = trace.xp, trace.constants.access
    n_zones = trace.resolved.city.n_zones
    residents, states = trace.columns(trace.residents), trace.facility_states
    total = xp.sum(residents, axis=0)
    per_person = [per_person_reached(decay.product(residents)) for decay in model.decay]
    by_reached = [xp.zeros_like(residents) for _ in model.decay]
    met = xp.zeros_like(residents)
    slope = {name: xp.zeros_like(residents[n_zones:]) for name in ("rebuilt_share", "floor", "green_land")}
    for category, scale in enumerate(model.scale_idx):
        decay, inverse = model.decay[scale], per_person[scale]
        villages = village_supply(category, model, states)
        ratio = xp.concat(
            [model.supply[:n_zones, category][:, None] * inverse[:n_zones], villages * inverse[n_zones:]], axis=0
        )
        filled = decay.product(ratio) / model.standard[category]
        met = met + model.weights[category] * xp.clip(filled, None, 1.0)
        below = residents * _share_below_standard(filled, cap_width)
        by_ratio = decay.product(below * (model.weights[category] / model.standard[category])) / total
        by_reached[scale] = by_reached[scale] - by_ratio * ratio * inverse
        by_supply = (by_ratio * inverse)[n_zones:]
        slope["rebuilt_share"] = slope["rebuilt_share"] - by_supply * model.supply[n_zones:, category][:, None]
        is_land = CATEGORIES[category] in LAND_CATEGORIES
        split, name = (model.land_split, "green_land") if is_land else (model.floor_split, "floor")
        slope[name] = slope[name] + by_supply * split[:, category][:, None]
    by_person = met / total
    for decay, back in zip(model.decay, by_reached, strict=True):
        by_person = by_person + decay.product(back)
    floor = slope.pop("floor")
    slope |= {"facility_new": floor, "facility_converted": floor}
    return _over_start_years(trace, slope | _people_slope(trace, by_person, (1.0, 1.0, 1.0)))


def _over_start_years(trace: Trace, slope: dict[str, Array]) -> dict[str, Array]:
    """Sum the yearly slopes over the held years a start year touches, with the weights of the mean over years."""
    xp, clock = trace.xp, trace.resolved.clock
    by_start_year = {}
    for name, table in PHYSICAL:
        if name not in slope:
            continue
        held = trace.held(getattr(clock, table)) * trace.held_weights
        series = xp.reshape(slope[name], (slope[name].shape[0], trace.plans.n_plans, trace.n_years))
        series = xp.astype(xp.permute_dims(series, (1, 0, 2)), xp.float64)
        by_start_year[name] = series @ xp.permute_dims(held, (1, 0))
    return by_start_year


SLOPES: dict[str, Callable[[Trace, float], dict[str, Array]]] = {
    "net_present_value_cny": lambda trace, _: capital_slope(trace),
    "mean_commute_km": lambda trace, _: commute_slope(trace),
    "service_accessibility": lambda trace, cap_width: accessibility_slope(trace, cap_width=cap_width),
}
"""Objectives whose slopes are known (trace, cap_width); searches steer the others by trial alone."""
