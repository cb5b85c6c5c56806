"""Capital return: present value, rate of return, payback and funding of yearly cash flows (model section 8).

Real CNY, float64.
"""

from __future__ import annotations

from envs.kernel.computing.backend import Array, array_namespace, device


def net_present_value_cny(net_cash_flow_cny: Array, discount_rate_per_yr: float) -> Array:
    r"""Net present value of each plan's yearly net cash flow.

    $$ NPV = \sum_{t=0}^{T} F_t (1 + r)^{-t} $$ Year 0 is not discounted (Brealey, Myers & Allen, ch. 2).

    Args:
        net_cash_flow_cny: shape (..., n_years), year 0 first [CNY].
        discount_rate_per_yr: real rate [1/yr].

    Returns:
        shape (...) [CNY].

    Example:
        90 spent now, 110 received in a year.

        >>> net_present_value_cny(np.array([[-90.0, 110.0]]), 0.10).round(9)
        array([10.])
    """
    xp = array_namespace(net_cash_flow_cny)
    year = xp.arange(net_cash_flow_cny.shape[-1], dtype=net_cash_flow_cny.dtype, device=device(net_cash_flow_cny))
    return net_cash_flow_cny @ (1.0 + discount_rate_per_yr) ** -year


def internal_rate_of_return(net_cash_flow_cny: Array) -> Array:
    """Rate at which the present value vanishes; NaN where no such rate lies in -50 %..200 %, or more than one does.

    Args:
        net_cash_flow_cny: shape (n_plans, n_years) [CNY].

    Returns:
        shape (n_plans,) [1/yr].

    Example:
        >>> internal_rate_of_return(np.array([[-100.0, 0.0, 121.0], [0.0, 0.0, 0.0]])).round(9)
        array([0.1, nan])
    """
    xp = array_namespace(net_cash_flow_cny)
    grid = [-0.5 + 0.025 * k for k in range(101)]
    value = xp.stack([net_present_value_cny(net_cash_flow_cny, rate) for rate in grid], axis=1)
    crossing = (value[:, :-1] > 0.0) != (value[:, 1:] > 0.0)
    unique = xp.sum(xp.astype(crossing, xp.int64), axis=1) == 1
    cell = xp.argmax(xp.astype(crossing, xp.int64), axis=1)
    low = -0.5 + 0.025 * xp.astype(cell, xp.float64)
    high = low + 0.025
    sign = xp.where(xp.take_along_axis(value, cell[:, None], axis=1)[:, 0] > 0.0, 1.0, -1.0)
    year = xp.arange(net_cash_flow_cny.shape[1], dtype=net_cash_flow_cny.dtype, device=device(net_cash_flow_cny))
    for _ in range(60):
        middle = 0.5 * (low + high)
        above = sign * xp.sum(net_cash_flow_cny * (1.0 + middle)[:, None] ** -year, axis=1) > 0.0
        low, high = xp.where(above, middle, low), xp.where(above, high, middle)
    return xp.where(unique, 0.5 * (low + high), xp.full_like(low, float("nan")))


def payback_year(net_cash_flow_cny: Array) -> Array:
    """First year from which the cumulative flow stays at or above zero; NaN if it never does or nothing is spent.

    Shapes (n_plans, n_years) to (n_plans,).

    Example:
        >>> payback_year(np.array([[-100.0, 60.0, 60.0], [-100.0, 10.0, 10.0]]))
        array([ 2., nan])
    """
    xp = array_namespace(net_cash_flow_cny)
    cumulative = xp.cumulative_sum(net_cash_flow_cny, axis=1)
    deficit = cumulative < 0.0
    year = xp.arange(cumulative.shape[1], dtype=cumulative.dtype, device=device(cumulative))
    last_deficit = xp.max(xp.where(deficit, year, xp.full_like(year, -1.0)), axis=1)
    paid = (last_deficit >= 0.0) & (last_deficit < float(cumulative.shape[1] - 1))
    return xp.where(paid, last_deficit + 1.0, xp.full_like(last_deficit, float("nan")))


def peak_funding_cny(net_cash_flow_cny: Array) -> Array:
    """Deepest cumulative deficit, 0 if there is none. Shapes (n_plans, n_years) to (n_plans,) [CNY].

    Example:
        >>> peak_funding_cny(np.array([[-100.0, -50.0, 90.0]]))
        array([150.])
    """
    xp = array_namespace(net_cash_flow_cny)
    return xp.clip(-xp.min(xp.cumulative_sum(net_cash_flow_cny, axis=1), axis=1), 0.0, None)


def loan_cover_ratio(net_cash_flow_cny: Array, loan_rate_per_yr: float) -> Array:
    """Loan life cover: present value, at the peak, of the flows after it / peak funding; NaN without funding.

    Args:
        net_cash_flow_cny: shape (n_plans, n_years) [CNY].
        loan_rate_per_yr: real rate [1/yr].

    Returns:
        shape (n_plans,) [-].

    Example:
        >>> loan_cover_ratio(np.array([[-100.0, 0.0, 121.0]]), 0.10).round(9)
        array([1.])
    """
    xp = array_namespace(net_cash_flow_cny)
    peak = peak_funding_cny(net_cash_flow_cny)
    peak_year = xp.argmin(xp.cumulative_sum(net_cash_flow_cny, axis=1), axis=1)
    after = xp.arange(net_cash_flow_cny.shape[1], device=device(net_cash_flow_cny))[None, :] - peak_year[:, None]
    discount = (1.0 + loan_rate_per_yr) ** -xp.astype(after, xp.float64)
    value = xp.sum(xp.where(after > 0, net_cash_flow_cny * discount, xp.zeros_like(discount)), axis=1)
    funded = peak > 0.0
    return xp.where(funded, value / xp.where(funded, peak, xp.ones_like(peak)), xp.full_like(peak, float("nan")))
