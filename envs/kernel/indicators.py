"""The indicators: one small function each, registered with unit, recipe and bias."""

from __future__ import annotations

from collections.abc import Callable

from data.city import CATEGORIES
from envs.kernel import capital, resources
from envs.kernel.accessibility import gini, mean_over_residents, met_share, village_supply
from envs.kernel.backend import Array, like
from envs.kernel.nearest import nearest_facility_km
from envs.kernel.registry import Measure, register
from envs.kernel.residents import place_first
from envs.kernel.trace import Trace

SCREENING = "Screening, not appraisal."


def _mean(yearly: Measure) -> Measure:
    return lambda trace: trace.mean_over_years(yearly(trace))


def _last(yearly: Measure) -> Measure:
    return lambda trace: yearly(trace)[:, -1]


def _total(by_village: Measure) -> Measure:
    return lambda trace: trace.xp.sum(by_village(trace), axis=1)


def _districts(by_village: Measure) -> Measure:
    return lambda trace: trace.xp.sum(trace.by_start(by_village(trace)), axis=2)


def _ratio(above: Measure, below: Measure) -> Measure:
    """Ratio of two measures; NaN where the lower one is zero."""

    def value(trace: Trace) -> Array:
        xp, low = trace.xp, below(trace)
        some = low > 0.0
        quotient = above(trace) / xp.where(some, low, xp.ones_like(low))
        return xp.where(some, quotient, xp.full_like(quotient, float("nan")))

    return value


def _register_sum(
    name: str, unit: str, sense: str, en: str, zh: str, recipe: str, by_village: Measure, *, bias: str = ""
) -> None:
    register(name, unit, sense, en, zh, recipe, _total(by_village), bias=bias, by_district=_districts(by_village))


# --- capital ----------------------------------------------------------------------------------------------------------


def _rate(trace: Trace, key: str = "finance.discount_rate") -> float:
    return trace.resolved.book.number(key)


def _present(trace: Trace, flow: Array) -> Array:
    return capital.net_present_value_cny(flow, _rate(trace))


def net_present_value_cny(trace: Trace) -> Array:
    """NPV of the project, city-wide."""
    return _present(trace, trace.net_flow)


def _npv_by_district(trace: Trace) -> Array:
    return _present(trace, trace.net_flow_by_district)


def _present_of(kind: str | None, payer: str | None = None) -> Measure:
    return lambda trace: _present(trace, trace.xp.sum(trace.total_flow(kind=kind, payer=payer), axis=1))


def _present_sales(trace: Trace) -> Array:
    return _present(trace, trace.xp.sum(trace.flows_by_district["commodity_sales"], axis=1))


def taxes_cny(trace: Trace) -> Array:
    """Present value of the taxes buyers pay on top of the project account."""
    return _rate(trace, "finance.tax_and_fees") * _present_sales(trace)


def developer_npv_cny(trace: Trace) -> Array:
    """The developer keeps the margin: L takes the rest."""
    return _rate(trace, "finance.developer_margin") * _present_sales(trace)


def residual_land_value_cny(trace: Trace) -> Array:
    """What a developer can pay for the land and still earn the margin."""
    return _present_of(None, capital.DEVELOPER)(trace) - developer_npv_cny(trace)


def government_npv_cny(trace: Trace) -> Array:
    """Land price and taxes received less what the government pays."""
    return residual_land_value_cny(trace) + taxes_cny(trace) + _present_of(None, capital.GOVERNMENT)(trace)


