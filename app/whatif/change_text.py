"""A change in words, and differences in words: for the command line, the room and files."""

from __future__ import annotations

import numpy as np

from app.words.console import value_text
from data.catalogue import text
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE
from envs.changes.effects import Effects
from envs.changes.village_change import Change, decision_of
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

SAME_SHARE = 1e-9
"""A difference below this share of an indicator is rounding."""


def village_words(resolved: ResolvedScenario, village: int) -> str:
    """Id and name of a village."""
    villages = resolved.city.villages
    name, village_id = str(villages.name[village]), str(villages.village_id[village])
    return village_id if name in ("", village_id) else f"{village_id} {name}"


def decision_words(change: Change, language: str) -> str:
    """What is done with a village: the way and, where it is rebuilt, use and density."""
    way = text(f"word_{INTENSITIES[change.intensity]}", language)
    if REBUILT_SHARE[change.intensity] == 0.0:
        return text("whatif_done_kept_floor", language, way=way, facilities=change.facility_ratio)
    use = text(f"word_{LAND_USES[change.land_use]}", language)
    far, facilities = change.floor_area_ratio, change.facility_ratio
    return text("whatif_done", language, way=way, use=use, far=far, facilities=facilities)


def change_words(resolved: ResolvedScenario, plan: Plans, change: Change, language: str) -> str:
    """What is changed, from what to what."""
    before = decision_of(plan, change.village)
    said = text("whatif_kept", language) if change.start_year == 0 else _said(before, change, language)
    if change.partner < 0:
        return said
    partner = village_words(resolved, change.partner)
    if change.partner_year:
        return text("whatif_with_partner", language, change=said, partner=partner, year=change.partner_year)
    return text("whatif_instead_of", language, change=said, partner=partner)


def _said(before: Change, change: Change, language: str) -> str:
    if before.start_year == 0:
        decision = decision_words(change, language)
        return text("whatif_renewed", language, year=change.start_year, decision=decision)
    parts = []
    if change.start_year != before.start_year:
        later = change.start_year > before.start_year
        key = "whatif_later" if later else "whatif_earlier"
        parts.append(text(key, language, year=change.start_year, before=before.start_year))
    if change.intensity != before.intensity:
        ways = [text(f"word_{INTENSITIES[way]}", language) for way in (change.intensity, before.intensity)]
        parts.append(text("whatif_way", language, way=ways[0], before=ways[1]))
    rebuilt = REBUILT_SHARE[change.intensity] > 0.0
    if rebuilt and (change.land_use != before.land_use or REBUILT_SHARE[before.intensity] == 0.0):
        parts.append(text("whatif_use", language, use=text(f"word_{LAND_USES[change.land_use]}", language)))
    if rebuilt and change.floor_area_ratio != before.floor_area_ratio:
        if REBUILT_SHARE[before.intensity] == 0.0:
            parts.append(text("whatif_far_new", language, far=change.floor_area_ratio))
        else:
            far, then = change.floor_area_ratio, before.floor_area_ratio
            parts.append(text("whatif_far", language, far=far, before=then))
    if change.facility_ratio != before.facility_ratio:
        ratio, then = change.facility_ratio, before.facility_ratio
        parts.append(text("whatif_facilities", language, ratio=ratio, before=then))
    return text("whatif_and", language).join(parts)


def difference_words(name: str, difference: float, language: str) -> str:
    """An indicator's difference with its sign, and whether that is better."""
    item = INDICATORS[name]
    amount = value_text(difference, item.unit, language, signed=True)
    if difference == 0.0 or item.sense not in ("max", "min"):
        return amount
    better = (difference > 0.0) == (item.sense == "max")
    return f"{amount} {text('whatif_better' if better else 'whatif_worse', language)}"


def moved(effects: Effects, row: int) -> list[str]:
    """Indicators that a change moves by more than rounding, in the order of the registry."""
    scale = SAME_SHARE * np.maximum(np.abs(effects.before), np.abs(effects.after[row]))
    is_moved = np.abs(effects.difference[row]) > scale
    is_moved |= np.isnan(effects.before) != np.isnan(effects.after[row])
    return [name for name, does in zip(effects.indicators, is_moved, strict=True) if does]


def rules_words(effects: Effects, row: int, language: str) -> list[str]:
    """Rules and targets that a change breaks or meets, a sentence each."""
    lines = []
    for key, which in (("whatif_breaks", effects.newly_broken), ("whatif_meets", effects.newly_kept)):
        for k in np.flatnonzero(which[row]):
            rule = effects.rules[k]
            pair = (effects.measured_after[row, k], effects.limits[k])
            measured, limit = (value_text(float(value), rule.unit, language) for value in pair)
            label, mode = rule.label[language], text(f"mode_{effects.modes[k]}", language)
            lines.append(text(key, language, rule=label, mode=mode, measured=measured, limit=limit))
    return lines
