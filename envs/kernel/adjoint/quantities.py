"""The quantities through which a village enters the model, and what each village of a plan contributes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from envs.kernel.computing.backend import Array
from envs.kernel.futures.robust_names import ROBUST
from envs.kernel.indicators.indicator import VillageSum
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.project_account import COST, COSTS, FIXED, ITEMS, REVENUE, SALE_PRICE
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
SALES_COST = "cost_sale"
AT_START = ("start", "standing")
"""Profiles that begin with the start itself, whatever is delayed after it."""
DELAYED: frozenset[str] = frozenset(
    (
        *(name for name, table in PHYSICAL if table != "started"),
        *(f"flow_{profile}" for profile in PROFILES if profile not in AT_START),
        *(f"cost_{profile}" for profile in COST_PROFILES if profile not in AT_START),
        "net_sales",
        "housing_rent",
        "commodity",
        "resettlement",
        "rental_places",
    )
)
"""Quantities whose years a delay moves; those of the others follow from the start year alone."""
BY_OPTION: tuple[str, ...] = (
    "new_rental_floor_m2",
    "facility_floor_m2",
    "green_land_m2",
    "demolished_floor_m2",
    "heritage_floor_lost_m2",
    "displaced_registered_persons",
    "displaced_tenants_persons",
    "land_economic_output_cny_per_yr",
    "embodied_carbon_tco2e",
    "operational_carbon_tco2e_per_yr",
)
"""Indicators that are sums of what the option of each village decides alone; each is a quantity of its own."""
OF_GROSS_COST = ("total_cost_cny", "max_annual_cost_cny")
OWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(OF_GROSS_COST, (SALES_COST,)),
    **{name: (SALES_COST,) for name, (measure, _) in ROBUST.items() if measure in OF_GROSS_COST},
    **{name: (name,) for name in BY_OPTION},
}
"""Objective -> the quantities that it alone asks for, besides QUANTITIES."""


def quantity_names(objectives: Iterable[str], *, with_limits: bool = False) -> tuple[str, ...]:
    """Quantities that the slopes of some objectives speak of, and where asked what limits on capital count.

    Example:
        >>> quantity_names(("mean_commute_km", "total_cost_cny"))[len(QUANTITIES) :]
        ('cost_sale',)
    """
    own = [name for objective in objectives for name in OWN.get(objective, ())]
    return tuple(dict.fromkeys((*QUANTITIES, *(LIMITED if with_limits else ()), *own)))


def village_quantities(trace: Trace, names: Sequence[str] = QUANTITIES) -> list[Array]:
    """What every village contributes of each quantity; each of shape (n_plans, n_villages)."""
    found = _states(trace) | _account(trace)
    return [found[name] if name in found else _measured(trace, name) for name in names]


def _states(trace: Trace) -> dict[str, Array]:
    owners = (trace.moves, trace.form, trace)
    return {name: getattr(next(o for o in owners if hasattr(o, name)), name) for name, _ in PHYSICAL}


def _account(trace: Trace) -> dict[str, Array]:
    flows = dict.fromkeys(PROFILES, 0.0 * trace.renewed)
    costs = dict.fromkeys(COST_PROFILES, 0.0 * trace.renewed)
    sales = 0.0 * trace.renewed
    for item in ITEMS:
        amount = trace.amounts_cny[item.name]
        signed = amount if item.kind == REVENUE else -amount
        if item.kind == COST:
            costs[item.profile] = costs[item.profile] + amount
        if item.index == SALE_PRICE:
            sales = sales + signed
        elif item.index in (COSTS, FIXED):
            flows[item.profile] = flows[item.profile] + signed
    return {
        **{f"flow_{profile}": flow for profile, flow in flows.items()},
        **{f"cost_{profile}": cost for profile, cost in costs.items()},
        "net_sales": sales,
        "housing_rent": trace.amounts_cny["housing_rent"],
        "commodity": trace.form.commodity,
        "resettlement": trace.form.resettlement,
        "demolished": trace.form.demolished,
        "rental_places": trace.moves.rental_places,
    }


def _measured(trace: Trace, name: str) -> Array:
    """An indicator of BY_OPTION, village by village."""
    total = INDICATORS[name].value
    assert isinstance(total, VillageSum)
    return total.by_village(trace)