register(
    "net_present_value_cny",
    "CNY",
    "max",
    "Net present value of the project",
    "项目净现值",
    "Sum of the yearly net cash flow of all villages, year 0 undiscounted, at finance.discount_rate (real).",
    net_present_value_cny,
    bias=f"Taxes and land payments are transfers and left out. {SCREENING}",
    flow=lambda trace: trace.net_flow,
    by_district=_npv_by_district,
)
register(
    "total_profit_cny",
    "CNY",
    "max",
    "Total profit",
    "总体盈利",
    "Undiscounted sum of the yearly net cash flow, terminal value included.",
    lambda trace: trace.xp.sum(trace.net_flow, axis=1),
    bias="Ignores time; read it beside the net present value.",
    by_district=lambda trace: trace.xp.sum(trace.net_flow_by_district, axis=2),
)
register(
    "total_cost_cny",
    "CNY",
    "min",
    "Total cost",
    "总成本",
    "Undiscounted sum of all costs of the project account.",
    lambda trace: trace.xp.sum(trace.cost_flow, axis=1),
    flow=lambda trace: trace.cost_flow,
    by_district=lambda trace: trace.xp.sum(trace.total_flow(kind="cost"), axis=2),
)
register(
    "max_annual_cost_cny",
    "CNY/yr",
    "min",
    "Largest cost of a year",
    "年度最大投资",
    "Largest yearly sum of all costs.",
    lambda trace: trace.xp.max(trace.cost_flow, axis=1),
)
register(
    "return_on_cost_ratio",
    "-",
    "max",
    "Return on cost",
    "成本收益率",
    "Present value of revenue / present value of cost - 1; absent for the empty plan.",
    lambda trace: _ratio(_present_of("revenue"), _present_of("cost"))(trace) - 1.0,
)
register(
    "internal_rate_of_return",
    "1/yr",
    "max",
    "Internal rate of return (real)",
    "内部收益率（实际）",
    "Rate at which the net present value vanishes, searched in -50 %..200 %; absent where none or several exist.",
    lambda trace: capital.internal_rate_of_return(trace.net_flow),
)
register(
    "payback_year",
    "year",
    "min",
    "Payback",
    "投资回收年",
    "First year from which the cumulative net cash flow stays at or above zero; absent if it never does.",
    lambda trace: capital.payback_year(trace.net_flow),
    bias="Later plans pay back later by construction; the terminal value counts in the last year.",
)
register(
    "peak_funding_cny",
    "CNY",
    "min",
    "Peak funding",
    "资金需求峰值",
    "Deepest cumulative deficit of the project account.",
    lambda trace: capital.peak_funding_cny(trace.net_flow),
)
register(
    "loan_cover_ratio",
    "-",
    "max",
    "Loan life cover",
    "贷款偿付覆盖率",
    "Present value at finance.loan_rate_real, at the peak, of the flows after it / peak funding.",
    lambda trace: capital.loan_cover_ratio(trace.net_flow, _rate(trace, "finance.loan_rate_real")),
)
register(
    "residual_land_value_cny",
    "CNY",
    "max",
    "Residual land value",
    "剩余法土地价值",
    "Present value of the developer's net revenue less cost and finance.developer_margin of sales.",
    residual_land_value_cny,
)
register(
    "developer_npv_cny",
    "CNY",
    "max",
    "Developer's net present value",
    "开发商净现值",
    "The margin on commodity sales; the land price takes the rest.",
    developer_npv_cny,
)
register(
    "government_npv_cny",
    "CNY",
    "max",
    "Government's net present value",
    "政府净现值",
    "Land value and taxes received less compensation, resettlement, facilities, infrastructure, rehabilitation.",
    government_npv_cny,
)
register(
    "taxes_cny",
    "CNY",
    "",
    "Taxes and fees (present value)",
    "税费现值",
    "finance.tax_and_fees of commodity sales, paid on top of the project account.",
    taxes_cny,
)

# --- commute ----------------------------------------------------------------------------------------------------------


def _commute_of(kernel: str, *, affected: bool = False) -> Measure:
    def yearly(trace: Trace) -> Array:
        workers = trace.affected_workers if affected else trace.workers
        return trace.commute_mean(kernel, workers)

    return yearly


