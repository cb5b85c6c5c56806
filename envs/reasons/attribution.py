r"""Attribution: what a plan does to the city, shared out over its villages (Aumann & Shapley 1974).

$$ \phi_n = \int_0^1 q_n \cdot \frac{\partial f}{\partial q_n}(t q) \, dt $$ The contributions q of all villages grow
together from none to those of the plan. The way is cut into panels; in each panel every nonlinear function enters by
its secant and a product by the means of its factors, so that the shares of every panel add up to its change. Panels
are doubled until no share moves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES
from envs.kernel import evaluate
from envs.kernel.adjoint.quantities import village_quantities
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.indicators.resources import commuting_carbon_tco2e_per_km_yr
from envs.kernel.plans import Plans, canonical, concatenate, empty_plan
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace
from envs.reasons.commuting import commute_slope
from envs.reasons.money import ACCOUNT, money_slope
from envs.reasons.path import Contributions, PathTrace, contributions, nothing
from envs.reasons.services import accessibility_slope
from envs.reasons.sums import SUMS

COMMUTE_KERNEL = {
    "mean_commute_km": "kernel_km",
    "mean_commute_min": "kernel_min",
    "commute_over_45_min_share": "kernel_over_45",
    "commute_over_60_min_share": "kernel_over_60",
}
"""Means over all workers, and what is averaged over pairs."""
COMMUTING_CARBON = "commuting_carbon_tco2e_per_yr"
OF_CATEGORIES = {f"accessibility_{category}": k for k, category in enumerate(CATEGORIES)}
CORE = (*ACCOUNT, *COMMUTE_KERNEL, COMMUTING_CARBON, "service_accessibility", *OF_CATEGORIES)
"""Outcomes that answer to all villages together; others are sums over villages."""
FEWEST_PANELS, MOST_PANELS = 1, 64
SETTLED = 1e-3
"""A doubling that moves shares by less, in sum over the sum of all shares' sizes, is the last."""
MOST_CELLS = 1_500_000
"""Places x points x years that are on their way at once, so that a long path finds room in memory."""


@dataclass(frozen=True, eq=False)
class Shares:
    """An outcome's change from one plan to another, shared out over villages.

    Attributes:
        name: of the outcome.
        before: its value at the first plan.
        after: at the last.
        by_quantity: quantity that the village contributes -> its share, shape (n_villages,).
        n_panels: panels of the path; 0 where the outcome is a sum over villages.
        moved: how far the last doubling of panels moved shares: sum of moves over sum of sizes.
    """

    name: str
    before: float
    after: float
    by_quantity: dict[str, FloatArray]
    n_panels: int = 0
    moved: float = 0.0

    @property
    def by_village(self) -> FloatArray:
        """Share of each village, shape (n_villages,)."""
        return np.sum(list(self.by_quantity.values()), axis=0)

    @property
    def residue(self) -> float:
        """What the shares lack of the change."""
        return self.after - self.before - float(self.by_village.sum())


def attributable() -> tuple[str, ...]:
    """Indicators that can be shared out, in the order in which they are shown."""
    return tuple(name for name in INDICATORS if name in CORE or name in SUMS)


def attribute(
    resolved: ResolvedScenario, plan: Plans, names: tuple[str, ...], *, threads: int = 1
) -> dict[str, Shares]:
    """Share out what a plan changes from the empty plan.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy.
        names: of `attributable`.
        threads: worker threads.

    Returns:
        Name -> shares.
    """
    plan = canonical(plan)
    end = contributions(resolved, plan)
    both = concatenate([empty_plan(plan.n_villages), plan])
    found = evaluate(resolved, both, indicators=names, precision=REPORT)
    shares = between(resolved, plan, (nothing(end), end), names, threads=threads) | _sums(resolved, plan, names)
    return {name: replace(shares[name], before=float(found[name][0]), after=float(found[name][1])) for name in names}


