"""Indicators of capital return, and of who pays and who gets."""

from __future__ import annotations

from envs.kernel import capital
from envs.kernel.backend import Array
from envs.kernel.indicators.measures import (
    SCREENING,
    ratio_of,
)
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.trace import Trace


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
    bias="Unit costs are one number for the whole city; the cost of financing is not in the account.",
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
    bias="Costs fall evenly over the years of construction; real payments come in lumps, so true peaks are higher.",
)
register(
    "return_on_cost_ratio",
    "-",
    "max",
    "Return on cost",
    "成本收益率",
    "Present value of revenue / present value of cost - 1; absent for the empty plan.",
    lambda trace: ratio_of(_present_of("revenue"), _present_of("cost"))(trace) - 1.0,
    bias="Ignores scale; compensation counts as cost, taxes and land payments do not.",
)
register(
    "internal_rate_of_return",
    "1/yr",
    "max",
    "Internal rate of return (real)",
    "内部收益率（实际）",
    "Rate at which the net present value vanishes, searched in -50 %..200 %; absent where none or several exist.",
    lambda trace: capital.internal_rate_of_return(trace.net_flow),
    bias="Ignores scale; flows that change sign more than once may leave it undefined.",
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
    bias="Yearly sums hide deficits within a year; all villages share one account.",
)
register(
    "loan_cover_ratio",
    "-",
    "max",
    "Loan life cover",
    "贷款偿付覆盖率",
    "Present value at finance.loan_rate_real, at the peak, of the flows after it / peak funding.",
    lambda trace: capital.loan_cover_ratio(trace.net_flow, _rate(trace, "finance.loan_rate_real")),
    bias="One loan for the whole project, drawn at the peak; the terminal value counts in the last year.",
)
register(
    "residual_land_value_cny",
    "CNY",
    "max",
    "Residual land value",
    "剩余法土地价值",
    "Present value of the developer's net revenue less cost and finance.developer_margin of sales.",
    residual_land_value_cny,
    bias="One margin and one path of prices; what a developer asks for bearing risk is not in it.",
)
register(
    "developer_npv_cny",
    "CNY",
    "max",
    "Developer's net present value",
    "开发商净现值",
    "The margin on commodity sales; the land price takes the rest.",
    developer_npv_cny,
    bias="A share of sales by construction: it says nothing of a single developer.",
)
register(
    "government_npv_cny",
    "CNY",
    "max",
    "Government's net present value",
    "政府净现值",
    "Land value and taxes received less compensation, resettlement, facilities, infrastructure, rehabilitation.",
    government_npv_cny,
    bias="Takes it that the whole residual land value is paid; running the facilities is left out.",
)
register(
    "taxes_cny",
    "CNY",
    "",
    "Taxes and fees (present value)",
    "税费现值",
    "finance.tax_and_fees of commodity sales, paid on top of the project account.",
    taxes_cny,
    bias="One rate on sales stands for the whole tax schedule.",
)
