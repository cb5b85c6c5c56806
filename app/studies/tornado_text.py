"""What the parameters do to a plan, as text."""

from __future__ import annotations

import math

from app.studies.tornado_file import Tornado
from app.words.console import table_text, unit_text, value_text
from data.catalogue import text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

WIDEST = 10


def tornado_text(tornado: Tornado, resolved: ResolvedScenario, names: list[str], language: str) -> str:
    """A table per indicator of the parameters that move it most."""
    tables = [_table(tornado, resolved, name, language) for name in names]
    broken = any(effect.at_low.n_broken or effect.at_high.n_broken for effect in tornado.effects)
    return "\n\n".join(
        [*tables, *([text("sensitivity_broken", language)] if broken else []), text("sensitivity_note", language)]
    )


def _table(tornado: Tornado, resolved: ResolvedScenario, name: str, language: str) -> str:
    item = INDICATORS[name]
    bars = [bar for bar in tornado.bars(name) if bar.swing > 0.0][:WIDEST]
    if not bars:
        return text("sensitivity_none", language, label=item.label[language])
    rows = []
    for bar in bars:
        entry = resolved.book[bar.key]
        rows.append(
            (
                f"{bar.key}{' *' if bar.n_broken else ''}",
                f"{bar.low:g}..{bar.high:g} {unit_text(entry.unit, language)}".removesuffix(" -"),
                value_text(bar.at_low, item.unit, language),
                value_text(bar.at_high, item.unit, language),
                swing_text(bar.swing, item.unit, language),
            )
        )
    title = text(
        "sensitivity_title",
        language,
        label=item.label[language],
        value=value_text(tornado.base.outcomes[name], item.unit, language),
        n=len(bars),
        all=tornado.n_ranged,
    )
    names = ("parameter", "range", "at_low", "at_high", "swing")
    header = [text(f"sensitivity_{name}", language) for name in names]
    return f"{title}\n{table_text(header, rows)}"


def swing_text(swing: float, unit: str, language: str) -> str:
    """A difference of an indicator; a span of years is no year."""
    if unit == "year" and math.isfinite(swing):
        return f"{swing:g}"
    return value_text(swing, unit, language)
