"""How far shares can be trusted: what villages foretell when they are taken out of a plan, alone and together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel import evaluate
from envs.kernel.plans import Plans, canonical, concatenate
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT
from envs.reasons.attribution import Shares
from envs.reasons.losses import marginal_losses

N_SHOWN = 10
"""Villages that are shown and removed together."""
N_REMOVED = 30
"""Villages that are removed one by one."""
N_PAIRED = 5
"""Of the shown, those whose pairs are removed."""
CLOSE = 0.1
"""A foretold loss is close if it is within this share of the true one."""
WAYS = ("share", "marginal", "loss")
"""What foretells a removal: the share, the slope at the plan, the loss by groups of distant villages."""


@dataclass(frozen=True, eq=False)
class Removal:
    """Villages taken out of a plan, and what that loses.

    Attributes:
        villages: their positions.
        loss: outcome -> the plan's value less that without them.
    """

    villages: tuple[int, ...]
    loss: dict[str, float]


@dataclass(frozen=True, eq=False)
class Trust:
    """What removals say of the shares of a plan.

    Attributes:
        shares: outcome -> shares.
        told: one of WAYS -> outcome -> what each village would take with it, shape (n_villages,).
        shown: outcome -> villages with the largest shares, largest first.
        single: villages removed one by one.
        together: outcome -> its shown villages removed together.
        pairs: outcome -> pairs of the first shown.
    """

    shares: dict[str, Shares]
    told: dict[str, dict[str, FloatArray]]
    shown: dict[str, IntArray]
    single: tuple[Removal, ...]
    together: dict[str, Removal]
    pairs: dict[str, tuple[Removal, ...]]

    def shown_share(self, name: str, n: int = N_SHOWN) -> float:
        """Sum of the sizes of the n largest shares over that of all; NaN where nothing changes."""
        size = np.sort(np.abs(self.shares[name].by_village))[::-1]
        return float(size[:n].sum() / size.sum()) if size.sum() else float("nan")

    def fidelity(self, name: str) -> float:
        """1 - |loss - sum of shares| / |loss| of the shown villages together; NaN where nothing is lost."""
        loss = self.together[name].loss[name]
        told = float(self.shares[name].by_village[list(self.together[name].villages)].sum())
        return 1.0 - abs(loss - told) / abs(loss) if loss else float("nan")

    def foretold(self, name: str, way: str) -> tuple[int, int]:
        """Single removals whose loss is foretold in one of WAYS, by sign and within CLOSE of its size besides."""
        told = np.array([self.told[way][name][removal.villages[0]] for removal in self.single])
        loss = np.array([removal.loss[name] for removal in self.single])
        signs = np.sign(told) == np.sign(loss)
        return int(signs.sum()), int((signs & (np.abs(told - loss) <= CLOSE * np.abs(loss))).sum())

    def interaction(self, name: str, pair: Removal) -> float:
        """Loss of a pair together less those of each alone."""
        alone = {removal.villages[0]: removal.loss[name] for removal in self.single}
        return pair.loss[name] - sum(alone[village] for village in pair.villages)


def trust_of(
    resolved: ResolvedScenario,
    plan: Plans,
    shares: dict[str, Shares],
    losses: dict[str, FloatArray],
    *,
    threads: int = 1,
) -> Trust:
    """Remove villages of a plan, alone, in pairs and together, and compare what is lost with their shares.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy, that renews something.
        shares: outcome -> its shares.
        losses: outcome -> foretold losses of every village (losses.foretold_losses).
        threads: worker threads.
    """
    plan = canonical(plan)
    renewed = np.flatnonzero(plan.start_year[0] > 0)
    shown = {name: _largest(of.by_village, renewed, N_SHOWN) for name, of in shares.items()}
    paired = {name: tuple(combinations(villages[:N_PAIRED].tolist(), 2)) for name, villages in shown.items()}
    first = dict.fromkeys(village for pairs in paired.values() for pair in pairs for village in pair)
    single = list(first | dict.fromkeys(_spread(renewed, shares)))[: max(N_REMOVED, len(first))]
    sets = [
        *((village,) for village in single),
        *(tuple(villages.tolist()) for villages in shown.values()),
        *dict.fromkeys(pair for pairs in paired.values() for pair in pairs),
    ]
    removed = {removal.villages: removal for removal in removals(resolved, plan, sets, tuple(shares), threads=threads)}
    return Trust(
        shares=shares,
        told={
            "share": {name: of.by_village for name, of in shares.items()},
            "marginal": marginal_losses(resolved, plan, shares),
            "loss": losses,
        },
        shown=shown,
        single=tuple(removed[(village,)] for village in single),
        together={name: removed[tuple(villages.tolist())] for name, villages in shown.items()},
        pairs={name: tuple(removed[pair] for pair in pairs) for name, pairs in paired.items()},
    )


def removals(
    resolved: ResolvedScenario,
    plan: Plans,
    sets: Sequence[tuple[int, ...]],
    names: tuple[str, ...],
    *,
    threads: int = 1,
) -> list[Removal]:
    """What each set of villages loses if a plan keeps them as they are, exactly.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, on NumPy.
        sets: positions of villages.
        names: of outcomes.
        threads: worker threads.
    """
    start_year = np.repeat(plan.start_year, len(sets) + 1, axis=0)
    for row, villages in enumerate(sets, start=1):
        start_year[row, list(villages)] = 0
    batch = concatenate([plan] * (len(sets) + 1))
    plans = canonical(Plans(start_year, *batch.columns[1:], **batch.given))
    values = evaluate(resolved, plans, indicators=names, precision=REPORT, threads=threads)
    return [
        Removal(villages, {name: float(values[name][0] - values[name][row]) for name in names})
        for row, villages in enumerate(sets, start=1)
    ]


def _largest(share: FloatArray, among: IntArray, n: int) -> IntArray:
    return among[np.argsort(-np.abs(share[among]), kind="stable")[:n]]


def _spread(renewed: IntArray, shares: dict[str, Shares]) -> list[int]:
    """Villages from the largest to the smallest share of each outcome in turn, evenly spaced."""
    each = -(-min(N_REMOVED, renewed.size) // max(1, len(shares)))
    picked: dict[int, None] = {}
    for of in shares.values():
        order = [v for v in _largest(of.by_village, renewed, renewed.size).tolist() if v not in picked]
        steps = np.linspace(0, len(order) - 1, min(each, len(order))).round().astype(int)
        picked |= dict.fromkeys(order[k] for k in steps.tolist())
    return list(picked)
