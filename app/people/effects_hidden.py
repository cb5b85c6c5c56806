"""What averages hide: parts of the people of whom a third or more lose although the mean gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from app.people.effects_parts import NamedParts, named_parts
from app.words.console import listed
from data.catalogue import text
from data.city import City
from envs.people.categories import LEAVERS
from envs.people.effects.effects import Effects
from envs.people.effects.parts import HIDDEN_LOSERS_SHARE

MOST_NAMED = 6
TYPES = {"all": "losers_share", "registered": "losers_share_registered", "tenant": "losers_share_tenants"}
"""Whom the evaluator counts by types: what they are called, and the indicator of those who lose."""


def hidden_losses(effects: Effects, city: City, language: str) -> list[str]:
    """Who is behind the mean of all, a sentence for each part that hides a loss, and in how many villages it is so.

    Args:
        effects: of a plan.
        city: whose districts.
        language: en or zh.
    """
    shown = named_parts(effects, city, language)
    said = _behind_the_mean(effects, shown, language)
    said += [
        text(
            "effects_hidden",
            language,
            who=labels[k],
            mean=parts.mean_cny_per_yr[k],
            losers=100.0 * parts.losers_share[k],
        )
        for labels, parts in (shown["groups"][1], *shown["fates"])
        for k in np.flatnonzero(parts.hides_loss).tolist()
    ]
    n_hiding = int(np.count_nonzero(effects.villages.hides_loss))
    if n_hiding:
        whole = int(np.count_nonzero(effects.villages.persons))
        said.append(text("effects_hidden_villages", language, n=n_hiding, whole=whole))
    return said


def _behind_the_mean(effects: Effects, shown: Mapping[str, Sequence[NamedParts]], language: str) -> list[str]:
    """The parts of the villages' residents of whom a third or more lose, where all of them gain on average."""
    groups, kinds = shown["groups"][1]
    villagers = zip(groups, kinds.losers_share.tolist()[: len(LEAVERS)], strict=False)
    others = [
        share
        for labels, parts in (*shown["districts"], *shown["tenths"])
        for share in zip(labels, parts.losers_share.tolist(), strict=True)
    ]
    whole = (text("effects_types_all", language), float(effects.residents.losers_share[0]))
    return _among(float(effects.residents.mean_cny_per_yr[0]), [whole, *villagers, *others], language)


def hidden_by_types(values: Mapping[str, float], language: str) -> str:
    """The same by the evaluator's indicators, which draws nobody; empty where nothing is hidden.

    Args:
        values: indicator -> value of a plan.
        language: en or zh.
    """
    mean = values["mean_wellbeing_change_cny_per_yr"]
    shares = [(text(f"effects_types_{name}", language), values[losers]) for name, losers in TYPES.items()]
    return "".join(_among(mean, shares, language))


def _among(mean_cny_per_yr: float, shares: Sequence[tuple[str, float]], language: str) -> list[str]:
    """Who loses, a third of them or more, where the mean gains: the whole first, then the largest share."""
    losing = [item for item in shares if item[1] >= HIDDEN_LOSERS_SHARE]
    losing.sort(key=lambda item: (item is not shares[0], -item[1]))
    if not losing or not mean_cny_per_yr >= 0.0:
        return []
    named = [
        text("effects_hidden_share", language, who=who, losers=100.0 * share) for who, share in losing[:MOST_NAMED]
    ]
    if len(losing) > MOST_NAMED:
        named.append(text("effects_hidden_more", language, n=len(losing) - MOST_NAMED))
    return [text("effects_hidden_among", language, mean=mean_cny_per_yr, who=listed(named, language))]
