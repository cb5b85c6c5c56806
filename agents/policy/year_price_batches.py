"""Prices of a start in each year for many plans in the making at once, in torch on any device.

What envs.choices.year_assignment.year_prices finds for one plan in NumPy: the same smoothed dual, temperatures and
damped Newton steps, for a batch of problems side by side; those that are solved take no part in the steps that follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from envs.choices.year_assignment import MOST_STEPS, NEVER, TEMPERATURES

MOST_TRIES = 4
"""Steps tried for one that is taken, at most, on average."""
LEAST_DAMPING, MOST_DAMPING, FIRST_DAMPING = 1e-9, 1e8, 1e-4


@dataclass(frozen=True, eq=False)
class YearProblem:
    """Gains of plans in the making; float64.

    Attributes:
        worth: of keeping (column 0) and of a start in each year, NEVER x scale where it may not be,
            shape (n_plans, n_years + 1, n_villages).
        counts: 1 for villages with a choice, 0 for others, shape (n_plans, n_villages).
        room: villages that may still start in each year, shape (n_plans, n_years).
        left: True for years that are still to be decided, same shape.
    """

    worth: torch.Tensor
    counts: torch.Tensor
    room: torch.Tensor
    left: torch.Tensor

    def only(self, rows: torch.Tensor) -> YearProblem:
        """Some of the plans."""
        return YearProblem(self.worth[rows], self.counts[rows], self.room[rows], self.left[rows])


def batched_year_prices(
    gain: torch.Tensor,
    may: torch.Tensor,
    year: torch.Tensor,
    room: torch.Tensor,
    last: torch.Tensor | None = None,
) -> torch.Tensor:
    """Prices of a start in each year left, 0 where nothing is left to decide.

    Args:
        gain: best gain less the prices of limits by village and start year, shape (n_plans, n_villages, plan_years).
        may: as agents.policy.prices.Ahead, shape (n_plans, n_villages, plan_years + 1).
        year: open year, shape (n_plans,).
        room: villages that may still start in each year, shape (n_plans, plan_years).
        last: last year of the programme, shape (n_plans,), where shorter ones are padded; None = plan_years.

    Returns:
        shape (n_plans, plan_years), float64.
    """
    years = torch.arange(1, gain.shape[2] + 1, device=gain.device)
    left = years >= year[:, None]
    left = left if last is None else left & (years <= last[:, None])
    may_start = may[:, :, 1:] & left[:, None, :]
    is_open = may_start.any(dim=2)
    room, gain = torch.where(left, room, 0).double(), gain.double()
    scale = torch.where(is_open[:, :, None] & left[:, None, :], gain.abs(), 0.0).amax(dim=(1, 2))
    never = NEVER * torch.where(scale > 0.0, scale, 1.0)[:, None]
    kept = torch.where(may[:, :, 0], 0.0, never)
    worth = torch.cat([kept[:, None, :], torch.where(may_start, gain, never[:, :, None]).mT], dim=1)
    undecided = (room.sum(dim=1) > 0.0) & is_open.any(dim=1)
    (rows,) = undecided.nonzero(as_tuple=True)
    price = torch.zeros_like(room)
    price[rows] = _prices(YearProblem(worth[rows], is_open[rows].double(), room[rows], left[rows]))
    return price


def _prices(problem: YearProblem) -> torch.Tensor:
    """As envs.choices.year_assignment._prices_from, without prices to begin with."""
    counted, left = problem.counts > 0.0, problem.left
    over_keep = problem.worth[:, 1:].amax(dim=1) - problem.worth[:, 0]
    positive = counted & (over_keep > 0.0)
    n_open, places = counted.sum(dim=1), problem.room.sum(dim=1).long()
    ranked = torch.where(counted, over_keep, -torch.inf).sort(dim=1, descending=True).values
    next_one = ranked.gather(1, places[:, None].clamp(max=ranked.shape[1] - 1))[:, 0]
    first = torch.where(n_open > places, next_one.clamp(min=0.0), 0.0)
    there = torch.cat([torch.ones_like(left[:, :1]), left], dim=1)[:, :, None] & counted[:, None, :]
    lowest = torch.where(there, problem.worth, torch.inf).amin(dim=(1, 2))
    usual = positive & ((over_keep < -0.5 * lowest[:, None]) | (lowest >= 0.0)[:, None])
    n_usual = usual.sum(dim=1)
    mean = torch.where(usual, over_keep, 0.0).sum(dim=1) / n_usual.clamp(min=1)
    scale = torch.where(n_usual > 0, mean, 1.0)
    price = torch.where(left & positive.any(dim=1)[:, None], first[:, None], 0.0)
    for temperature in TEMPERATURES:
        price = _newton(problem, price, temperature * scale, positive.any(dim=1))
    return price


@dataclass(eq=False)
class _Stand:
    """Where the steps of some plans stand: prices, the dual and its chances there, damping, steps taken."""

    price: torch.Tensor
    value: torch.Tensor
    chance: torch.Tensor
    damping: torch.Tensor
    steps: torch.Tensor

    def only(self, rows: torch.Tensor) -> _Stand:
        return _Stand(self.price[rows], self.value[rows], self.chance[rows], self.damping[rows], self.steps[rows])


def _dual(problem: YearProblem, price: torch.Tensor, temperature: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Smoothed dual value, (n_plans,), and each village's chance of each year, (n_plans, n_years, n_villages)."""
    net = problem.worth.clone()
    net[:, 1:] -= price[:, :, None]
    top = net.amax(dim=1)
    weight = net.sub_(top[:, None, :]).div_(temperature[:, None, None]).exp_()
    total = weight.sum(dim=1)
    value = (problem.counts * (top + temperature[:, None] * total.log())).sum(dim=1) + (problem.room * price).sum(dim=1)
    return value, weight[:, 1:] * (problem.counts / total)[:, None, :]


