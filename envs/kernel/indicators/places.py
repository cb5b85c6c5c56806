"""Indicators of floors, people, rents and consent."""

from __future__ import annotations

from envs.kernel.backend import Array, like
from envs.kernel.indicators.measures import (
    district_totals,
    ratio_of,
    register_sum,
    village_total,
)
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.residents import place_first
from envs.kernel.trace import Trace


def _form(name: str) -> Measure:
    return lambda trace: getattr(trace.form, name)


def site_area_m2(trace: Trace) -> Array:
    """Site area of the renewed villages, by village."""
    return trace.renewed * trace.constants.base.site_area_m2


def _facility_floor(trace: Trace) -> Array:
    return trace.form.facility_new + trace.form.facility_converted


def _renewed_population(trace: Trace) -> Array:
    """Residents of the renewed villages, by year."""
    villages = trace.residents[trace.resolved.city.n_zones :]
    return trace.xp.sum(villages * place_first(trace.renewed, trace.dtype), axis=0)


def _population_before(trace: Trace) -> Array:
    return trace.renewed * (trace.constants.base.registered + trace.constants.base.tenants)


def population_after_persons(trace: Trace) -> Array:
    """Residents of the renewed villages in the last state year, by village."""
    last = trace.residents[trace.resolved.city.n_zones :, :, -1]
    return trace.renewed * trace.xp.astype(trace.xp.permute_dims(last, (1, 0)), trace.xp.float64)


def _displaced(trace: Trace) -> Array:
    return trace.moves.tenants_left - trace.moves.tenants_back


def _existing_of_renewed(trace: Trace) -> Array:
    return trace.renewed * trace.constants.base.existing_floor_m2


