"""Indicators of capital return, and of who pays and who gets."""

from __future__ import annotations

from envs.kernel import capital
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import of_plans
from envs.kernel.indicators.measures import ratio
from envs.kernel.project_account import COST, DEVELOPER, GOVERNMENT, REVENUE
from envs.kernel.trace import Trace


def _rate(trace: Trace, key: str = "finance.discount_rate") -> float:
    return trace.resolved.book.number(key)


def _present_cny(trace: Trace, flow_cny: Array) -> Array:
    return capital.net_present_value_cny(flow_cny, _rate(trace))


def _present_of_items_cny(trace: Trace, *, kind: str | None = None, payer: str | None = None) -> Array:
    """Present value of the items of a kind and payer, city-wide; shape (n_plans,)."""
    return _present_cny(trace, trace.xp.sum(trace.total_flow_cny(kind=kind, payer=payer), axis=1))


def _present_sales_cny(trace: Trace) -> Array:
    return _present_cny(trace, trace.xp.sum(trace.flows_by_district_cny["commodity_sales"], axis=1))


def net_cash_flow_cny(trace: Trace) -> Array:
    """Net cash flow of the project by year, undiscounted; shape (n_plans, n_flow_years)."""
    return trace.net_cash_flow_cny


def gross_cost_cny(trace: Trace) -> Array:
    """All costs of the project account by year; shape (n_plans, n_flow_years)."""
    return trace.gross_cost_cny


def net_present_value_cny(trace: Trace) -> Array:
    """NPV of the project, city-wide."""
    return _present_cny(trace, trace.net_cash_flow_cny)


def net_present_value_by_district_cny(trace: Trace) -> Array:
    """NPV of the villages of each district."""
    return _present_cny(trace, trace.net_cash_flow_by_district_cny)


def total_profit_cny(trace: Trace) -> Array:
    """Undiscounted sum of the net cash flow."""
    return trace.xp.sum(trace.net_cash_flow_cny, axis=1)


def total_profit_by_district_cny(trace: Trace) -> Array:
    """The same for the villages of each district."""
    return trace.xp.sum(trace.net_cash_flow_by_district_cny, axis=2)


def total_cost_cny(trace: Trace) -> Array:
    """Undiscounted sum of all costs."""
    return trace.xp.sum(trace.gross_cost_cny, axis=1)


def total_cost_by_district_cny(trace: Trace) -> Array:
    """The same for the villages of each district."""
    return trace.xp.sum(trace.total_flow_cny(kind=COST), axis=2)


def max_annual_cost_cny(trace: Trace) -> Array:
    """Largest yearly sum of all costs."""
    return trace.xp.max(trace.gross_cost_cny, axis=1)


def return_on_cost_ratio(trace: Trace) -> Array:
    """Present revenue over present cost, less 1; NaN without costs."""
    cost_cny = _present_of_items_cny(trace, kind=COST)
    return ratio(_present_of_items_cny(trace, kind=REVENUE), cost_cny) - 1.0


def internal_rate_of_return(trace: Trace) -> Array:
    """Rate at which the project's NPV vanishes; NaN where none or several do."""
    return capital.internal_rate_of_return(trace.net_cash_flow_cny)


def payback_year(trace: Trace) -> Array:
    """First year from which the cumulative net cash flow stays at or above zero; NaN if it never does."""
    return capital.payback_year(trace.net_cash_flow_cny)


def peak_funding_cny(trace: Trace) -> Array:
    """Deepest cumulative deficit."""
    return capital.peak_funding_cny(trace.net_cash_flow_cny)


def loan_cover_ratio(trace: Trace) -> Array:
    """Present value at the peak of what follows it, over the peak funding."""
    return capital.loan_cover_ratio(trace.net_cash_flow_cny, _rate(trace, "finance.loan_rate_real"))


def residual_land_value_cny(trace: Trace) -> Array:
    """What a developer can pay for the land and still earn the margin, the subsidy of rental housing included."""
    return _present_of_items_cny(trace, payer=DEVELOPER) + rental_subsidy_cny(trace) - developer_npv_cny(trace)


def developer_npv_cny(trace: Trace) -> Array:
    """The developer keeps the margin on sales: the land takes the rest."""
    return _rate(trace, "finance.developer_margin") * _present_sales_cny(trace)


def government_npv_cny(trace: Trace) -> Array:
    """Land price and taxes received less what the government pays, the subsidy of rental housing included."""
    items_cny = _present_of_items_cny(trace, payer=GOVERNMENT)
    return residual_land_value_cny(trace) + taxes_cny(trace) + items_cny - rental_subsidy_cny(trace)


def taxes_cny(trace: Trace) -> Array:
    """Present value of the taxes buyers pay on top of the project account."""
    return _rate(trace, "finance.tax_and_fees") * _present_sales_cny(trace)


def rental_subsidy_cny(trace: Trace) -> Array:
    """Present value of the subsidy of new rental floor: the government pays it, the land price gains it."""
    subsidy_cny = _rate(trace, "policy.rental_subsidy") * trace.form.rental
    return _present_cny(trace, trace.xp.sum(trace.yearly(subsidy_cny, "completion"), axis=1))


CAPITAL = (
    of_plans(net_present_value_cny, flow=net_cash_flow_cny, by_district=net_present_value_by_district_cny),
    of_plans(total_profit_cny, by_district=total_profit_by_district_cny),
    of_plans(total_cost_cny, flow=gross_cost_cny, by_district=total_cost_by_district_cny),
    of_plans(max_annual_cost_cny),
    of_plans(return_on_cost_ratio),
    of_plans(internal_rate_of_return),
    of_plans(payback_year),
    of_plans(peak_funding_cny),
    of_plans(loan_cover_ratio),
    of_plans(residual_land_value_cny),
    of_plans(developer_npv_cny),
    of_plans(government_npv_cny),
    of_plans(taxes_cny),
    of_plans(rental_subsidy_cny),
)