def _commute_by_district(trace: Trace) -> Array:
    workers, weights = trace.workers, trace.year_weights
    km_total = trace.xp.sum(trace.xp.astype(trace.commute_km_by_place * workers, trace.xp.float64) * weights, axis=2)
    total = trace.xp.sum(trace.xp.astype(workers, trace.xp.float64) * weights, axis=2)
    member = _membership(trace)
    return trace.xp.permute_dims((member @ km_total) / (member @ total), (1, 0))


def _membership(trace: Trace) -> Array:
    """1 where a place lies in a district, shape (n_districts, n_places)."""
    xp, district = trace.xp, trace.constants.base.place_district_idx
    index = xp.arange(len(trace.resolved.city.districts), dtype=district.dtype)
    return xp.astype(index[:, None] == district[None, :], xp.float64)


GRAVITY_BIAS = (
    "One decay for all workers and modes; jobs follow the base year's pattern; a plan can shorten the mean by moving "
    "tenants away: read it beside the affected residents' mean."
)
register(
    "mean_commute_km",
    "km",
    "min",
    "Mean commute distance",
    "平均通勤距离",
    "Mean over years 1..horizon of the doubly constrained gravity model's mean distance, all workers.",
    _mean(lambda trace: trace.commute_km),
    bias=GRAVITY_BIAS,
    yearly=lambda trace: trace.commute_km,
    by_district=_commute_by_district,
)
for _name, _kernel, _unit, _en, _zh, _recipe in (
    ("mean_commute_min", "kernel_min", "min", "Mean commute time", "平均通勤时间", "Mean door-to-door minutes"),
    (
        "commute_over_45_min_share",
        "kernel_over_45",
        "share",
        "Commutes above 45 minutes",
        "45分钟以上通勤占比",
        "Share of workers above 45 minutes, log-normal spread within a pair",
    ),
    (
        "commute_over_60_min_share",
        "kernel_over_60",
        "share",
        "Commutes above 60 minutes",
        "60分钟以上极端通勤占比",
        "Share of workers above 60 minutes, log-normal spread within a pair",
    ),
    ("mean_commute_km", "kernel_km", "km", "Mean commute distance", "平均通勤距离", "Mean distance"),
):
    if _kernel != "kernel_km":
        _yearly = _commute_of(_kernel)
        register(
            _name,
            _unit,
            "min",
            _en,
            _zh,
            f"{_recipe}, all workers, mean over years 1..horizon.",
            _mean(_yearly),
            bias=GRAVITY_BIAS,
            yearly=_yearly,
        )
    _yearly = _commute_of(_kernel, affected=True)
    register(
        f"{_name}_affected",
        _unit,
        "min",
        f"{_en}, affected residents",
        f"{_zh}（受影响居民）",
        f"{_recipe} of villagers and tenants of renewed villages, wherever they live, and newcomers there; mean over "
        "years 1..horizon; absent for the empty plan.",
        _mean(_yearly),
        bias="Displaced residents commute as the residents of the zone they settled in.",
        yearly=_yearly,
    )

# --- accessibility ----------------------------------------------------------------------------------------------------


def _by_district_of_residents(trace: Trace, by_place: Array) -> Array:
    """Residents' mean of a place quantity by district, mean over years."""
    xp, weights = trace.xp, trace.year_weights
    residents = xp.astype(trace.residents, xp.float64)
    value = xp.reshape(xp.astype(by_place, xp.float64), residents.shape)
    member = _membership(trace)
    above = member @ xp.sum(value * residents * weights, axis=2)
    return xp.permute_dims(above / (member @ xp.sum(residents * weights, axis=2)), (1, 0))


def _villages_accessibility(trace: Trace) -> Array:
    """By year; NaN in a year in which nobody lives in a village (but for rounding)."""
    xp, n_zones = trace.xp, trace.resolved.city.n_zones
    residents = trace.columns(trace.residents)[n_zones:]
    mean = mean_over_residents(trace.met[n_zones:], residents)
    inhabited = xp.sum(residents, axis=0) > 1e-6 * float(xp.sum(trace.constants.base.residents[n_zones:]))
    return trace.series(xp.where(inhabited, mean, xp.full_like(mean, float("nan"))))


