"""What the parameters do to a plan, as text."""

from __future__ import annotations

import math

from app.studies.tornado_file import Tornado
from app.words.console import table_text, unit_text, value_text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

WIDEST = 10
_WORDS = {
    "en": {
        "header": ("parameter", "range", "at low", "at high", "swing"),
        "title": "{label} ({value} in the scenario): the {n} parameters that move it most, of {all} with a range",
        "none": "{label}: no parameter with a range moves it",
        "broken": "* the plan breaks a hard rule at an end of the range",
        "note": "The plan is held; one parameter at a time, everything else as in the scenario.",
    },
    "zh": {
        "header": ("参数", "范围", "取下限", "取上限", "摆幅"),
        "title": "{label}（情景中为 {value}）：{all} 个有范围的参数中影响最大的 {n} 个",
        "none": "{label}：有范围的参数均不影响该指标",
        "broken": "* 该参数取到一端时方案不符合某条硬性规则",
        "note": "方案不变，每次只改一个参数，其余与情景相同。",
    },
}


def tornado_text(found: Tornado, resolved: ResolvedScenario, names: list[str], language: str) -> str:
    """A table per indicator of the parameters that move it most."""
    words = _WORDS[language]
    tables = [_table(found, resolved, name, language) for name in names]
    broken = any(effect.at_low.n_broken or effect.at_high.n_broken for effect in found.effects)
    return "\n\n".join([*tables, *([str(words["broken"])] if broken else []), str(words["note"])])


def _table(found: Tornado, resolved: ResolvedScenario, name: str, language: str) -> str:
    words, item = _WORDS[language], INDICATORS[name]
    bars = [bar for bar in found.bars(name) if bar.swing > 0.0][:WIDEST]
    if not bars:
        return str(words["none"]).format(label=item.label[language])
    rows = []
    for bar in bars:
        entry = resolved.book[bar.key]
        rows.append(
            (
                f"{bar.key}{' *' if bar.n_broken else ''}",
                f"{bar.low:g}..{bar.high:g} {unit_text(entry.unit, language)}",
                value_text(bar.at_low, item.unit, language),
                value_text(bar.at_high, item.unit, language),
                swing_text(bar.swing, item.unit, language),
            )
        )
    title = str(words["title"]).format(
        label=item.label[language],
        value=value_text(found.base.outcomes[name], item.unit, language),
        n=len(bars),
        all=found.n_ranged,
    )
    return f"{title}\n{table_text(words['header'], rows)}"


def swing_text(swing: float, unit: str, language: str) -> str:
    """A difference of an indicator; a span of years is no year."""
    if unit == "year" and math.isfinite(swing):
        return f"{swing:g}"
    return value_text(swing, unit, language)
