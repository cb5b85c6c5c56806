"""What `renewal optimize` says at the end: the presets' plans side by side, and how far to trust them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from app.charts.fonts import drawn_language
from app.plans.recommendation import preset_label
from app.runs.names import FRONT_CHART_FILE
from app.runs.search_report import SearchReport
from app.words.console import synthetic_text, table_text, value_text
from data.catalogue import text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

ROUNDING = 1e-12
HEADER_WIDTH = 16
"""Of the presets' names, so that four of them fit 120 columns."""
FURTHER = (
    "renewed_villages",
    "total_cost_cny",
    "peak_funding_cny",
    "displaced_tenants_persons",
    "consent_share",
)
"""Shown below the objectives."""
_WORDS = {
    "en": {
        "quantity": "quantity",
        "plan": "plan",
        "change": "  change",
        "search": "{city}, {scenario}: {n_plans:,} plans on the front, {evaluations:,} evaluated in {seconds:,.1f} s"
        " ({algorithm}, seed {seed})",
        "planned": "{city}, {scenario}: preferences planned for: {evaluations:,}, in {seconds:,.1f} s ({algorithm});"
        " plans on the front: {n_plans:,}",
        "fonts": "",
        "valid": "valid",
        "yes": "yes",
        "no": "no",
        "limits": "The policy was trained without hard limits on the whole plan (capital, housing shares), which this "
        "scenario has: its plans keep them, but a search finds better ones (renewal optimize).",
        "greedy": "Planned by the greedy method, as the policy's own plan was worth less than doing nothing: {plans}",
        "interrupted": "Interrupted: this is what had been found; --resume continues.",
        "complete": "{out}: the run is complete; to search further, begin another one with --seed-plans {out}",
        "files": "Files",
    },
    "zh": {
        "quantity": "指标",
        "plan": "方案",
        "change": "  较现状变化",
        "search": "{city}，{scenario}：前沿方案 {n_plans:,} 个，{seconds:,.1f} 秒内评估 {evaluations:,} 个"
        "（{algorithm}，随机种子 {seed}）",
        "planned": "{city}，{scenario}：{seconds:,.1f} 秒内为 {evaluations:,} 种偏好各给出一个方案（{algorithm}）；"
        "前沿方案 {n_plans:,} 个",
        "fonts": "未找到中文字体，图中文字为英文。",
        "valid": "有效",
        "yes": "是",
        "no": "否",
        "limits": "本情景对整个方案设有硬性限制（资金、住房比例等），策略训练时没有这些限制：其方案满足限制，"
        "但搜索（renewal optimize）能找到更好的方案。",
        "greedy": "以下方案由贪心方法给出，因策略自身的方案不如不更新：{plans}",
        "interrupted": "已中断：以下为中断前的结果；可用 --resume 继续。",
        "complete": "{out}：该运行已完成；如需继续搜索，请用 --seed-plans {out} 另开一次运行",
        "files": "文件",
    },
}


def summary_text(resolved: ResolvedScenario, report: SearchReport, out: Path, language: str) -> str:
    """The whole closing message."""
    words, by_greedy = _WORDS[language], report.record.planned_by_greedy
    head = words["planned" if report.record.is_planned else "search"]
    parts = [
        words["interrupted"] if report.interrupted else "",
        head.format(**report.record.model_dump() | {"city": resolved.city.name}),
        _table(resolved, report, language),
        text("screening", language),
        synthetic_text(resolved.city.synthetic, language),
        words["greedy"].format(plans=", ".join(by_greedy)) if by_greedy and report.record.policy else "",
        words["limits"] if report.record.policy and report.record.has_plan_limits else "",
        words["fonts"] if (out / FRONT_CHART_FILE).exists() and drawn_language(language) != language else "",
        f"{words['files']}: {out}",
    ]
    return "\n\n".join(part for part in parts if part)


def complete_text(out: Path, language: str) -> str:
    """What is said where a run to be resumed has nothing left to do."""
    return _WORDS[language]["complete"].format(out=out)


def _table(resolved: ResolvedScenario, report: SearchReport, language: str) -> str:
    words, ids = _WORDS[language], report.front["plan_id"].tolist()
    plans = [report.front.iloc[ids.index(plan_id)] for plan_id in report.recommended.values()]
    header = (words["quantity"], *(preset_label(name, language) for name in report.recommended))
    rows: list[tuple[str, ...]] = [(words["plan"], *report.recommended.values())]
    for name in resolved.scenario.objectives:
        rows.append(_row(name, plans, language))
        if report.base[name] != 0.0:
            rows.append(_change_row(name, plans, report.base, language))
    rows += [_row(name, plans, language) for name in FURTHER if name not in resolved.scenario.objectives]
    rows.append((words["valid"], *(words["yes" if plan["valid"] else "no"] for plan in plans)))
    return table_text(header, rows, header_width=HEADER_WIDTH)


def _row(name: str, plans: list[pd.Series[Any]], language: str) -> tuple[str, ...]:
    measured = INDICATORS[name]
    return (measured.label[language], *(value_text(plan[name], measured.unit, language) for plan in plans))


def _change_row(name: str, plans: list[pd.Series[Any]], base: pd.Series[Any], language: str) -> tuple[str, ...]:
    unit = INDICATORS[name].unit
    changes = (value_text(_change(plan[name], base[name]), unit, language, signed=True) for plan in plans)
    return (_WORDS[language]["change"], *changes)


def _change(value: float, base: float) -> float:
    """The difference; 0 where it is rounding."""
    return 0.0 if abs(value - base) <= ROUNDING * abs(base) else value - base
