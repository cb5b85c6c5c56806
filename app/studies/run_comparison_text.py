"""What `renewal compare` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from app.runs.names import RunStatus
from app.studies.run_comparison import Comparison
from app.words.console import COLUMNS, table_text, text_width, value_text, wrapped
from envs.kernel.indicators.registry import INDICATORS

HEADER_WIDTH = 14
SHOWN_VILLAGES = 20
_WORDS = {
    "en": {
        "head": "{city}, {scenario}: {n_runs} runs, {n_points:,} plans on their common front",
        "run": "run",
        "algorithm": "algorithm",
        "seed": "seed",
        "evaluations": "evaluations",
        "seconds": "seconds",
        "plans": "plans",
        "hypervolume": "hypervolume",
        "igd_plus": "IGD+",
        "attained_share": "attains of the common front",
        "nearly_attained_share": "attains within 1 %",
        "plans_on_common_front": "plans on the common front",
        "objective": "objective",
        "base": "base",
        "best": "best anchor",
        "worst": "worst anchor",
        "best_of": "best of {run}",
        "knee_of": "knee of {run} ({plan})",
        "runs": "runs",
        "seeds": "seeds",
        "quartiles": "hypervolume: median (quartiles)",
        "all": "attained by all",
        "half": "by half",
        "one": "by one",
        "interrupted": "Interrupted, so its budget was not spent: {runs}.",
        "anchors": "The runs were made with different anchors; the widest are used for all.",
        "reference": "Hypervolume is a share of the box from the best anchor to 0.1 beyond the worst. IGD+ is in "
        "anchor ranges, against the common front. A plan attains within 1 % where it misses by 0.01 at most. "
        "A knee is the plan farthest from the plane through the front's ends.",
        "surfaces": "Several seeds: hypervolume of what all runs, at least half of them and at least one attain.",
        "villages": "All knees renew {n:,} villages, {alike:,} of them in the same way",
        "more": " and {n:,} more",
    },
    "zh": {
        "head": "{city}，{scenario}：{n_runs} 次运行，共同前沿方案 {n_points:,} 个",
        "run": "运行",
        "algorithm": "算法",
        "seed": "随机种子",
        "evaluations": "评估次数",
        "seconds": "秒",
        "plans": "方案数",
        "hypervolume": "超体积",
        "igd_plus": "IGD+",
        "attained_share": "达到共同前沿",
        "nearly_attained_share": "误差1%内达到",
        "plans_on_common_front": "共同前沿方案数",
        "objective": "目标",
        "base": "现状",
        "best": "最优锚点",
        "worst": "最差锚点",
        "best_of": "{run} 最优",
        "knee_of": "{run} 拐点（{plan}）",
        "runs": "运行数",
        "seeds": "随机种子",
        "quartiles": "超体积：中位数（四分位）",
        "all": "全部达到",
        "half": "半数达到",
        "one": "任一达到",
        "interrupted": "已中断，未用完预算：{runs}。",
        "anchors": "各次运行的锚点不同；统一采用最宽的锚点。",
        "reference": "超体积为最优锚点至最差锚点外0.1所成区域中的比例；IGD+ 以锚点区间为单位，相对共同前沿；"
        "各目标误差均在锚点区间1%以内视为接近达到。拐点为距前沿各端点所成平面最远的方案。",
        "surfaces": "多个随机种子：全部、至少半数、至少一次运行所达到区域的超体积。",
        "villages": "所有拐点方案均改造 {n:,} 个村，其中 {alike:,} 个方式相同",
        "more": " 等，另有 {n:,} 个",
    },
}
_FORMATS: dict[str, Callable[[Any], str]] = {
    "run": str,
    "algorithm": str,
    "seed": str,
    "evaluations": "{:,}".format,
    "seconds": "{:,.1f}".format,
    "plans": "{:,}".format,
    "hypervolume": "{:.4f}".format,
    "igd_plus": "{:.4f}".format,
    "attained_share": "{:.1%}".format,
    "nearly_attained_share": "{:.1%}".format,
    "plans_on_common_front": "{:,}".format,
}


def comparison_text(comparison: Comparison, language: str) -> str:
    """The whole message."""
    words = _WORDS[language]
    head, reference, *notes = remarks(comparison, language)
    parts = [
        head,
        _run_table(comparison, language),
        "\n".join(wrapped(reference, COLUMNS)),
        *notes,
        table_text(*objective_cells(comparison, language)),
        *([table_text(*group_cells(comparison, language)), words["surfaces"]] if comparison.seed_groups else []),
        _village_text(comparison, language),
    ]
    return "\n\n".join(part for part in parts if part)


def remarks(comparison: Comparison, language: str) -> list[str]:
    """What is compared, how to read the numbers, and which runs were interrupted or differ in anchors, if any."""
    words, record = _WORDS[language], comparison.runs[0].record
    interrupted = [run.label for run in comparison.runs if run.record.status is RunStatus.INTERRUPTED]
    head = words["head"].format(
        city=record.city.name,
        scenario=record.scenario,
        n_runs=len(comparison.runs),
        n_points=len(comparison.common.points),
    )
    notes = [words["interrupted"].format(runs=", ".join(interrupted))] if interrupted else []
    return [head, words["reference"], *notes, *([words["anchors"]] if comparison.anchors_differ else [])]


Cells = tuple[list[str], list[list[str]]]
"""Names of columns, and rows."""


def run_cells(comparison: Comparison, language: str) -> Cells:
    """One row per run: who, how long, how good."""
    rows = [[show(row[name]) for name, show in _FORMATS.items()] for row in comparison.table.to_dict(orient="records")]
    return [_WORDS[language][name] for name in _FORMATS], rows


def _run_table(comparison: Comparison, language: str) -> str:
    return table_text(*run_cells(comparison, language), header_width=HEADER_WIDTH)


def objective_cells(comparison: Comparison, language: str) -> Cells:
    """Anchors, and each run's best value and knee, in natural units."""
    words, names = _WORDS[language], comparison.objectives
    rows = [
        [words[part], *(_shown(name, comparison.anchors[name][part], language) for name in names)]
        for part in ("base", "best", "worst")
    ]
    for what, label in (("best", "best_of"), ("knee", "knee_of")):
        for row in comparison.table.to_dict(orient="records"):
            title = words[label].format(run=row["run"], plan=row["knee_plan_id"])
            rows.append([title, *(_shown(name, row[f"{what}_{name}"], language) for name in names)])
    return [words["objective"], *(INDICATORS[name].label[language] for name in names)], rows


