"""A question "why not?" as somebody asks it of a plan, with what is exact of its best way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.plans.measures import FLOW_GROUPS
from app.plans.tables import village_flows
from app.whatif.asked_plan import AskedPlan
from app.whatif.village_changes import position_of
from envs.changes.effects import Effects, measure_changes
from envs.changes.village_change import Change, changed_plans
from envs.kernel import REPORT
from envs.kernel.capital import net_present_value_cny
from envs.kernel.project_account import COST, DEVELOPER, GOVERNMENT, ITEMS
from envs.kernel.trace import Trace
from optimizers.whatif.entries import Entries
from optimizers.whatif.lever import LEVERS, Answer
from optimizers.whatif.why_not import Question
from optimizers.whatif.why_out import WhyOut, why_out
from optimizers.whatif.wish import Wish, wish_of


@dataclass(frozen=True, eq=False)
class WhyAsked:
    """What is said of a wish that a plan leaves open.

    Attributes:
        asked: the plan.
        wish: what is missed.
        why: why it is.
        effects: of the best way in alone and, where there is one, of the best exchange, exactly; None where closed.
        money: group of the account -> present value of the village's own flows in the best way in, and `net` [CNY].
        answers: of the levers; none where no choice is open to the village, or where nothing is needed.
    """

    asked: AskedPlan
    wish: Wish
    why: WhyOut
    effects: Effects | None
    money: dict[str, float]
    answers: tuple[Answer, ...]


def ask_why(
    asked: AskedPlan, village_id: str, *, wish: str = "in", seconds: float, levers: Sequence[str] = LEVERS
) -> WhyAsked:
    """Ask why a plan leaves a wish open, and what each lever would do about it.

    Args:
        asked: the plan.
        village_id: of the village.
        wish: in, earlier or denser.
        seconds: that each lever may take.
        levers: that are asked about.

    Raises:
        InputError: no such village, or the plan grants the wish.
    """
    standing, village = asked.standing, position_of(asked.model.resolved.city, village_id)
    start, density = int(asked.plan.start_year[0, village]), float(asked.plan.floor_area_ratio[0, village])
    missed = wish_of(village, wish, start, density, name=village_id)
    why = why_out(standing, missed)
    ways = [*_changes(asked, why.entry), *_changes(asked, why.exchange)]
    effects = measure_changes(asked.model.resolved, asked.plan, ways) if ways else None
    is_asked = why.reason not in ("closed", "nothing")
    answers = tuple(Question(standing, missed, seconds=seconds).answers(levers)) if is_asked else ()
    return WhyAsked(asked, missed, why, effects, _money(asked, ways[0]) if ways else {}, answers)


def _changes(asked: AskedPlan, entries: Entries) -> list[Change]:
    """The ways in as changes of the plan."""
    space, village = asked.model.space, entries.wish.village
    return [
        Change(
            village,
            "renew" if partner < 0 else "instead",
            int(year),
            int(space.intensity[option]),
            int(space.land_use[option]),
            float(space.floor_area_ratio[village, option]),
            float(space.facility_ratio[option]),
            int(partner),
            int(partner_year),
        )
        for year, option, partner, partner_year in zip(
            entries.year, entries.option, entries.partner, entries.partner_year, strict=True
        )
    ]


def _money(asked: AskedPlan, change: Change) -> dict[str, float]:
    """Present value of the village's account in six groups, the largest first, and their sum (`net`)."""
    resolved = asked.model.resolved
    flows = village_flows(Trace(resolved, changed_plans(asked.plan, [change]), REPORT))
    rate = resolved.book.number("finance.discount_rate")
    worth = {name: float(net_present_value_cny(flow[change.village], rate)) for name, flow in flows.items()}
    costs = [item for item in ITEMS if item.kind == COST]
    groups = {
        f"cost_{party}": [item.name for item in costs if item.payer == party] for party in (GOVERNMENT, DEVELOPER)
    } | FLOW_GROUPS
    sums = {group: sum(worth[name] for name in names) for group, names in groups.items()}
    largest = dict(sorted(sums.items(), key=lambda pair: -abs(pair[1])))
    return {group: value for group, value in largest.items() if value != 0.0} | {"net": sum(worth.values())}


def price_of(asked: WhyAsked) -> float:
    """Sale price of the village [CNY/m2]."""
    return float(asked.asked.model.resolved.city.villages.sale_price_cny_per_m2[asked.wish.village])


def far_limit_of(asked: WhyAsked) -> float:
    """Density limit of the village."""
    return float(asked.asked.model.resolved.city.villages.far_limit[asked.wish.village])


def quota_of(asked: WhyAsked, year: int) -> int:
    """Villages that may start in a year."""
    return int(np.asarray(asked.asked.model.quota)[year - 1])