def _mean_of_inhabited_years(yearly: Measure) -> Measure:
    """Mean over years 1..horizon without the years in which the series is absent; NaN if it always is."""

    def value(trace: Trace) -> Array:
        xp, series = trace.xp, trace.xp.astype(yearly(trace), trace.xp.float64)
        absent = xp.isnan(series)
        total = xp.where(absent, xp.zeros_like(series), series) @ trace.year_weights
        weight = xp.where(absent, xp.zeros_like(series), xp.ones_like(series)) @ trace.year_weights
        some = weight > 0.0
        mean = total / xp.where(some, weight, xp.ones_like(weight))
        return xp.where(some, mean, xp.full_like(mean, float("nan")))

    return value


def _category_accessibility(category: int) -> Measure:
    def yearly(trace: Trace) -> Array:
        share = met_share(trace.access[category], trace.constants.access.standard[category])
        return trace.series(mean_over_residents(share, trace.columns(trace.residents)))

    return yearly


def _all_met(trace: Trace) -> Array:
    standard = trace.constants.access.standard
    every = trace.access[0] >= standard[0]
    for category in range(1, len(CATEGORIES)):
        every = every & (trace.access[category] >= standard[category])
    return trace.series(mean_over_residents(trace.xp.astype(every, trace.dtype), trace.columns(trace.residents)))


def _last_year(trace: Trace, columns: Array) -> Array:
    """The last state year of columns: (n_places, n_columns) to (n_places, n_plans)."""
    return trace.xp.reshape(columns, (columns.shape[0], trace.plans.n_plans, trace.n_years))[:, :, -1]


def _gini(trace: Trace) -> Array:
    return gini(_last_year(trace, trace.met), trace.residents[:, :, -1])


def mean_facility_distance_km(trace: Trace) -> Array:
    """Residents' mean distance to the nearest facility, category-weighted, last state year."""
    xp, n_zones = trace.xp, trace.resolved.city.n_zones
    residents = xp.astype(trace.residents[:, :, -1], xp.float64)
    state = {name: _last_year(trace, columns) for name, columns in trace.facility_states.items()}
    model, mean = trace.constants.access, 0.0
    for category in range(len(CATEGORIES)):
        supply = village_supply(category, model, n_zones=n_zones, **state)
        distance = nearest_facility_km(category, trace.constants.nearest, supply)
        mean = mean + float(model.weights[category]) * mean_over_residents(distance, residents)
    return xp.where(xp.isfinite(mean), mean, xp.full_like(mean, float("nan")))


ACCESS_BIAS = (
    "The met share is capped at 1, so surplus in one place does not offset shortage in another; places are areas, so "
    "large zones smooth the result: `renewal bench` prints what halving the zones changes."
)
register(
    "service_accessibility",
    "0..1",
    "max",
    "Service accessibility",
    "公共服务设施可达性",
    "Residents' mean of the category-weighted met share of the standard (two-step floating catchment), mean over years "
    "1..horizon.",
    _mean(lambda trace: trace.accessibility),
    bias=ACCESS_BIAS,
    yearly=lambda trace: trace.accessibility,
    by_district=lambda trace: _by_district_of_residents(trace, trace.met),
)
register(
    "service_accessibility_villages",
    "0..1",
    "max",
    "Service accessibility in the villages",
    "城中村公共服务可达性",
    "The same over the residents of the villages only; years in which nobody lives there are left out.",
    _mean_of_inhabited_years(_villages_accessibility),
    bias=ACCESS_BIAS,
    yearly=_villages_accessibility,
)
_CATEGORY_ZH = ("教育", "医疗", "养老", "文化", "体育", "便民商业", "绿地")
for _k, _category in enumerate(CATEGORIES):
    _yearly = _category_accessibility(_k)
    register(
        f"accessibility_{_category}",
        "0..1",
        "max",
        f"Met share of the standard: {_category.replace('_', ' ')}",
        f"达标率：{_CATEGORY_ZH[_k]}",
        f"Residents' mean met share of std.{_category}, mean over years 1..horizon.",
        _mean(_yearly),
        bias=ACCESS_BIAS,
        yearly=_yearly,
    )