def between(
    resolved: ResolvedScenario,
    plan: Plans,
    path: tuple[Contributions, Contributions],
    names: tuple[str, ...],
    *,
    threads: int = 1,
) -> dict[str, Shares]:
    """Share out the change between two ends of a path, for the outcomes that answer to all villages together.

    Args:
        resolved: scenario resolved against a city.
        plan: whose calendar holds along the path.
        path: contributions at both ends.
        names: of outcomes; those that are no CORE outcome are left out.
        threads: worker threads.

    Returns:
        Name -> shares, with as many panels as each needs to settle.
    """
    open_names = [name for name in names if name in CORE]
    ends = _at_ends(resolved, plan, path, open_names)
    found: dict[str, Shares] = {}
    before: dict[str, dict[str, FloatArray]] = {}
    n_panels = FEWEST_PANELS
    while open_names:
        shares = _of_panels(resolved, plan, path, n_panels, open_names, threads)
        for name in open_names:
            moved = _moved(before.get(name), shares[name])
            if moved <= SETTLED or 2 * n_panels > MOST_PANELS:
                found[name] = Shares(name, *ends[name], shares[name], n_panels, moved)
        open_names = [name for name in open_names if name not in found]
        before, n_panels = shares, 2 * n_panels
    return {name: found[name] for name in names if name in found}


def _at_ends(
    resolved: ResolvedScenario, plan: Plans, path: tuple[Contributions, Contributions], names: list[str]
) -> dict[str, tuple[float, float]]:
    """Outcomes at both ends of a path."""
    trace = PathTrace(resolved, plan, path, np.array([0.0, 1.0]))
    values = {name: INDICATORS[name].value(trace) for name in names}
    return {name: (float(value[0]), float(value[1])) for name, value in values.items()}


def _of_panels(
    resolved: ResolvedScenario,
    plan: Plans,
    path: tuple[Contributions, Contributions],
    n_panels: int,
    names: list[str],
    threads: int,
) -> dict[str, dict[str, FloatArray]]:
    """Shares of a path of some panels, name -> quantity -> (n_villages,): a few panels at a time, and summed."""
    points = np.linspace(0.0, 1.0, n_panels + 1)
    at_once = max(1, MOST_CELLS // (resolved.city.n_places * (resolved.clock.horizon + 1)))

    def of_some(some: slice) -> list[dict[str, FloatArray]]:
        trace = PathTrace(resolved, plan, path, points[some.start : some.stop + 1])
        return [path_shares(trace, name) for name in names]

    parts = in_parallel(of_some, chunks(n_panels, at_once, threads=threads), threads=threads)
    by_name = zip(names, zip(*parts, strict=True), strict=True)
    return {name: {q: np.sum([part[q] for part in each], axis=0) for q in each[0]} for name, each in by_name}


def path_shares(path: PathTrace, name: str) -> dict[str, FloatArray]:
    """Shares of a path with given panels: what a unit is worth on the way, times what the village contributes of it.

    Args:
        path: between two plans.
        name: one of CORE.

    Returns:
        Quantity -> shape (n_villages,).
    """
    if name in COMMUTE_KERNEL:
        slope = commute_slope(path, COMMUTE_KERNEL[name])
    elif name == COMMUTING_CARBON:
        per_km = commuting_carbon_tco2e_per_km_yr(path)
        slope = {quantity: per_km * worth for quantity, worth in commute_slope(path, "kernel_km").items()}
    elif name in ACCOUNT:
        slope = money_slope(path, ACCOUNT[name](path))
    else:
        only = OF_CATEGORIES.get(name)
        slope = accessibility_slope(path, None if only is None else np.eye(len(CATEGORIES))[only])
    return {quantity: worth * _contributed(path, quantity) for quantity, worth in slope.items()}


def _contributed(path: PathTrace, quantity: str) -> FloatArray:
    """What the villages' contribution changes by along the path, shape (n_villages,)."""
    if quantity.startswith("money_"):
        ends = path.amounts_cny[quantity.removeprefix("money_")]
    else:
        (ends,) = village_quantities(path, (quantity.removeprefix("price_"),))
    return np.asarray(ends[-1] - ends[0])


def _moved(before: dict[str, FloatArray] | None, after: dict[str, FloatArray]) -> float:
    if before is None:
        return float("inf")
    old, new = (np.sum(list(shares.values()), axis=0) for shares in (before, after))
    size = float(np.abs(new).sum())
    return float(np.abs(new - old).sum()) / size if size else 0.0


def _sums(resolved: ResolvedScenario, plan: Plans, names: tuple[str, ...]) -> dict[str, Shares]:
    """Shares of outcomes that are sums over villages: each village's own."""
    trace = Trace(resolved, plan, REPORT)
    own = {name: np.asarray(SUMS[name](trace)[0]) for name in names if name in SUMS}
    return {name: Shares(name, 0.0, float(amounts.sum()), {"own": amounts}) for name, amounts in own.items()}
