"""Project account: the items of cost and revenue, whose they are, their years and what moves them (model section 8).

Real CNY, float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from envs.kernel.built_form import BuiltForm
from envs.kernel.computing.backend import Array, array_namespace, device, segment_sum
from envs.kernel.people.residents import Moves

DEVELOPER, GOVERNMENT = "developer", "government"
COST, REVENUE = "cost", "revenue"
COSTS, SALE_PRICE, HOUSING_RENT, FIXED = "costs", "sale_price", "housing_rent", "fixed"


@dataclass(frozen=True)
class FlowItem:
    """One line of the account.

    Attributes:
        name: of the item.
        payer: whose it is.
        kind: cost or revenue.
        profile: years it falls in (timing.Clock.flow_profiles).
        index: what moves its amounts from the base year on: costs, the sale price or housing rents; or they are fixed.
    """

    name: str
    payer: str
    kind: str
    profile: str
    index: str


ITEMS: tuple[FlowItem, ...] = (
    FlowItem("compensation", GOVERNMENT, COST, "start", COSTS),
    FlowItem("monetary_resettlement", GOVERNMENT, COST, "start", COSTS),
    FlowItem("transition_allowance", GOVERNMENT, COST, "away", COSTS),
    FlowItem("demolition", GOVERNMENT, COST, "assembly", COSTS),
    FlowItem("construction_resettlement", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("construction_industrial", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("construction_facilities", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("construction_commodity", DEVELOPER, COST, "construction", COSTS),
    FlowItem("construction_rental", DEVELOPER, COST, "construction", COSTS),
    FlowItem("construction_employment", DEVELOPER, COST, "construction", COSTS),
    FlowItem("basement_parking_resettlement", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("basement_parking", DEVELOPER, COST, "construction", COSTS),
    FlowItem("infrastructure", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("rehabilitation", GOVERNMENT, COST, "works", COSTS),
    FlowItem("soft_cost_public", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("soft_cost", DEVELOPER, COST, "construction", COSTS),
    FlowItem("soft_cost_rehabilitation", GOVERNMENT, COST, "works", COSTS),
    FlowItem("contingency_demolition", GOVERNMENT, COST, "assembly", COSTS),
    FlowItem("contingency_public", GOVERNMENT, COST, "construction", COSTS),
    FlowItem("contingency", DEVELOPER, COST, "construction", COSTS),
    FlowItem("contingency_rehabilitation", GOVERNMENT, COST, "works", COSTS),
    FlowItem("sales_cost", DEVELOPER, COST, "sale", SALE_PRICE),
    FlowItem("resettlement_sales", GOVERNMENT, REVENUE, "completion", FIXED),
    FlowItem("commodity_sales", DEVELOPER, REVENUE, "sale", SALE_PRICE),
    FlowItem("housing_rent", DEVELOPER, REVENUE, "operation", HOUSING_RENT),
    FlowItem("employment_rent", DEVELOPER, REVENUE, "operation", FIXED),
    FlowItem("terminal_value_housing", DEVELOPER, REVENUE, "terminal", HOUSING_RENT),
    FlowItem("terminal_value_employment", DEVELOPER, REVENUE, "terminal", FIXED),
)
PRICED_ITEMS = tuple(item.name for item in ITEMS if item.index == SALE_PRICE)
"""Items that follow the sale price of their year; their amounts are at base-year prices."""


@dataclass(frozen=True)
class UnitCosts:
    """Unit costs and shares; CNY per m2 of floor unless the name says otherwise."""

    demolition_cny_per_m2: float
    resettlement_cny_per_m2: float
    commodity_cny_per_m2: float
    rental_cny_per_m2: float
    employment_cny_per_m2: float
    basement_ratio: float
    basement_cny_per_m2: float
    infrastructure_cny_per_site_m2: float
    park_cny_per_m2: float
    rehabilitation_cny_per_m2: float
    soft_share: float
    contingency_share: float
    sales_share: float
    resettlement_price_cny_per_m2: float
    legal_floor_cny_per_m2: float
    unregistered_floor_cny_per_m2: float
    early_reward_cny_per_household: float
    household_size: float
    resettlement_m2_per_person: float
    monetary_share: float
    allowance_cny_per_person_month: float
    rent_vacancy: float
    rent_opex: float
    employment_rent_ratio: float
    cap_rate_per_yr: float
    cap_rate_rental_per_yr: float


@dataclass(frozen=True, eq=False)
class VillagePrices:
    """What money meets in each village; each of shape (n_villages,)."""

    site_area_m2: Array
    existing_floor_m2: Array
    legal_share: Array
    registered_residents: Array
    sale_price_cny_per_m2: Array
    market_rent_cny_per_m2_month: Array
    facility_cost_cny_per_m2: Array  # by the village's split over categories


@dataclass(frozen=True, eq=False)
class Terms:
    """What the option of a village changes in its money, each of shape (n_plans, n_villages).

    Attributes:
        sale_price_cny_per_m2: of its new housing; the base price with services and density of the option.
        onsite_share: share of registered residents resettled on site, or one number for all.
        multiplier: of the cash offered [x].
    """

    sale_price_cny_per_m2: Array
    onsite_share: float | Array
    multiplier: Array


def flow_amounts_cny(
    form: BuiltForm, moves: Moves, villages: VillagePrices, unit: UnitCosts, terms: Terms
) -> dict[str, Array]:
    """Amount of every item at base-year prices, positive, before it is spread over its years.

    Args:
        form: floor areas, shape (n_plans, n_villages).
        moves: persons, same shape.
        villages: prices and attributes, shape (n_villages,).
        unit: unit costs.
        terms: price, on-site share and multiplier of the options.

    Returns:
        Item name -> shape (n_plans, n_villages) [CNY; CNY a year for `away` and `operation` profiles].
    """
    built = _construction(form, villages, unit)
    public_hard = (
        built["construction_resettlement"]
        + built["construction_industrial"]
        + built["construction_facilities"]
        + built["basement_parking_resettlement"]
        + built["infrastructure"]
    )
    private_hard = (
        built["construction_commodity"]
        + built["construction_rental"]
        + built["construction_employment"]
        + built["basement_parking"]
    )
    demolition = form.demolished * unit.demolition_cny_per_m2
    rehabilitation = form.retained * unit.rehabilitation_cny_per_m2
    soft, spare = unit.soft_share, unit.contingency_share
    return (
        _villagers(form, moves, villages, unit, terms)
        | built
        | {
            "demolition": demolition,
            "rehabilitation": rehabilitation,
            "soft_cost_public": soft * public_hard,
            "soft_cost": soft * private_hard,
            "soft_cost_rehabilitation": soft * rehabilitation,
            "contingency_demolition": spare * demolition,
            "contingency_public": spare * (1.0 + soft) * public_hard,
            "contingency": spare * (1.0 + soft) * private_hard,
            "contingency_rehabilitation": spare * (1.0 + soft) * rehabilitation,
        }
        | _revenues(form, villages, unit, terms)
    )


def _villagers(
    form: BuiltForm, moves: Moves, villages: VillagePrices, unit: UnitCosts, terms: Terms
) -> dict[str, Array]:
    """What the registered residents receive."""
    rho = form.rebuilt_share
    floor_money = (
        villages.legal_share * unit.legal_floor_cny_per_m2
        + (1.0 - villages.legal_share) * unit.unregistered_floor_cny_per_m2
    )
    reward = villages.registered_residents * (unit.early_reward_cny_per_household / unit.household_size)
    taken_in_money_m2 = villages.registered_residents * ((1.0 - terms.onsite_share) * unit.resettlement_m2_per_person)
    money = taken_in_money_m2 * unit.monetary_share * villages.sale_price_cny_per_m2
    return {
        "compensation": rho * (terms.multiplier * (villages.existing_floor_m2 * floor_money + reward)),
        "monetary_resettlement": rho * (terms.multiplier * money),
        "transition_allowance": moves.registered_back * (12.0 * unit.allowance_cny_per_person_month),
    }


def _construction(form: BuiltForm, villages: VillagePrices, unit: UnitCosts) -> dict[str, Array]:
    """Construction by type, basement parking and infrastructure."""
    basement = unit.basement_ratio * unit.basement_cny_per_m2
    return {
        "construction_resettlement": form.resettlement * unit.resettlement_cny_per_m2,
        "construction_industrial": form.industrial * unit.employment_cny_per_m2,
        "construction_facilities": form.facility_new * villages.facility_cost_cny_per_m2,
        "construction_commodity": form.commodity * unit.commodity_cny_per_m2,
        "construction_rental": form.rental * unit.rental_cny_per_m2,
        "construction_employment": form.employment * unit.employment_cny_per_m2,
        "basement_parking_resettlement": (form.resettlement + form.industrial) * basement,
        "basement_parking": (form.commodity + form.rental + form.employment) * basement,
        "infrastructure": form.rebuilt_share * (villages.site_area_m2 * unit.infrastructure_cny_per_site_m2)
        + form.green_land * unit.park_cny_per_m2,
    }


def _revenues(form: BuiltForm, villages: VillagePrices, unit: UnitCosts, terms: Terms) -> dict[str, Array]:
    """Sales, rents and terminal value, with the cost of selling."""
    sales = form.commodity * terms.sale_price_cny_per_m2
    net_year = 12.0 * (1.0 - unit.rent_vacancy) * (1.0 - unit.rent_opex)
    rent_cny_per_m2 = villages.market_rent_cny_per_m2_month * net_year
    housing_rent = form.rental * rent_cny_per_m2
    employment_rent = form.employment * (unit.employment_rent_ratio * rent_cny_per_m2)
    return {
        "sales_cost": unit.sales_share * sales,
        "resettlement_sales": form.resettlement * unit.resettlement_price_cny_per_m2,
        "commodity_sales": sales,
        "housing_rent": housing_rent,
        "employment_rent": employment_rent,
        "terminal_value_housing": housing_rent / unit.cap_rate_rental_per_yr,
        "terminal_value_employment": employment_rent / unit.cap_rate_per_yr,
    }


@dataclass(frozen=True, eq=False)
class StartsAndDistricts:
    """Where village amounts belong when they are summed by start year and district.

    Attributes:
        start_year: shape (n_plans, n_villages), integers in 0..n_starts-1.
        district_idx: shape (n_villages,).
        n_starts: plan_years + 1, for each calendar.
        n_districts: number of districts.
    """

    start_year: Array
    district_idx: Array
    n_starts: int
    n_districts: int

    @cached_property
    def _cells(self) -> Array:
        xp = array_namespace(self.start_year)
        plan = xp.arange(self.start_year.shape[0], dtype=self.start_year.dtype, device=device(self.start_year))[:, None]
        cell = (plan * self.n_districts + self.district_idx) * self.n_starts + self.start_year
        return xp.reshape(cell, (-1,))

    def sums(self, amount: Array) -> Array:
        """Sum amounts, shape (n_plans, n_villages), to (n_plans, n_districts, n_starts)."""
        xp, n_plans = array_namespace(amount), amount.shape[0]
        n_cells = n_plans * self.n_districts * self.n_starts
        total = segment_sum(xp.reshape(amount, (-1,)), self._cells, n_cells)
        return xp.reshape(total, (n_plans, self.n_districts, self.n_starts))
