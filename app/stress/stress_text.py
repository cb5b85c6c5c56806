"""What `renewal stress` says: how money spreads, how likely targets are met, which plan stands up best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from app.stress.causes import Causes, causes_frame
from app.stress.chances import chances_frame
from app.stress.failures import Failures, rule_sentence
from app.stress.stress_frames import ranks_frame, spread_frame, worst_years_frame
from app.stress.stress_of_run import COMPARED, Stress
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.catalogue import text
from envs.futures.spread import TAIL
from envs.futures.variance_shares import NORMAL_QUANTILE
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.registry import RULES

SHOWN = ("without_shocks", "mean", "p10", "p50", "p90", "tail_mean")
TOLD = ("net_present_value_cny", "government_npv_cny", "peak_funding_cny")
"""Of money; with worlds the objectives of the scenario besides."""
LIMIT_RULES = {"capital_limit_annual_cny": "annual_capital", "capital_limit_peak_cny": "peak_capital"}
"""Capital limit of a scenario -> the rule that holds it."""
MOST_GROUPS, LEAST_TOTAL = 4, 0.01
LARGE_ERROR, LARGER, LEAST_BASE = 0.1, 4, 64
"""Of a total index, above which a larger base sample is asked for: how many times as large, and at least."""
MOST_PLANS = 12
"""Told on the screen; the files hold all."""


def stress_text(stress: Stress, failures: list[Failures], causes: Causes, out: Path, language: str) -> str:
    """The whole answer.

    Args:
        stress: plans in futures.
        failures: under which futures each fails.
        causes: what moves them.
        out: where its files lie.
        language: en or zh.
    """
    parts = [str(out), _lines(lead_sentences(stress, language))]
    objectives = [name for name in stress.resolved.scenario.objectives if name in stress.measured]
    parts += [_spread_text(stress, indicator, language) for indicator in dict.fromkeys((*objectives, *TOLD))]
    note = "stress_note_worlds" if stress.stressed.n_worlds else "stress_note"
    parts.append(_ranks_text(stress, language))
    parts.append(_lines([rule_sentence(stress, one, language) for one in failures[:MOST_PLANS]]))
    if causes.n_base:
        parts.append(_lines(cause_sentences(stress, causes, language)))
    return "\n\n".join([*parts, _lines([worst_year_sentence(stress, language), text(note, language)])])


def worst_year_sentence(stress: Stress, language: str) -> str:
    """The year that is most often the worst of the first plan's cash flow."""
    frame = worst_years_frame(stress)
    first = frame[frame["plan_id"] == stress.plan_ids[0]]
    row: dict[Any, Any] = first.sort_values("worst_share", kind="stable").iloc[-1].to_dict()
    return text(
        "stress_worst_year",
        language,
        plan=row["plan_id"],
        year=int(row["year"]),
        share=percent_text(row["worst_share"]),
        cny=value_text(row["mean_cny"], "CNY", language),
    )


def cause_sentences(stress: Stress, causes: Causes, language: str) -> list[str]:
    """Of each outcome of the first plan, the groups that move it most, with their total indices."""
    frame, said = causes_frame(stress, causes), []
    frame = frame[frame["plan_id"] == stress.plan_ids[0]]
    for (over, indicator), rows in frame.groupby(["over", "indicator"], sort=False):
        widest = rows[rows["total"] > LEAST_TOTAL].sort_values("total", ascending=False).head(MOST_GROUPS)
        if widest.empty:
            continue
        shares = [
            text(
                "stress_cause_share",
                language,
                group=group_label(str(row["group"]), language),
                total=_with_range(row["total"], row["total_se"], language),
                first=_with_range(row["first"], row["first_se"], language),
            )
            for row in widest.to_dict("records")
        ]
        label = INDICATORS[str(indicator)].label[language]
        head = text(f"stress_causes_{over}", language, indicator=label, plan=stress.plan_ids[0], n=causes.n_base)
        said.append(head + text("stress_list_separator", language).join(shares))
    if said and frame["total_se"].max() > LARGE_ERROR:
        said.append(
            text("stress_causes_small", language, n=causes.n_base, more=max(LARGER * causes.n_base, LEAST_BASE))
        )
    return said