def _newton(
    problem: YearProblem, price: torch.Tensor, temperature: torch.Tensor, solvable: torch.Tensor
) -> torch.Tensor:
    """Damped Newton steps on the smoothed dual; prices stay at or above 0. Every plan has a damping of its own."""
    found = price.clone()
    (rows,) = solvable.nonzero(as_tuple=True)
    problem, temperature = problem.only(rows), temperature[rows]
    value, chance = _dual(problem, price[rows], temperature)
    now = _Stand(price[rows], value, chance, torch.full_like(value, LEAST_DAMPING), torch.zeros_like(value))
    for _ in range(MOST_STEPS * MOST_TRIES):
        slope = problem.room - now.chance.sum(dim=2)
        free = problem.left & ((now.price > 0.0) | (slope < 0.0))
        worst = torch.where(free, slope.abs(), 0.0).amax(dim=1)
        active = (worst >= 0.5) & (now.steps < MOST_STEPS) & (now.damping < MOST_DAMPING)
        n_active = int(active.sum())
        if 2 * n_active <= len(rows):
            found[rows] = now.price
            (still,) = active.nonzero(as_tuple=True)
            rows, problem, temperature, now = rows[still], problem.only(still), temperature[still], now.only(still)
            slope, free, active = slope[still], free[still], active[still]
        if not n_active:
            return found
        now = _stepped(problem, now, temperature, torch.where(free, slope, 0.0), free & active[:, None])
    found[rows] = now.price
    return found


def _stepped(
    problem: YearProblem, now: _Stand, temperature: torch.Tensor, slope: torch.Tensor, free: torch.Tensor
) -> _Stand:
    """A step tried in every plan with free prices; where the dual rises by it, the damping does instead."""
    filled = now.chance.sum(dim=2)
    curvature = torch.diag_embed(filled) - now.chance @ now.chance.mT
    curvature /= temperature[:, None, None]
    size = curvature.diagonal(dim1=1, dim2=2).mul(problem.left).sum(dim=1) / problem.left.sum(dim=1) + 1e-12
    curvature.diagonal(dim1=1, dim2=2).add_((now.damping * size)[:, None])
    eye = torch.eye(slope.shape[1], dtype=slope.dtype, device=slope.device)
    system = torch.where(free[:, :, None] & free[:, None, :], curvature, eye)
    following = (now.price - torch.linalg.solve_ex(system, slope).result).clamp(min=0.0)
    reached, chance = _dual(problem, following, temperature)
    tried = free.any(dim=1)
    better = tried & (reached <= now.value + 1e-12 * now.value.abs())
    lower, higher = (now.damping / 10.0).clamp(min=LEAST_DAMPING), (10.0 * now.damping).clamp(min=FIRST_DAMPING)
    damping = torch.where(better, lower, torch.where(tried, higher, now.damping))
    if bool(better.all()):
        return _Stand(following, reached, chance, damping, now.steps + 1.0)
    return _Stand(
        price=torch.where(better[:, None], following, now.price),
        value=torch.where(better, reached, now.value),
        chance=torch.where(better[:, None, None], chance, now.chance),
        damping=damping,
        steps=now.steps + better,
    )
