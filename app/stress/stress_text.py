"""What `renewal stress` says: how money spreads, how likely targets are met, which plan stands up best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.stress.stress_of_run import COMPARED, Stress, chances_frame, ranks_frame, spread_frame
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.catalogue import text
from envs.futures.spread import TAIL
from envs.kernel.indicators.registry import INDICATORS

SHOWN = ("without_shocks", "mean", "p10", "p50", "p90", "tail_mean")
TOLD = ("net_present_value_cny", "government_npv_cny", "peak_funding_cny")
"""Of money; with worlds the objectives of the scenario besides."""
MOST_PLANS = 12
"""Told on the screen; the files hold all."""


def stress_text(stress: Stress, out: Path, language: str) -> str:
    """The whole answer.

    Args:
        stress: plans in futures.
        out: where its files lie.
        language: en or zh.
    """
    parts = [str(out), _lines(lead_sentences(stress, language))]
    objectives = [name for name in stress.resolved.scenario.objectives if name in stress.measured]
    parts += [_spread_text(stress, indicator, language) for indicator in dict.fromkeys((*objectives, *TOLD))]
    note = "stress_note_worlds" if stress.stressed.n_worlds else "stress_note"
    parts += [_ranks_text(stress, language), _lines([text(note, language)])]
    return "\n\n".join(parts)


def lead_sentences(stress: Stress, language: str) -> list[str]:
    """How many futures; of each target, how many plans always meet it, and which plan is least likely to."""
    n, plans = stress.stressed.n_futures, len(stress.plan_ids)
    said = [text("stress_lead", language, n=n, plans=plans, seed=stress.stressed.seed)]
    if stress.stressed.n_worlds:
        n_worlds, refused = stress.stressed.n_worlds, stress.stressed.n_refused
        said.append(text("stress_lead_worlds", language, n=n_worlds, refused=refused))
    for _, rows in chances_frame(stress).groupby(["indicator", "side", "limit"], sort=False):
        least: dict[Any, Any] = rows.sort_values("chance", kind="stable").iloc[0].to_dict()
        indicator = least["indicator"]
        said.append(
            text(
                "stress_chance",
                language,
                indicator=INDICATORS[indicator].label[language],
                side=text(least["side"], language),
                limit=value_text(least["limit"], INDICATORS[indicator].unit, language),
                n=int((rows["chance"] == 1.0).sum()),
                plan=least["plan_id"],
                chance=percent_text(least["chance"]),
                se=percent_text(least["chance_se"]),
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
