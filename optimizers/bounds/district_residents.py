"""The fewest people that can live in a district in the end, against its hard cap.

Of its villages all leave who can, for good, as far as there are places for renewals; nobody settles there. Its zones
send newcomers to new housing elsewhere, no more than they may send in all years and than there is housing for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.catalogue import message
from data.errors import Refusal, refuse
from envs.rules.rule import TOLERANCE
from optimizers.bounds.forced_villages import ForcedVillages, is_hard, only_refusal

RULE = "district_population"
ROUNDING = 1e-5
"""Slack of the yearly room of zones, which the settling of newcomers keeps but for rounding."""


def too_many_residents(forced: ForcedVillages) -> Iterator[Refusal]:
    """Caps on the population of districts below the fewest who can live there in the last year."""
    resolved = forced.resolved
    caps = {name: cap.population_persons for name, cap in resolved.scenario.district_limits.items()}
    if not is_hard(resolved, RULE) or not any(caps.values()):
        return
    for name, cap in caps.items():
        if cap is None:
            continue
        today, fewest = fewest_residents(forced, resolved.city.districts.index(name))
        if fewest > cap * (1.0 + TOLERANCE):
            yield only_refusal(
                refuse(
                    "district_population_out_of_reach", layer=f"scenario rules.{RULE}", rule=message(f"rule_{RULE}"),
                    district=name, limit=cap, need=fewest, today=today,
                )
            )  # fmt: skip


def fewest_residents(forced: ForcedVillages, district: int) -> tuple[float, float]:
    """People of a district today, and the fewest who can live there in the last year.

    Args:
        forced: says the options.
        district: position among the city's.
    """
    resolved, moves = forced.resolved, forced.trace.moves
    city, settlement = resolved.city, resolved.constants.settlement
    inside = np.asarray(city.place_district_idx) == district
    today = float(np.asarray(resolved.constants.base.residents)[inside].sum())
    gone = moves.registered_left - moves.registered_back + moves.tenants_left - moves.tenants_back
    leaving = np.sort(np.maximum(0.0, -forced.least(-np.asarray(gone).T)[inside[city.n_zones :] & forced.able]))[::-1]
    due = np.sort(np.maximum(0.0, -forced.least(-np.asarray(moves.newcomers_due).T)[forced.able]))[::-1]
    room = float(np.asarray(settlement.yearly_room)[inside[: city.n_zones]].sum()) * resolved.clock.horizon
    places = forced.places()
    sent = min(float(due[:places].sum()), room * (1.0 + ROUNDING))
    return today, today - float(leaving[:places].sum()) - sent
