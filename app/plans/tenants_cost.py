"""Who gains and who loses by a plan, and what it costs tenants, in one line each."""

from __future__ import annotations

import math
from collections.abc import Mapping

from app.words.console import percent_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS

MOVED, MOVED_SHARE, LOSERS, RENT = (
    "displaced_tenants_persons",
    "displaced_tenants_share",
    "losers_share_tenants",
    "tenant_rent_ratio",
)


WINNERS, ALL_LOSERS = "winners_share", "losers_share"


def winners_line(values: Mapping[str, float], language: str) -> str:
    """How many of the villages' people gain and lose; empty where that is not known, or nobody does.

    Args:
        values: indicator -> value of a plan.
        language: zh or en.
    """
    winners, losers = (float(values.get(name, math.nan)) for name in (WINNERS, ALL_LOSERS))
    if not winners + losers > 0.0:
        return ""
    return text("winners_line", language, winners=percent_text(winners), losers=percent_text(losers))


def tenants_line(values: Mapping[str, float], language: str) -> str:
    """Who has to leave, who loses, and what those who return pay; empty where no tenants are known.

    Args:
        values: indicator -> value of a plan; what is missing or undefined is left out.
        language: zh or en.
    """
    known = {name: float(values[name]) for name in (MOVED, MOVED_SHARE, LOSERS, RENT) if name in values}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if MOVED not in known:
        return ""
    moved = value_text(known[MOVED], INDICATORS[MOVED].unit, language)
    said = [text("tenants_moved", language, persons=moved)]
    if MOVED_SHARE in known:
        share = percent_text(known[MOVED_SHARE])
        said = [text("tenants_moved_of_all", language, persons=moved, share=share)]
    if LOSERS in known:
        said.append(text("tenants_lose", language, share=percent_text(known[LOSERS])))
    if RENT in known:
        said.append(text("tenants_rent", language, ratio=known[RENT]))
    return text("tenants_line", language, said=text("tenants_separator", language).join(said))
