"""A change of one village as somebody asks for it: words like `earlier`, `rental_housing` or `far=2.4`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.errors import refuse
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE
from envs.changes.village_change import Change, decision_of
from optimizers.whatif.neighborhood import beginnings_of
from optimizers.whatif.standing import Standing

GRADES = ("keep", "earlier", "later", "less_dense", "denser", "fewer_facilities", "more_facilities", "renew")
NUMBERS = ("year", "far", "facilities")
WORDS = (*GRADES, *(str(word) for word in (*INTENSITIES, *LAND_USES)), *(f"{name}=N" for name in NUMBERS))


def asked_change(standing: Standing, village: int, words: Sequence[str]) -> Change:
    """The change that words ask for, one after the other; alone, whatever else the plan does.

    Args:
        standing: of the plan.
        village: position.
        words: of WORDS, at least one.

    Raises:
        InputError: no such word, or the village may not change so; what it may is named.
    """
    changed = decision_of(standing.plan, village)
    for word in words:
        changed = _changed(standing, changed, word.strip())
    if changed.columns == decision_of(standing.plan, village).columns:
        raise refuse("whatif_nothing_changed", layer="--change", village=_id(standing, village))
    return changed


def _changed(standing: Standing, now: Change, word: str) -> Change:
    name, equals, number = word.partition("=")
    if equals and name in NUMBERS:
        return _with_number(standing, now, name, number)
    if word == "keep":
        _refuse_unless_may_start(standing, now.village, 0)
        return Change(now.village, "keep", 0)
    if word == "renew":
        begun = [] if now.start_year else beginnings_of(standing, now.village, most=1)
        if begun:
            return replace(begun[0], kind="renew", partner=-1, partner_year=0)
        raise _impossible(standing, now, word)
    if word not in WORDS:
        raise refuse("whatif_word_unknown", layer="--change", word=word, known=list(WORDS))
    found = _of_kind(standing, now, word)
    if found is None:
        raise _impossible(standing, now, word)
    return found


def _of_kind(standing: Standing, now: Change, word: str) -> Change | None:
    """The neighbor of a decision that a word names."""
    if now.start_year == 0:
        return None
    from envs.changes.neighbors import Neighbors
    from envs.changes.village_change import changed_plans

    around = Neighbors(standing.model.resolved, standing.model.space, changed_plans(standing.plan, [now]))
    for change in around.of_village(now.village):
        use = REBUILT_SHARE[change.intensity] > 0.0 and word == str(LAND_USES[change.land_use])
        way = word == str(INTENSITIES[change.intensity])
        if word == change.kind or (change.kind == "use" and use) or (change.kind == "intensity" and way):
            return change
    return None


def _with_number(standing: Standing, now: Change, name: str, number: str) -> Change:
    """The decision with a year, a density or a facility ratio of its own."""
    try:
        value = float(number)
    except ValueError:
        raise refuse("whatif_number_wrong", layer="--change", name=name, found=number[:40]) from None
    if name == "year":
        if value != int(value) or not 0 <= value < standing.model.space.start_mask.shape[1]:
            last = standing.model.space.start_mask.shape[1] - 1
            raise refuse("whatif_year_wrong", layer="--change", found=number[:40], last=last)
        if now.start_year == 0 and value > 0:
            now = _changed(standing, now, "renew")
        _refuse_unless_may_start(standing, now.village, int(value))
        return Change(now.village, "keep", 0) if value == 0 else replace(now, kind="later", start_year=int(value))
    if now.start_year == 0 or (name == "far" and REBUILT_SHARE[now.intensity] == 0.0):
        raise _impossible(standing, now, f"{name}={number}")
    if name == "far":
        low, high = standing.neighbors.density_range(now.village, now.intensity, now.facility_ratio)
        if not low - 1e-9 <= value <= high + 1e-9:
            raise refuse("whatif_far_wrong", layer="--change", found=value, low=low, high=high)
        return replace(now, kind="denser", floor_area_ratio=value)
    span = standing.model.resolved.scenario.facility_ratio
    if not span.low - 1e-9 <= value <= span.high + 1e-9:
        raise refuse("whatif_facilities_wrong", layer="--change", found=value, low=span.low, high=span.high)
    low, high = standing.neighbors.density_range(now.village, now.intensity, value)
    if low > high:
        raise _impossible(standing, now, f"{name}={number}")
    density = min(max(now.floor_area_ratio, low), high) if REBUILT_SHARE[now.intensity] > 0.0 else 0.0
    return replace(now, kind="more_facilities", facility_ratio=value, floor_area_ratio=density)


def possible_words(standing: Standing, village: int) -> list[str]:
    """Words of the changes that a village may make by one grade."""
    now = decision_of(standing.plan, village)
    if now.start_year == 0:
        return ["renew"] if beginnings_of(standing, village, most=1) else []
    return [word_of(change) for change in standing.neighbors.of_village(village)]


def word_of(change: Change) -> str:
    """The word that asks for a change by one grade."""
    if change.kind == "use":
        return str(LAND_USES[change.land_use])
    return str(INTENSITIES[change.intensity]) if change.kind == "intensity" else change.kind


def _refuse_unless_may_start(standing: Standing, village: int, year: int) -> None:
    if not standing.model.space.start_mask[village, year]:
        raise refuse("whatif_start_forbidden", layer="--change", village=_id(standing, village), year=year)


def _impossible(standing: Standing, now: Change, word: str) -> Exception:
    possible = possible_words(standing, now.village)
    village = _id(standing, now.village)
    if not possible:
        return refuse("whatif_village_fixed", layer="--change", village=village)
    return refuse("whatif_change_impossible", layer="--change", village=village, word=word, possible=possible)


def _id(standing: Standing, village: int) -> str:
    return str(standing.model.resolved.city.villages.village_id[village])
