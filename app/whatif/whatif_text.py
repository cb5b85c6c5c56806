"""What `renewal whatif` says: one change, all changes of a village, or which single change would help most."""

from __future__ import annotations

import math

import numpy as np

from app.plans.recommendation import preset_label
from app.whatif.asked_plan import AskedPlan
from app.whatif.change_text import change_words, difference_words, moved, rules_words, village_words
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.catalogue import text
from envs.changes.effects import Effects
from envs.kernel.indicators.registry import INDICATORS
from optimizers.whatif.neighborhood import Neighborhood

HEADER_WIDTH, SHOWN = 18, 10


def judged_by_words(asked: AskedPlan, language: str) -> str:
    """The weights that changes are ranked by, and where they are from."""
    weights = [
        f"{INDICATORS[name].label[language]} {percent_text(weight, digits=0)}"
        for name, weight in zip(asked.preference.objectives, asked.preference.weights, strict=True)
        if weight > 0.0
    ]
    preset = preset_label(asked.preset, language) if asked.preset else ""
    said = text(f"whatif_weights_{asked.source}", language, weights=weights, preset=preset)
    if asked.preference.regret <= 0.0:
        return said
    return said + text("whatif_weights_regret", language, regret=asked.preference.regret)


def one_change_text(asked: AskedPlan, effects: Effects, row: int, language: str) -> str:
    """One change: what it is, every indicator that it moves, the rules that it breaks or meets."""
    change = effects.changes[row]
    title = text(
        "whatif_title",
        language,
        village=village_words(asked.model.resolved, change.village),
        change=change_words(asked.model.resolved, asked.plan, change, language),
    )
    header = [text(f"whatif_column_{name}", language) for name in ("indicator", "before", "after", "difference")]
    rows, n_hidden = [], 0
    for name in moved(effects, row):
        k, unit = effects.indicators.index(name), INDICATORS[name].unit
        before, after = float(effects.before[k]), float(effects.after[row, k])
        if not is_seen(name, after - before):
            n_hidden += 1
            continue
        cells = [value_text(value, unit, language) for value in (before, after)]
        rows.append([INDICATORS[name].label[language], *cells, difference_words(name, after - before, language)])
    rules = rules_words(effects, row, language) or [text("whatif_no_rule", language)]
    table = table_text(header, rows) if rows else text("whatif_nothing_moves", language)
    hidden = text("whatif_hidden", language, n=n_hidden) if n_hidden else ""
    return "\n\n".join(part for part in (title, "\n".join(rules), table, hidden) if part)


def is_seen(name: str, difference: float) -> bool:
    """Whether a difference is more than nothing in the digits that are shown."""
    amount = value_text(difference, INDICATORS[name].unit, "en", signed=True)
    return math.isnan(difference) or any(digit in "123456789" for digit in amount.split(" ")[0])


def village_text(asked: AskedPlan, effects: Effects, language: str) -> str:
    """All changes of one village beside each other."""
    title = text(
        "whatif_village_title", language, village=village_words(asked.model.resolved, effects.changes[0].village)
    )
    table = table_text(
        village_header(asked, language), village_rows(asked, effects, language), header_width=HEADER_WIDTH
    )
    return f"{title}\n{table}"


def village_header(asked: AskedPlan, language: str) -> list[str]:
    """Of village_rows."""
    header = [text("whatif_column_change", language), text("whatif_column_worth", language)]
    header += [INDICATORS[name].label[language] for name in asked.preference.objectives]
    return [*header, text("whatif_column_breaks", language)]


def village_rows(asked: AskedPlan, effects: Effects, language: str) -> list[list[str]]:
    """Changes of a village, the best by the preference first: gain, every objective, rules newly broken."""
    resolved, preference = asked.model.resolved, asked.preference
    difference = np.stack([effects.of(name) for name in preference.objectives], axis=1)
    worth = preference.worth(difference)
    rows = []
    for k in np.argsort(-worth, kind="stable"):
        n_broken = int(effects.newly_broken[k].sum())
        rows.append(
            [
                change_words(resolved, asked.plan, effects.changes[k], language),
                f"{worth[k]:+.3%}",
                *(
                    _amount(name, value, language)
                    for name, value in zip(preference.objectives, difference[k], strict=True)
                ),
                str(n_broken) if n_broken else "",
            ]
        )
    return rows


def neighborhood_text(asked: AskedPlan, found: Neighborhood, language: str) -> str:
    """Which single change would help most, by the preference and by each objective."""
    tables = [_ranked_table(asked, found, None, language)]
    tables += [_ranked_table(asked, found, name, language) for name in asked.preference.objectives]
    return "\n\n".join([*tables, "\n".join(filled(counted_words(found, language), COLUMNS))])


def counted_words(found: Neighborhood, language: str) -> str:
    """How many changes there are, and how each is known."""
    counts = [int((found.how == how).sum()) for how in (2, 1, 0)]
    return text("whatif_counted", language, n=len(found.changes), exact=counts[0], search=counts[1], foretold=counts[2])


def ranked_rows(
    asked: AskedPlan, found: Neighborhood, objective: str | None, language: str, *, most: int = SHOWN
) -> list[list[str]]:
    """Village, change, gain by the preference and in every objective, of the changes that come first."""
    names = asked.preference.objectives
    worth, signs = found.worth, asked.preference.signs
    return [
        [
            village_words(asked.model.resolved, found.changes[k].village),
            change_words(asked.model.resolved, asked.plan, found.changes[k], language),
            f"{worth[k]:+.3%}",
            *(_amount(name, float(value), language) for name, value in zip(names, found.gain[k] * signs, strict=True)),
            text(f"whatif_how_{('foretold', 'search', 'exact')[found.how[k]]}", language),
        ]
        for k in found.ranked(objective)[:most]
    ]


def ranked_header(asked: AskedPlan, language: str) -> list[str]:
    """Of ranked_rows."""
    header = [text(f"whatif_column_{name}", language) for name in ("village", "change", "worth")]
    header += [INDICATORS[name].label[language] for name in asked.preference.objectives]
    return [*header, text("whatif_column_how", language)]


def _ranked_table(asked: AskedPlan, found: Neighborhood, objective: str | None, language: str) -> str:
    if objective is None:
        title = text("whatif_ranked", language)
    else:
        title = text("whatif_ranked_by", language, objective=INDICATORS[objective].label[language])
    rows = ranked_rows(asked, found, objective, language)
    return f"{title}\n{table_text(ranked_header(asked, language), rows, header_width=HEADER_WIDTH)}"


def _amount(name: str, value: float, language: str) -> str:
    return value_text(value, INDICATORS[name].unit, language, signed=True)