def _shown(name: str, value: float, language: str) -> str:
    return value_text(value, INDICATORS[name].unit, language)


def group_cells(comparison: Comparison, language: str) -> Cells:
    """Several seeds of one algorithm and budget: hypervolumes and attainment surfaces; no rows where there are none."""
    words, rows = _WORDS[language], []
    for group in comparison.seed_groups:
        low, middle, high = group["hypervolume_quartiles"]
        surface = group["attainment_hypervolume"]
        shown = (f"{surface[name]:.4f}" for name in ("worst", "median", "best"))
        seeds = " ".join(str(seed) for seed in group["seeds"])
        rows.append(
            [group["algorithm"], str(len(group["runs"])), seeds, f"{middle:.4f} ({low:.4f}..{high:.4f})", *shown]
        )
    return [words[name] for name in ("algorithm", "runs", "seeds", "quartiles", "all", "half", "one")], rows


def _village_text(comparison: Comparison, language: str) -> str:
    words, ids = _WORDS[language], comparison.shared_villages["village_id"].tolist()
    text = words["villages"].format(n=len(ids), alike=comparison.shared_alike)
    if not ids:
        return f"{text}."[: None if language == "en" else -1]
    more = words["more"].format(n=len(ids) - SHOWN_VILLAGES) if len(ids) > SHOWN_VILLAGES else ""
    listed = f"{text}: {' '.join(ids[:SHOWN_VILLAGES])}{more}"
    return textwrap.fill(listed, COLUMNS - (text_width(listed) - len(listed)), break_long_words=False)