register(
    "accessibility_gini",
    "0..1",
    "min",
    "Inequality of accessibility (Gini)",
    "可达性基尼系数",
    "Gini coefficient over residents of the category-weighted met share, last state year.",
    _gini,
    bias="Residents of one place are alike; the cap narrows the spread.",
)
register(
    "all_categories_met_share",
    "share",
    "max",
    "Residents with every category met",
    "各类设施全部达标居民占比",
    "Share of residents whose supply meets the standard in every category, mean over years 1..horizon.",
    _mean(_all_met),
    bias="A place just below one standard counts as not met.",
    yearly=_all_met,
)
register(
    "mean_facility_distance_km",
    "km",
    "min",
    "Mean distance to facilities",
    "设施距离",
    "Residents' and category-weighted mean distance to the nearest place with supply, last state year.",
    mean_facility_distance_km,
    bias="Ignores capacity; inside a place the distance is that between two points of its disc.",
)

# --- floors, people, land ---------------------------------------------------------------------------------------------


def _form(name: str) -> Measure:
    return lambda trace: getattr(trace.form, name)


def _site_area(trace: Trace) -> Array:
    return trace.renewed * trace.constants.base.site_area_m2


def _facility_floor(trace: Trace) -> Array:
    return trace.form.facility_new + trace.form.facility_converted


def _renewed_population(trace: Trace) -> Array:
    """Residents of the renewed villages, by year."""
    villages = trace.residents[trace.resolved.city.n_zones :]
    return trace.xp.sum(villages * place_first(trace.renewed, trace.dtype), axis=0)


def _population_before(trace: Trace) -> Array:
    return trace.renewed * (trace.constants.base.registered + trace.constants.base.tenants)


def _population_after(trace: Trace) -> Array:
    last = trace.residents[trace.resolved.city.n_zones :, :, -1]
    return trace.renewed * trace.xp.astype(trace.xp.permute_dims(last, (1, 0)), trace.xp.float64)


def _displaced(trace: Trace) -> Array:
    return trace.moves.tenants_left - trace.moves.tenants_back


def _existing_of_renewed(trace: Trace) -> Array:
    return trace.renewed * trace.constants.base.existing_floor_m2


def _legal_floor(trace: Trace) -> Array:
    return trace.constants.base.existing_floor_m2 * trace.constants.prices.legal_share


def _social_ties(trace: Trace) -> Array:
    lost = trace.xp.sum(trace.moves.registered_left - trace.moves.registered_back, axis=1)
    return 1.0 - lost / trace.xp.sum(trace.constants.base.registered)


def _consent_weight(trace: Trace) -> Array:
    """Registered residents who vote: those of villages where something is rebuilt."""
    voting = trace.xp.astype(trace.form.rebuilt_share > 0.0, trace.xp.float64)
    return voting * trace.constants.base.registered


def _consent_short(trace: Trace) -> Array:
    voting = trace.xp.astype(trace.form.rebuilt_share > 0.0, trace.xp.float64)
    missed = trace.constants.base.consent < trace.resolved.book.number("consent.threshold") - 1e-9
    return voting * trace.xp.astype(missed, trace.xp.float64)


def _heritage(trace: Trace) -> Array:
    protected = like((~trace.resolved.city.villages.rebuild_allowed).astype(float), trace.renewed)
    return trace.form.demolished * protected


def _rent_ratio_above(trace: Trace) -> Array:
    book, prices = trace.resolved.book, trace.constants.prices
    room = like(trace.resolved.city.villages.rent_cny_per_m2_month, trace.renewed)
    before = room * book.number("uv.floor_per_migrant")
    after = prices.market_rent_cny_per_m2_month * book.number("density.rental_m2")
    return trace.moves.tenants_back * (after / before)


