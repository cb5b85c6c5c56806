"""Indicators of money in futures: what the evaluator measures of a plan, read off its ledger."""

from __future__ import annotations

from collections.abc import Callable

from data.arrays import FloatArray
from envs.futures.money_ledger import MoneyLedger
from envs.kernel.capital import net_present_value_cny, payback_year, peak_funding_cny
from envs.kernel.futures.market_paths import MarketPaths


def money_in(ledger: MoneyLedger, plan: int, paths: MarketPaths) -> dict[str, FloatArray]:
    """Indicators of a plan in some futures, called as the evaluator's; shape (n_futures,) each.

    Args:
        ledger: of plans.
        plan: position.
        paths: of the futures.
    """
    return money_of(ledger, ledger.flows_in(plan, paths))


def money_of(ledger: MoneyLedger, flows: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The same, given the flows of those futures, as `MoneyLedger.flows_in` has them."""
    return {name: measure(ledger, flows) for name, measure in MEASURES.items()}


def _present_cny(ledger: MoneyLedger, flow_cny: FloatArray) -> FloatArray:
    return net_present_value_cny(flow_cny, ledger.discount_rate_per_yr)


def _government_npv_cny(ledger: MoneyLedger, flows: dict[str, FloatArray]) -> FloatArray:
    """What the project leaves and buyers pay in taxes, less what the developer keeps; subsidies cancel out."""
    sales_cny = _present_cny(ledger, flows["sales_cny"])
    return _present_cny(ledger, flows["net_cash_flow_cny"]) + (ledger.tax_share - ledger.margin_share) * sales_cny


MEASURES: dict[str, Callable[[MoneyLedger, dict[str, FloatArray]], FloatArray]] = {
    "net_present_value_cny": lambda ledger, flows: _present_cny(ledger, flows["net_cash_flow_cny"]),
    "total_profit_cny": lambda _, flows: flows["net_cash_flow_cny"].sum(axis=1),
    "total_cost_cny": lambda _, flows: flows["gross_cost_cny"].sum(axis=1),
    "max_annual_cost_cny": lambda _, flows: flows["gross_cost_cny"].max(axis=1),
    "peak_funding_cny": lambda _, flows: peak_funding_cny(flows["net_cash_flow_cny"]),
    "payback_year": lambda _, flows: payback_year(flows["net_cash_flow_cny"]),
    "developer_npv_cny": lambda ledger, flows: ledger.margin_share * _present_cny(ledger, flows["sales_cny"]),
    "taxes_cny": lambda ledger, flows: ledger.tax_share * _present_cny(ledger, flows["sales_cny"]),
    "government_npv_cny": _government_npv_cny,
}
"""Indicators that prices, costs and rents alone move."""
