"""Why not, in sentences: why a wish is open now, and what each lever would do about it."""

from __future__ import annotations

import numpy as np

from app.whatif.change_text import change_words, village_words
from app.whatif.why_asked import WhyAsked, far_limit_of, price_of, quota_of
from app.words.console import percent_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from optimizers.whatif.lever import Answer, shifted

SHOWN_MONEY = 4


def title_words(asked: WhyAsked, language: str) -> str:
    """The question."""
    village = village_words(asked.asked.model.resolved, asked.wish.village)
    return text(f"whynot_title_{asked.wish.kind}", language, village=village, plan=asked.asked.plan_id)


def reason_lines(asked: WhyAsked, language: str) -> list[str]:
    """Why the wish is open now: the reason, and the numbers behind it."""
    why = asked.why
    if asked.effects is None:
        return [text("whynot_closed", language)]
    preference = asked.asked.preference
    worth = [float(preference.worth(_objectives(asked, row))) for row in range(len(asked.effects.changes))]
    way = _way(asked, 0, language)
    if why.reason == "own_loss":
        name = preference.objectives[why.worst]
        amount = value_text(float(_objectives(asked, 0)[why.worst]), INDICATORS[name].unit, language, signed=True)
        label = INDICATORS[name].label[language]
        lines = [text("whynot_own_loss", language, way=way, worth=worth[0], objective=label, amount=amount)]
    elif why.reason == "rule":
        rules = [text(f"rule_{name}", language) if not name.startswith("target ") else name for name in why.rules]
        lines = [text("whynot_rule", language, way=way, worth=worth[0], rules=rules)]
    elif why.reason == "nothing":
        lines = [text("whynot_nothing", language, way=_way(asked, len(worth) - 1, language), worth=worth[-1])]
    elif len(worth) > 1:
        exchange = _way(asked, 1, language)
        lines = [text("whynot_quota", language, way=way, worth=worth[0], exchange=exchange, loss=-worth[1])]
    else:
        lines = [text("whynot_quota_fixed", language, way=way, worth=worth[0])]
    parts = [
        f"{INDICATORS[name].label[language]} {value_text(float(value), INDICATORS[name].unit, language, signed=True)}"
        for name, value in zip(preference.objectives, _objectives(asked, 0), strict=True)
    ]
    return [*lines, text("whynot_parts", language, parts=parts), _money_words(asked, language)]


def _objectives(asked: WhyAsked, row: int) -> np.ndarray:
    assert asked.effects is not None
    return np.array([asked.effects.of(name)[row] for name in asked.asked.preference.objectives])


def _way(asked: WhyAsked, row: int, language: str) -> str:
    assert asked.effects is not None
    return change_words(asked.asked.model.resolved, asked.asked.plan, asked.effects.changes[row], language)


def _money_words(asked: WhyAsked, language: str) -> str:
    """The largest parts of the village's own account, as present values."""
    items = [
        f"{text(f'flow_{name}', language)} {value_text(value, 'CNY', language, signed=True)}"
        for name, value in list(asked.money.items())[:-1][:SHOWN_MONEY]
    ]
    total = value_text(asked.money["net"], "CNY", language, signed=True)
    return text("whynot_money", language, total=total, items=items)


def answer_words(asked: WhyAsked, answer: Answer, language: str) -> str:
    """What a lever would do, in a sentence, and whether a search agrees."""
    said = _none_words(asked, answer, language) if answer.value is None else _value_words(asked, answer, language)
    agrees = "whynot_searched" if answer.searched else "whynot_not_searched"
    return said + text(agrees, language)


def _none_words(asked: WhyAsked, answer: Answer, language: str) -> str:
    if not answer.ends:
        return text(f"whynot_{answer.lever}_closed", language)
    if answer.lever == "price":
        low, high = (price_of(asked) * end for end in (answer.ends[0], answer.ends[-1]))
        return text("whynot_price_none", language, low=low, high=high)
    if answer.lever == "density":
        limit = far_limit_of(asked)
        return text("whynot_density_none", language, limit=limit, most=limit * answer.ends[-1])
    return text("whynot_places_none" if answer.lever == "places" else "whynot_preference_none", language)


def _value_words(asked: WhyAsked, answer: Answer, language: str) -> str:
    value, below = float(answer.value or 0.0), float(answer.not_enough or 0.0)
    if answer.lever == "price":
        now = price_of(asked)
        return text("whynot_price", language, share=value - 1.0, now=now, then=now * value, below=now * below)
    if answer.lever == "density":
        now = far_limit_of(asked)
        return text("whynot_density", language, now=now, then=now * value, below=now * below)
    if answer.lever == "places":
        now = quota_of(asked, answer.variant)
        return text("whynot_places", language, n=int(value), year=answer.variant, now=now, then=now + int(value))
    preference = asked.asked.preference
    label = INDICATORS[preference.objectives[answer.variant]].label[language]
    weights = [
        f"{INDICATORS[name].label[language]} {percent_text(weight, digits=0)}"
        for name, weight in zip(preference.objectives, shifted(preference.weights, answer.variant, value), strict=True)
    ]
    return text("whynot_preference", language, share=value, objective=label, weights=weights, below=below)
