"""Resolve a scenario against a city: compute every constant once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import numpy as np
from scipy import sparse

from data.arrays import FloatArray, IntArray
from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.errors import refuse
from data.parameter_book import Book, load_book
from data.scenario import LAND_USES, REBUILT_SHARE, Deterrence, Intensity, Scenario
from data.travel import Travel, compute_travel
from envs.kernel.accessibility import AccessModel, access_per_person, decay_matrices, shortage_split
from envs.kernel.commute import GravityModel, gravity_model
from envs.kernel.commute_calibration import calibrate_decay
from envs.kernel.computing.backend import SparseMatrix, one_blas_thread
from envs.kernel.consent import Entitlements, Voters, consent_ratio, entitlements
from envs.kernel.hedonic import Taste, own_services
from envs.kernel.markets import DistrictMarkets, district_markets
from envs.kernel.nearest import nearest_model
from envs.kernel.people.residents import Settlement
from envs.kernel.project_account import UnitCosts, VillagePrices
from envs.kernel.resolved_scenario import Base, Constants, ResolvedScenario
from envs.kernel.timing import Clock, Phases
from envs.kernel.weights import category_weights


def resolve(scenario: Scenario, city: City, book: Book | None = None) -> ResolvedScenario:
    """Resolve a scenario against a city.

    Args:
        scenario: bounds, rules, preferences, overrides.
        city: what is given.
        book: parameter book; None = the embedded one. The scenario's overrides are applied to it.

    Returns:
        The resolved scenario.

    Raises:
        InputError: a name in the scenario is unknown to the city or the book, or the numbers cannot work together.
    """
    book = (book or load_book()).override(scenario.parameters)
    _refuse_unknown_names(scenario, city)
    with one_blas_thread():
        return _resolve(scenario, city, book)


def _resolve(scenario: Scenario, city: City, book: Book) -> ResolvedScenario:
    """The commute in this thread, facilities and settlement in one beside it: neither needs the other."""
    clock = make_clock(scenario, book)
    _refuse_short_operation(clock)
    _refuse_late_sales(scenario, clock)
    travel = compute_travel(city, book)
    base, prices = _base(city, book), _prices(city)
    with ThreadPoolExecutor(1) as beside:
        accessing = beside.submit(_access, city, scenario, book, base.residents)
        finding_nearest = beside.submit(nearest_model, city, book.number("travel.detour"), base_supply_m2(city))
        settling = beside.submit(_settlement, city, book, travel)
        decay, gravity = _commute(city, book, base, travel, scenario.commute_deterrence)
    access = accessing.result()
    split_cost = np.array([_facility_cost(book, category) for category in CATEGORIES])
    voters, villages = voters_of(book), city.villages
    return ResolvedScenario(
        city=city,
        scenario=scenario,
        book=book,
        clock=clock,
        unit_costs=_unit_costs(book),
        decay=decay,
        taste=taste_of(book),
        voters=voters,
        consent_ratio=consent_ratio(voters, book.number("consent.threshold")),
        constants=Constants(
            base=base,
            prices=replace(prices, facility_cost_cny_per_m2=access.floor_split @ split_cost),
            claims=entitlements_of(city, book),
            services=own_services(
                access, base.residents, zone_idx=villages.zone_idx, price_of_zone=villages.price_of_zone
            ),
            markets=_markets(city, book),
            settlement=settling.result(),
            gravity=gravity,
            access=access,
            nearest=finding_nearest.result(),
            village_zone=SparseMatrix(
                sparse.csr_array(
                    (np.ones(city.n_villages), (city.villages.zone_idx, np.arange(city.n_villages))),
                    shape=(city.n_zones, city.n_villages),
                )
            ),
        ),
    )


def make_clock(scenario: Scenario, book: Book) -> Clock:
    """Calendar of a scenario."""
    return Clock(
        phases=Phases(
            approval_yr=book.number("time.approval"),
            land_assembly_yr=book.number("time.land_assembly"),
            construction_yr=book.number("time.construction"),
            upgrade_works_yr=book.number("time.upgrade_works"),
        ),
        plan_years=scenario.plan_years,
        tail_years=round(book.number("indicator.tail_years")),
        operation_years=round(book.number("finance.operation_years")),
        absorption=book.series("sale.absorption"),
    )


def _refuse_short_operation(clock: Clock) -> None:
    needed = clock.phases.rebuild_lag_yr + len(clock.absorption) - 1
    if clock.operation_years < needed:
        raise refuse(
            "operation_years_too_few",
            layer="parameter finance.operation_years",
            years=clock.operation_years,
            least=needed,
        )


def _refuse_late_sales(scenario: Scenario, clock: Clock) -> None:
    late = [
        name
        for name, village in scenario.fixed.items()
        if village.start_year and village.intensity is not Intensity.REHABILITATE
        if (village.delay_yr or 0.0) > clock.longest_delay_yr
    ]
    if late:
        raise refuse("fixed_delay_too_long", layer="scenario fixed", rows=late, most=clock.longest_delay_yr)


def _refuse_unknown_names(scenario: Scenario, city: City) -> None:
    known = set(city.villages.village_id.tolist())
    for field_name in ("locked", "forbidden", "fixed"):
        unknown = sorted(set(getattr(scenario, field_name)) - known)
        if unknown:
            raise refuse("no_village_of_city", layer=f"scenario {field_name}", rows=unknown, city=city.name)
    unknown = sorted(set(scenario.district_limits) - set(city.districts))
    if unknown:
        raise refuse("no_district_of_city", layer="scenario district_limits", rows=unknown, city=city.name)


def _base(city: City, book: Book) -> Base:
    zones, villages = city.zones, city.villages
    residents = np.concatenate([zones.residents, villages.registered_residents + villages.tenants])
    workers = np.concatenate(
        [
            zones.residents * book.number("employment.other"),
            villages.registered_residents * book.number("employment.registered")
            + villages.tenants * book.number("employment.tenant"),
        ]
    )
    jobs = zones.jobs + np.bincount(villages.zone_idx, weights=villages.jobs, minlength=city.n_zones)
    shares = [land_use_shares(book, use) for use in LAND_USES]
    return Base(
        residents=residents,
        workers=workers,
        jobs=jobs,
        registered=villages.registered_residents,
        tenants=villages.tenants,
        village_jobs=villages.jobs,
        site_area_m2=villages.site_area_m2,
        existing_floor_m2=villages.gross_floor_area_m2,
        rebuilt_share=np.array(REBUILT_SHARE),
        land_use_shares=np.array(shares),
        rental_only=villages.rental_only,
        district_idx=villages.district_idx,
        place_district_idx=city.place_district_idx,
        zone_idx=villages.zone_idx,
    )


def _markets(city: City, book: Book) -> DistrictMarkets:
    zones, villages = city.zones, city.villages

    def by_district(values: FloatArray, district_idx: IntArray) -> FloatArray:
        return np.asarray(np.bincount(district_idx, weights=values, minlength=len(city.districts)), dtype=np.float64)

    has_zones = np.isin(np.arange(len(city.districts)), zones.district_idx)
    return district_markets(
        zone_housing_m2=by_district(zones.housing_floor_area_m2, zones.district_idx),
        village_floor_m2=by_district(villages.gross_floor_area_m2, villages.district_idx),
        tenants=by_district(villages.tenants, villages.district_idx),
        yearly_sales_m2=np.where(has_zones, by_district(zones.yearly_sales_m2, zones.district_idx), np.nan),
        rooms_as_housing=book.number("market.rooms_as_housing"),
        normal_share_of_stock=book.number("sale.normal_share_of_stock"),
        rented_share=book.number("market.rented_share"),
        housing_m2=book.number("density.housing_m2"),
        price_elasticity=book.number("price.elasticity"),
        flow_elasticity=book.number("sale.flow_elasticity"),
        rent_elasticity=book.number("rent.elasticity"),
        least_share=book.number("market.least_stock_share"),
        price_growth_per_yr=book.number("price.growth"),
        cost_growth_per_yr=book.number("cost.growth"),
    )


def land_use_shares(book: Book, land_use: str) -> tuple[float, float, float]:
    """Commodity, rental and employment share of the floor left to a land use."""
    if land_use == "public_service":
        return (0.0, 0.0, 0.0)
    mix = book.table(f"mix.{land_use}")
    return (mix["commodity"], mix["rental"], mix["employment"])


def _prices(city: City) -> VillagePrices:
    villages = city.villages
    return VillagePrices(
        site_area_m2=villages.site_area_m2,
        existing_floor_m2=villages.gross_floor_area_m2,
        legal_share=villages.legal_share,
        registered_residents=villages.registered_residents,
        sale_price_cny_per_m2=villages.sale_price_cny_per_m2,
        market_rent_cny_per_m2_month=city.zones.rent_cny_per_m2_month[villages.zone_idx],
        facility_cost_cny_per_m2=np.zeros(city.n_villages),
    )


def _commute(city: City, book: Book, base: Base, travel: Travel, form: Deterrence) -> tuple[float, GravityModel]:
    """Decay of the form, and the model balanced with it."""
    scaled_jobs = base.jobs * (base.workers.sum() / base.jobs.sum())
    decay = _decay(city, book, base, scaled_jobs, travel, form)
    return decay, gravity_model(
        origins=base.workers,
        destinations=scaled_jobs,
        distance_km=travel.distance_km,
        minutes=travel.minutes,
        decay=decay,
        form=form,
        log_sd=book.number("travel.log_sd"),
    )


FALLBACK_DECAY = {Deterrence.SQUARE_ROOT: "calib.gamma_sqrt", Deterrence.EXPONENTIAL: "calib.beta_exp"}
"""Key of the decay of a city without an observed mean, by form of the deterrence."""


def _decay(city: City, book: Book, base: Base, jobs: FloatArray, travel: Travel, form: Deterrence) -> float:
    observed = city.observed_commute
    if observed is None:
        return book.number(FALLBACK_DECAY[form])
    declared = None
    if observed.districts:
        idx = [city.districts.index(name) for name in observed.districts]
        declared = np.isin(city.place_district_idx, idx)
    return calibrate_decay(base.workers, jobs, travel.distance_km, observed.mean_km, form, declared)


def _settlement(city: City, book: Book, travel: Travel) -> Settlement:
    zones = city.zones
    near = np.exp(-book.number("settle.lambda") * travel.distance_km[city.n_zones :])  # (n_villages, n_zones)
    vacant_m2 = zones.housing_floor_area_m2 * zones.vacant_share
    leaver = near * (vacant_m2 * zones.rent_cny_per_m2_month ** -book.number("settle.mu"))
    newcomer = near * zones.residents
    for share, key in ((leaver, "no_vacant_housing_in_reach"), (newcomer, "no_residents_in_reach")):
        if city.n_villages and not np.all(share.sum(axis=1) > 0.0):
            raise refuse(key, file=f"city {city.name}", layer="zones")
    leaver_share = np.ascontiguousarray((leaver / leaver.sum(axis=1, keepdims=True)).T)
    return Settlement(
        leaver_share=leaver_share,
        newcomer_share=np.ascontiguousarray((newcomer / newcomer.sum(axis=1, keepdims=True)).T),
        yearly_room=book.number("settle.outflow_cap") * zones.residents,
        room=vacant_m2 / book.number("settle.m2_per_person"),
        overflow_weight=leaver_share @ (city.villages.registered_residents + city.villages.tenants),
    )


def base_supply_m2(city: City) -> FloatArray:
    """Existing supply by place and category; shape (n_places, n_categories) [m2]."""
    supply = np.zeros((city.n_places, len(CATEGORIES)))
    np.add.at(supply, (city.facilities.place_idx, city.facilities.category_idx), city.facilities.supply_m2)
    return supply


def _access(city: City, scenario: Scenario, book: Book, residents: FloatArray) -> AccessModel:
    scales = [book.number(f"access.scale.{category}") for category in CATEGORIES]
    distinct = tuple(sorted(set(scales)))
    decay = decay_matrices(
        city.place_x_km,
        city.place_y_km,
        city.place_area_km2,
        scales_km=distinct,
        detour=book.number("travel.detour"),
        n_sigmas=book.number("access.catchment_sigmas"),
    )
    scale_idx = tuple(distinct.index(scale) for scale in scales)
    standard = np.array([book.number(f"std.{category}") for category in CATEGORIES]) / 1000.0
    supply = base_supply_m2(city)
    reached = [matrix.product(residents[:, None]) for matrix in decay]
    access = np.column_stack(
        [access_per_person(supply[:, k : k + 1], reached[s], decay[s])[:, 0] for k, s in enumerate(scale_idx)]
    )
    shortage = (np.clip(standard - access, 0.0, None) * residents[:, None])[city.n_zones :]
    land = np.array([category in LAND_CATEGORIES for category in CATEGORIES])
    return AccessModel(
        decay=decay,
        scale_idx=scale_idx,
        standard=standard,
        weights=category_weights(scenario.category_weights, access / standard, residents),
        supply=supply,
        floor_split=shortage_split(shortage, standard, ~land),
        land_split=shortage_split(shortage, standard, land),
    )


def _facility_cost(book: Book, category: str) -> float:
    return 0.0 if category in LAND_CATEGORIES else book.number(f"cost.facility.{category}")


def entitlements_of(city: City, book: Book) -> Entitlements:
    """What registered residents have and may claim; see envs.kernel.consent.entitlements."""
    villages = city.villages
    return entitlements(
        registered_residents=villages.registered_residents,
        tenants=villages.tenants,
        existing_floor_m2=villages.gross_floor_area_m2,
        legal_share=villages.legal_share,
        price_cny_per_m2=villages.sale_price_cny_per_m2,
        room_rent_cny_per_m2_month=villages.rent_cny_per_m2_month,
        own_use_m2=book.number("built.own_use_m2"),
        tenant_floor_m2=book.number("uv.floor_per_migrant"),
        legal_discount=book.number("consent.legal_discount"),
        opex_share=book.number("rent.opex"),
        cap_rate_per_yr=book.number("finance.cap_rate"),
        resettlement_m2=book.number("comp.resettlement_area"),
        monetary_share=book.number("comp.monetary_equiv"),
        legal_floor_cny_per_m2=book.number("comp.replacement_price"),
        unregistered_floor_cny_per_m2=book.number("comp.unregistered_floor"),
        early_reward_cny_per_household=book.number("comp.early_reward"),
        household_size=book.number("built.household_size"),
    )


def voters_of(book: Book) -> Voters:
    """Groups of households, their attachments and the spread of their valuations."""
    weights = book.table("consent.weights")
    return Voters(
        weights=tuple(weights.values()),
        attachments=tuple(book.number(f"consent.attachment_{group}") for group in weights),
        sigma=book.number("consent.sigma"),
    )


def taste_of(book: Book) -> Taste:
    """How buyers value services and density."""
    return Taste(**{field.name: book.number(f"hedonic.{field.name}") for field in fields(Taste)})


def _unit_costs(book: Book) -> UnitCosts:
    return UnitCosts(
        demolition_cny_per_m2=book.number("cost.demolition_and_clearing"),
        resettlement_cny_per_m2=book.number("cost.resettlement_housing"),
        commodity_cny_per_m2=book.number("cost.residential_highrise"),
        rental_cny_per_m2=book.number("cost.affordable_rental"),
        employment_cny_per_m2=book.number("cost.office_commercial"),
        basement_ratio=book.number("cost.basement_ratio"),
        basement_cny_per_m2=book.number("cost.basement_parking"),
        infrastructure_cny_per_site_m2=book.number("cost.municipal_infrastructure"),
        park_cny_per_m2=book.number("cost.park"),
        rehabilitation_cny_per_m2=book.number("cost.rehabilitation"),
        soft_share=book.number("finance.soft_cost"),
        contingency_share=book.number("finance.contingency"),
        sales_share=book.number("finance.sales_cost"),
        resettlement_price_cny_per_m2=book.number("comp.resettlement_price"),
        legal_floor_cny_per_m2=book.number("comp.replacement_price"),
        unregistered_floor_cny_per_m2=book.number("comp.unregistered_floor"),
        early_reward_cny_per_household=book.number("comp.early_reward"),
        household_size=book.number("built.household_size"),
        resettlement_m2_per_person=book.number("comp.resettlement_area"),
        monetary_share=book.number("comp.monetary_equiv"),
        allowance_cny_per_person_month=book.number("comp.turnover_subsidy"),
        rent_vacancy=book.number("rent.vacancy"),
        rent_opex=book.number("rent.opex"),
        employment_rent_ratio=book.number("rent.employment_ratio"),
        cap_rate_per_yr=book.number("finance.cap_rate"),
        cap_rate_rental_per_yr=book.number("finance.cap_rate_rental"),
    )