def rent_growth_per_yr(trace: Trace) -> Array:
    """Largest yearly growth of rents in any district; rents follow scarcity as prices do."""
    factor = trace.price_factor
    return trace.xp.max(factor[..., 1:] / factor[..., :-1] - 1.0, axis=(1, 2))


register(
    "renewed_villages",
    "villages",
    "",
    "Renewed villages",
    "改造村数",
    "Villages with a start year.",
    lambda trace: trace.xp.sum(trace.renewed, axis=1),
    by_district=_districts(lambda trace: trace.renewed),
)
_register_sum("renewed_area_m2", "m2", "", "Renewed area", "改造面积", "Site area of the renewed villages.", _site_area)
_register_sum("new_floor_area_m2", "m2", "", "New floor area", "新建建筑面积", "Gross new floor G.", _form("new_floor"))
_register_sum(
    "new_commodity_floor_m2",
    "m2",
    "",
    "New commodity housing",
    "新增商品房面积",
    "Housing for sale.",
    _form("commodity"),
)
_register_sum(
    "new_rental_floor_m2", "m2", "max", "New rental housing", "新增租赁住房面积", "Housing for rent.", _form("rental")
)
_register_sum(
    "new_employment_floor_m2", "m2", "", "New employment floor", "新增产业面积", "Floor for jobs.", _form("employment")
)
_register_sum(
    "resettlement_floor_m2",
    "m2",
    "",
    "Resettlement housing",
    "回迁安置面积",
    "Housing of returning residents.",
    _form("resettlement"),
)
_register_sum(
    "facility_floor_m2",
    "m2",
    "max",
    "Public facility floor",
    "公共服务设施面积",
    "New and converted floor.",
    _facility_floor,
)
_register_sum(
    "green_land_m2",
    "m2",
    "max",
    "New green and sports land",
    "新增绿地与体育用地",
    "Out of the unbuildable land.",
    _form("green_land"),
)
_register_sum(
    "demolished_floor_m2",
    "m2",
    "min",
    "Demolished floor",
    "拆除建筑面积",
    "Existing floor torn down.",
    _form("demolished"),
)
register(
    "demolished_share",
    "share",
    "min",
    "Demolished share of existing floor",
    "拆除比例",
    "Demolished / existing floor of the renewed villages; absent for the empty plan.",
    _ratio(_total(_form("demolished")), _total(_existing_of_renewed)),
    bias="Whole-village rebuild is 1 by design.",
)
register(
    "demolished_legal_share",
    "share",
    "min",
    "Demolished share of existing legal floor",
    "合法建筑拆除比例",
    "Demolished legal floor / legal floor of all villages.",
    _ratio(
        lambda trace: trace.xp.sum(trace.form.rebuilt_share * _legal_floor(trace), axis=1),
        lambda trace: trace.xp.sum(_legal_floor(trace)) + trace.xp.zeros_like(trace.renewed[:, 0]),
    ),
)
register(
    "new_to_demolished_ratio",
    "-",
    "min",
    "New to demolished floor",
    "拆建比",
    "New floor / demolished floor; absent where nothing is demolished.",
    _ratio(_total(_form("new_floor")), _total(_form("demolished"))),
)
_register_sum(
    "heritage_floor_lost_m2",
    "m2",
    "min",
    "Heritage floor lost",
    "历史建筑损失",
    "Demolished floor of villages where rebuilding is not allowed.",
    _heritage,
)
_register_sum(
    "population_before_persons",
    "persons",
    "",
    "Population of the renewed villages, before",
    "改造前人口",
    "Registered residents and tenants of the base year.",
    _population_before,
)
register(
    "population_after_persons",
    "persons",
    "",
    "Population of the renewed villages, after",
    "改造后人口",
    "Residents of the renewed villages in the last state year.",
    _total(_population_after),
    yearly=_renewed_population,
    by_district=_districts(_population_after),
)
_register_sum(
    "displaced_registered_persons",
    "persons",
    "min",
    "Registered residents who do not return",
    "未回迁户籍人口",
    "Registered residents who leave less those who return.",
    lambda trace: trace.moves.registered_left - trace.moves.registered_back,
)
_register_sum(
    "displaced_tenants_persons",
    "persons",
    "min",
    "Tenants displaced",
    "外迁租户",
    "Tenants who leave less those who return.",
    _displaced,
)
register(
    "displaced_tenants_share",
    "share",
    "min",
    "Displaced share of all village tenants",
    "外迁租户占比",
    "Displaced tenants / tenants of all villages.",
    _ratio(
        _total(_displaced),
        lambda trace: trace.xp.sum(trace.constants.base.tenants) + trace.xp.zeros_like(trace.renewed[:, 0]),
    ),
)
_register_sum(
    "newcomers_persons",
    "persons",
    "",
    "Newcomers once all is absorbed",
    "新迁入人口",
    "Residents of the zones who move into new commodity and spare rental housing.",
    lambda trace: trace.moves.newcomers_due,
)
register(
    "social_tie_share",
    "share",
    "max",
    "Registered residents who stay or return",
    "社会关系保留率",
    "Registered residents of all villages less those who do not return / all.",
    _social_ties,
    bias="Counts persons, not ties.",
)
register(
    "tenant_rent_ratio",
    "x",
    "min",
    "Monthly rent of returned tenants, after / before",
    "返租租户租金倍数",
    "Market rent of density.rental_m2 / rent of uv.floor_per_migrant in a village room, mean over returned tenants.",
    _ratio(_total(_rent_ratio_above), _total(lambda trace: trace.moves.tenants_back)),
    bias="More floor per person and a market rent are one number; incomes are not modelled.",
)
register(
    "rent_growth_per_yr",
    "1/yr",
    "min",
    "Largest yearly growth of rents in a district",
    "区域租金年最大涨幅",
    "Rents follow the housing stock of the district with price.elasticity.",
    rent_growth_per_yr,
    bias="District-wide; demand does not move.",
)
register(
    "consent_share",
    "share",
    "max",
    "Consent",
    "决策一致性",
    "Consent of registered households at the offered multiplier, mean over registered residents of villages where "
    "something is rebuilt; absent where nothing is.",
    _ratio(
        lambda trace: trace.xp.sum(_consent_weight(trace) * trace.constants.base.consent, axis=1),
        _total(_consent_weight),
    ),
    bias="Base-year prices; groups by estimated weights.",
)
register(
    "consent_flagged_villages",
    "villages",
    "min",
    "Villages below the consent threshold",
    "未达同意率村数",
    "Rebuilt villages where even the largest multiplier misses consent.threshold.",
    _total(_consent_short),
    by_district=_districts(_consent_short),
)
register(
    "consent_multiplier",
    "x",
    "min",
    "Mean multiplier of the cash offer",
    "补偿上浮倍数",
    "Least multiplier that reaches consent.threshold, mean over registered residents of rebuilt villages.",
    _ratio(
        lambda trace: trace.xp.sum(_consent_weight(trace) * trace.constants.prices.consent_multiplier, axis=1),
        _total(_consent_weight),
    ),
)