def _with_range(share: float, error: float, language: str) -> str:
    """A share of the variance and where it lies with 95 % confidence; a share lies within 0 and 1."""
    half = NORMAL_QUANTILE * error
    low, high = min(share, max(0.0, share - half)), max(share, min(1.0, share + half))
    ends = {"low": percent_text(low), "high": percent_text(high)}
    return text("stress_cause_range", language, share=percent_text(share), **ends)


def group_label(group: str, language: str) -> str:
    """What a group of uncertainties is called."""
    return text(f"stress_group_{group}", language)


def wanted_label(kind: str, indicator: str, year: int | None, language: str) -> str:
    """What is wanted, without its limit."""
    if kind == "capital_limit":
        return RULES[LIMIT_RULES[indicator]].label[language]
    item = INDICATORS[indicator]
    if year is None:
        return item.label[language]
    return text("rule_target_year", language, indicator=item.yearly_label[language], year=year)


def lead_sentences(stress: Stress, language: str) -> list[str]:
    """How many futures; of each target, how many plans always meet it, and which plan is least likely to."""
    n, plans = stress.stressed.n_futures, len(stress.plan_ids)
    said = [text("stress_lead", language, n=n, plans=plans, seed=stress.stressed.seed)]
    if stress.stressed.n_worlds:
        n_worlds, refused = stress.stressed.n_worlds, stress.stressed.n_refused
        said.append(text("stress_lead_worlds", language, n=n_worlds, refused=refused))
    for _, rows in chances_frame(stress).groupby(
        ["kind", "indicator", "side", "limit", "year"], sort=False, dropna=False
    ):
        least: dict[Any, Any] = rows.sort_values("chance", kind="stable").iloc[0].to_dict()
        indicator, year = least["indicator"], None if pd.isna(least["year"]) else int(least["year"])
        unit = "CNY" if least["kind"] == "capital_limit" else INDICATORS[indicator].unit
        said.append(
            text(
                f"stress_chance_over_{least['over']}",
                language,
                indicator=wanted_label(least["kind"], indicator, year, language),
                side=text(least["side"], language),
                limit=value_text(least["limit"], unit, language),
                n=int((rows["chance"] == 1.0).sum()),
                plan=least["plan_id"],
                chance=percent_text(least["chance"]),
                low=percent_text(least["chance_low"]),
                high=percent_text(least["chance_high"]),
            )
        )
    return said


def _spread_text(stress: Stress, indicator: str, language: str) -> str:
    frame = spread_frame(stress)
    rows = [
        [row["plan_id"], *(value_text(row[name], row["unit"], language) for name in SHOWN)]
        for row in frame[frame["indicator"] == indicator].head(MOST_PLANS).to_dict("records")
    ]
    header = [text("stress_column_plan", language)]
    header += [text(f"stress_column_{name}", language, percent=100.0 * TAIL) for name in SHOWN]
    return f"{INDICATORS[indicator].label[language]}\n{table_text(header, rows, header_width=14)}"


def _ranks_text(stress: Stress, language: str) -> str:
    """Which plan is best in most futures; nothing to rank where there is one alone."""
    if len(stress.plan_ids) == 1:
        return _lines([text("stress_one_plan", language)])
    frame = ranks_frame(stress).sort_values("mean_regret_cny").head(MOST_PLANS)
    rows = [
        [
            row["plan_id"],
            percent_text(row["best_share"]),
            *(value_text(row[name], "CNY", language) for name in ("mean_regret_cny", "p90_regret_cny")),
        ]
        for row in frame.to_dict("records")
    ]
    names = ("best_share", "mean_regret", "p90_regret")
    header = [text("stress_column_plan", language), *(text(f"stress_column_{name}", language) for name in names)]
    title = text("stress_ranks", language, indicator=INDICATORS[COMPARED].label[language])
    return f"{title}\n{table_text(header, rows, header_width=14)}"


def _lines(sentences: list[str]) -> str:
    return "\n".join(line for sentence in sentences for line in filled(sentence, COLUMNS))