def legal_floor_m2(trace: Trace) -> Array:
    """Existing legal floor, by village."""
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
    bias="Counts villages whatever their size.",
    by_district=district_totals(lambda trace: trace.renewed),
)
register_sum(
    "renewed_area_m2",
    "m2",
    "",
    "Renewed area",
    "改造面积",
    "Site area of the renewed villages.",
    site_area_m2,
    bias="Whole sites, streets and unbuildable land included.",
)
register_sum(
    "new_floor_area_m2",
    "m2",
    "",
    "New floor area",
    "新建建筑面积",
    "Gross new floor G.",
    _form("new_floor"),
    bias="Gross floor; what people can use is less, by a share that is not modeled.",
)
register_sum(
    "new_commodity_floor_m2",
    "m2",
    "",
    "New commodity housing",
    "新增商品房面积",
    "Housing for sale.",
    _form("commodity"),
    bias="Follows the fixed composition of each land use, not demand.",
)
register_sum(
    "new_rental_floor_m2",
    "m2",
    "max",
    "New rental housing",
    "新增租赁住房面积",
    "Housing for rent.",
    _form("rental"),
    bias="Follows the fixed composition of each land use, not demand.",
)
register_sum(
    "new_employment_floor_m2",
    "m2",
    "",
    "New employment floor",
    "新增产业面积",
    "Floor for jobs.",
    _form("employment"),
    bias="Follows the fixed composition of each land use; floor may stay empty where firms do not come.",
)
register_sum(
    "resettlement_floor_m2",
    "m2",
    "",
    "Resettlement housing",
    "回迁安置面积",
    "Housing of returning residents.",
    _form("resettlement"),
    bias="One entitlement per person for the whole city.",
)
register_sum(
    "facility_floor_m2",
    "m2",
    "max",
    "Public facility floor",
    "公共服务设施面积",
    "New and converted floor.",
    _facility_floor,
    bias="Split by the base year's shortage; staff and operation are not modeled.",
)
register_sum(
    "green_land_m2",
    "m2",
    "max",
    "New green and sports land",
    "新增绿地与体育用地",
    "Out of the unbuildable land.",
    _form("green_land"),
    bias="A fixed share of the unbuildable land, whatever its shape.",
)
register_sum(
    "demolished_floor_m2",
    "m2",
    "min",
    "Demolished floor",
    "拆除建筑面积",
    "Existing floor torn down.",
    _form("demolished"),
    bias="As good as the existing floor area in the city's data.",
)
register(
    "demolished_share",
    "share",
    "min",
    "Demolished share of existing floor",
    "拆除比例",
    "Demolished / existing floor of the renewed villages; absent for the empty plan.",
    ratio_of(village_total(_form("demolished")), village_total(_existing_of_renewed)),
    bias="Whole-village rebuild is 1 by design.",
)
register(
    "demolished_legal_share",
    "share",
    "min",
    "Demolished share of existing legal floor",
    "合法建筑拆除比例",
    "Demolished legal floor / legal floor of all villages.",
    ratio_of(
        lambda trace: trace.xp.sum(trace.form.rebuilt_share * legal_floor_m2(trace), axis=1),
        lambda trace: trace.xp.sum(legal_floor_m2(trace)) + trace.xp.zeros_like(trace.renewed[:, 0]),
    ),
    bias="One legal share per village, as good as the city's data.",
)
register(
    "new_to_demolished_ratio",
    "-",
    "min",
    "New to demolished floor",
    "拆建比",
    "New floor / demolished floor; absent where nothing is demolished.",
    ratio_of(village_total(_form("new_floor")), village_total(_form("demolished"))),
    bias="Says nothing of the floor that is retained.",
)
register_sum(
    "heritage_floor_lost_m2",
    "m2",
    "min",
    "Heritage floor lost",
    "历史建筑损失",
    "Demolished floor of villages where rebuilding is not allowed.",
    _heritage,
    bias="Protection is one flag for a whole village; single protected buildings are not known.",
)
register_sum(
    "population_before_persons",
    "persons",
    "",
    "Population of the renewed villages, before",
    "改造前人口",
    "Registered residents and tenants of the base year.",
    _population_before,
    bias="Tenants as counted in the base year; their number moves with season and rents.",
)
register(
    "population_after_persons",
    "persons",
    "",
    "Population of the renewed villages, after",
    "改造后人口",
    "Residents of the renewed villages in the last state year.",
    village_total(population_after_persons),
    bias="Tenants return as far as floor allows; what they can pay is no limit.",
    yearly=_renewed_population,
    by_district=district_totals(population_after_persons),
)
register_sum(
    "displaced_registered_persons",
    "persons",
    "min",
    "Registered residents who do not return",
    "未回迁户籍人口",
    "Registered residents who leave less those who return.",
    lambda trace: trace.moves.registered_left - trace.moves.registered_back,
    bias="One on-site share for the whole city stands for every household's choice.",
)
register_sum(
    "displaced_tenants_persons",
    "persons",
    "min",
    "Tenants displaced",
    "外迁租户",
    "Tenants who leave less those who return.",
    _displaced,
    bias="One return share for all tenants; those who leave before the works begin are not counted.",
)
register(
    "displaced_tenants_share",
    "share",
    "min",
    "Displaced share of all village tenants",
    "外迁租户占比",
    "Displaced tenants / tenants of all villages.",
    ratio_of(
        village_total(_displaced),
        lambda trace: trace.xp.sum(trace.constants.base.tenants) + trace.xp.zeros_like(trace.renewed[:, 0]),
    ),
    bias="One return share for all tenants; those who leave before the works begin are not counted.",
)
register_sum(
    "newcomers_persons",
    "persons",
    "",
    "Newcomers once all is absorbed",
    "新迁入人口",
    "Residents of the zones who move into new commodity and spare rental housing.",
    lambda trace: trace.moves.newcomers_due,
    bias="New housing fills along one path of absorption whatever its price.",
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
    ratio_of(village_total(_rent_ratio_above), village_total(lambda trace: trace.moves.tenants_back)),
    bias="More floor per person and a market rent are one number; incomes are not modeled.",
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
    ratio_of(
        lambda trace: trace.xp.sum(_consent_weight(trace) * trace.constants.base.consent, axis=1),
        village_total(_consent_weight),
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
    village_total(_consent_short),
    bias="Base-year prices and estimated weights of the groups; bargaining is not modeled.",
    by_district=district_totals(_consent_short),
)
register(
    "consent_multiplier",
    "x",
    "min",
    "Mean multiplier of the cash offer",
    "补偿上浮倍数",
    "Least multiplier that reaches consent.threshold, mean over registered residents of rebuilt villages.",
    ratio_of(
        lambda trace: trace.xp.sum(_consent_weight(trace) * trace.constants.prices.consent_multiplier, axis=1),
        village_total(_consent_weight),
    ),
    bias="Base-year prices; one multiplier for all households of a village, capped by consent.cap.",
)