# --- output and resources ---------------------------------------------------------------------------------------------


def _number(key: str) -> Callable[[Trace], float]:
    return lambda trace: trace.resolved.book.number(key)


def _economic_output(trace: Trace) -> Array:
    return trace.form.employment * _number("output.employment")(trace)


def _embodied(trace: Trace) -> Array:
    book = trace.resolved.book
    return resources.embodied_carbon_tco2e(
        trace.form.new_floor,
        trace.form.demolished,
        trace.form.retained,
        new_kg_per_m2=book.number("carbon.embodied_new"),
        demolition_kg_per_m2=book.number("carbon.demolition"),
        retrofit_kg_per_m2=book.number("carbon.retrofit"),
    )


def _operational(trace: Trace) -> Array:
    """Operational carbon of the renewed villages once complete."""
    form, book = trace.form, trace.resolved.book
    public = form.facility_new + form.facility_converted + form.employment + form.industrial
    housing = form.new_floor + form.retained - public
    kg = housing * book.number("carbon.operation_residential") + public * book.number("carbon.operation_public")
    return kg / resources.KG_PER_T


def _commuting_carbon(trace: Trace) -> Array:
    book = trace.resolved.book
    kg = resources.mode_weighted_kg_per_person_km(
        {mode: book.number(f"mode.{mode}") for mode in ("rail", "bus", "car_taxi_other", "bicycle", "walk")},
        {
            mode: book.number(f"carbon.{name}")
            for mode, name in (("rail", "rail"), ("bus", "bus"), ("car_taxi_other", "car"))
        },
    )
    workers = float(trace.xp.sum(trace.constants.base.workers))
    return resources.commuting_carbon_tco2e_per_yr(
        trace.commute_km, workers, days_per_yr=book.number("commute.days"), kg_per_person_km=kg
    )


def _domestic(key: str, work_key: str) -> Measure:
    def by_village(trace: Trace) -> Array:
        working_floor = trace.form.employment + trace.form.industrial
        return _population_after(trace) * _number(key)(trace) + working_floor * _number(work_key)(trace)

    return by_village


_register_sum(
    "land_economic_output_cny_per_yr",
    "CNY/yr",
    "max",
    "Economic output of new employment floor",
    "新增产业年产出",
    "New employment floor x output.employment; the villagers' collective industrial floor is not counted.",
    _economic_output,
    bias="Output per m2 is an estimate.",
)
register(
    "land_economic_output_cny_per_km2_yr",
    "CNY/km2/yr",
    "max",
    "Land economic output",
    "土地经济产出",
    "Economic output of new employment floor / renewed area; absent for the empty plan.",
    lambda trace: 1e6 * _ratio(_total(_economic_output), _total(_site_area))(trace),
    bias="Output per m2 is an estimate.",
)
_register_sum(
    "embodied_carbon_tco2e",
    "tCO2e",
    "min",
    "Embodied carbon",
    "隐含碳排放",
    "New, demolished and rehabilitated floor x carbon.embodied_new, .demolition, .retrofit.",
    _embodied,
)
_register_sum(
    "operational_carbon_tco2e_per_yr",
    "tCO2e/yr",
    "min",
    "Operational carbon of the renewed villages",
    "运行碳排放",
    "Floor of the renewed villages once complete x carbon.operation_residential or _public.",
    _operational,
    bias="Emissions the displaced cause elsewhere are not counted.",
)
register(
    "commuting_carbon_tco2e_per_yr",
    "tCO2e/yr",
    "min",
    "Commuting carbon",
    "通勤碳排放",
    "Two trips a day x mean distance x workers x commute.days x mode-weighted carbon per km, mean over years.",
    _mean(_commuting_carbon),
    bias="Mode shares of the central city and of today.",
    yearly=_commuting_carbon,
)
_register_sum(
    "water_m3_per_yr",
    "m3/yr",
    "min",
    "Water use of the renewed villages",
    "用水量",
    "Residents of the last state year x water.domestic + working floor x water.employment.",
    _domestic("water.domestic", "water.employment"),
    bias="The city's domestic use is constant: residents only move.",
)
_register_sum(
    "electricity_kwh_per_yr",
    "kWh/yr",
    "min",
    "Electricity use of the renewed villages",
    "用电量",
    "Residents of the last state year x electricity.domestic + working floor x electricity.employment.",
    _domestic("electricity.domestic", "electricity.employment"),
    bias="The city's domestic use is constant: residents only move.",
)
