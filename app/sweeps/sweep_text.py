"""What `renewal sweep` says: which runs there are, what became of them, what each factor does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from app.sweeps.level_ranks import FactorEffect, LevelSpread, factor_effects
from app.sweeps.level_words import factor_label, level_label
from app.sweeps.names import TABLE_CSV, TABLE_FILE
from app.sweeps.sweep_folder import SweepList, is_done, read_failure
from app.sweeps.sweep_report import SweepReport
from app.sweeps.sweep_table import BEST, CLOCK_COLUMNS, DONE, FAILED, HYPERVOLUME, TAKEN
from app.sweeps.swept_run import SweptRun
from app.words.console import COLUMNS, filled, list_text, shown_scale, table_text, value_text
from data.catalogue import text
from data.errors import InputError, refuse
from envs.kernel.indicators.registry import INDICATORS

UNLIKELY = 0.05
"""A p-value below it is called a difference."""
SPREAD_COLUMNS = ("runs", "low_quartile", "median", "high_quartile")
"""After the level, in the table of a factor."""
MOST_LISTED = 200
"""Runs or failures that are listed on the screen."""


def list_of_runs_text(out: Path, runs: Sequence[SweptRun], language: str) -> str:
    """The runs of a sweep, which of them are done, and how long the rest takes where budgets say so.

    Args:
        out: its folder, there or not.
        runs: of the sweep.
        language: en or zh.
    """
    done = {run.run_id for run in runs if is_done(out, run.run_id)}
    rows = [["run", *runs[0].factors, text("sweep_column_state", language)]]
    for run in runs[:MOST_LISTED]:
        rows.append([run.run_id, *map(str, run.factors.values()), _state(out, run.run_id, done, language)])
    distinct = {run.run_id: run for run in runs}
    left = [run for name, run in distinct.items() if name not in done]
    lines = [list_text(rows)]
    if len(runs) > MOST_LISTED:
        lines.append(text("sweep_more_runs", language, n=len(runs) - MOST_LISTED))
    lines.append(text("sweep_list", language, n=len(distinct), done=len(done), left=len(left)))
    minutes = [run.minutes for run in left]
    if left and all(limit is not None for limit in minutes):
        total = sum(limit for limit in minutes if limit is not None)
        lines.append(text("sweep_list_minutes", language, minutes=total))
    return "\n".join(lines)


def _state(out: Path, run_id: str, done: set[str], language: str) -> str:
    if run_id in done:
        return text(f"sweep_state_{DONE}", language)
    return text("sweep_state_missing" if read_failure(out, run_id) is None else f"sweep_state_{FAILED}", language)


def report_text(out: Path, report: SweepReport, language: str) -> str:
    """What became of a sweep.

    Args:
        out: its folder.
        report: of the work.
        language: en or zh.
    """
    said = text(
        "sweep_report",
        language,
        n=report.n_runs,
        done=report.n_done,
        present=report.n_present,
        failed=len(report.failed),
        left=report.n_left,
        seconds=report.seconds,
        worker_seconds=report.worker_seconds,
    )
    lines = filled(said, COLUMNS)
    for run_id, reason in list(report.failed.items())[:MOST_LISTED]:
        lines += filled(text("sweep_failed_run", language, run_id=run_id, reason=reason.text(language)), COLUMNS)
    return "\n".join([*lines, str(out / TABLE_FILE), str(out / TABLE_CSV)])


def levels_text(sweep: SweepList, table: pd.DataFrame, measure: str, language: str) -> str:
    """Medians and quartiles of a measure by every factor, and what the ranks say.

    Args:
        sweep: its list of runs.
        table: of the sweep.
        measure: column of the table.
        language: en or zh.

    Raises:
        InputError: the table has no such measure.
    """
    refuse_unknown_measure(table, measure)
    n_done = int((table["status"] == DONE).sum())
    head = text("sweep_shown", language, name=sweep.name, measure=measure_label(measure, language), n=n_done)
    parts = ["\n".join(filled(head, COLUMNS))]
    if measure == HYPERVOLUME:
        n_groups = int(table["group"].nunique())
        parts.append("\n".join(filled(text("sweep_reference", language, n=n_groups), COLUMNS)))
    for effect in factor_effects(table, sweep.factors, measure):
        names = ("level", "runs", "low_quartile", "median", "high_quartile")
        header = [
            factor_label(effect.factor, language),
            *(text(f"sweep_column_{name}", language) for name in names[1:]),
        ]
        rows = [spread_cells(effect.factor, spread, measure, language) for spread in effect.levels]
        parts.append(table_text(header, rows) + "\n" + "\n".join(filled(test_sentence(effect, language), COLUMNS)))
    return "\n\n".join(parts)


def measures(table: pd.DataFrame) -> list[str]:
    """Columns of a table that levels can be compared by."""
    named = [str(name) for name in table if str(name).startswith((BEST, TAKEN))]
    return [name for name in (HYPERVOLUME, *named, "plans", *CLOCK_COLUMNS) if name in table]


def refuse_unknown_measure(table: pd.DataFrame, measure: str) -> None:
    """Refuse a measure that the table does not have.

    Raises:
        InputError: names those that it has; or no run is done.
    """
    known = measures(table)
    if HYPERVOLUME not in known:
        raise refuse("sweep_nothing_done", layer="--out")
    if measure not in known:
        raise _unknown_measure(measure, known)


def _unknown_measure(measure: str, known: Sequence[str]) -> InputError:
    return refuse("sweep_measure_unknown", layer="--measure", name=measure, known=tuple(known))


def spread_cells(factor: str, spread: LevelSpread, measure: str, language: str) -> list[str]:
    """A level as a row: level, runs, quartile, median, quartile."""
    numbers = (spread.low_quartile, spread.median, spread.high_quartile)
    return [
        level_label(factor, spread.level, language),
        str(spread.n),
        *(measure_text(number, measure, language) for number in numbers),
    ]


def test_sentence(effect: FactorEffect, language: str) -> str:
    """What the rank test says of a factor, and what it cannot say."""
    if effect.test == "none":
        return text("sweep_test_none", language)
    name = text(f"sweep_test_{effect.test}", language)
    verdict = "sweep_differ" if effect.p_value < UNLIKELY else "sweep_not_shown"
    said = text(verdict, language, test=name, n=effect.n_blocks, statistic=effect.statistic, p=p_text(effect.p_value))
    if effect.test == "wilcoxon" and 2.0 ** (1 - effect.n_blocks) > UNLIKELY:
        said += text("sweep_too_few", language, least=f"{2.0 ** (1 - effect.n_blocks):.2g}")
    return said


def p_text(p_value: float) -> str:
    """A p-value with two digits, after what it equals or is less than."""
    return "< 0.0001" if p_value < 1e-4 else f"= {p_value:.2g}"


def measure_label(measure: str, language: str) -> str:
    """What a measure is called."""
    for prefix in (BEST, TAKEN):
        if measure.startswith(prefix):
            indicator = INDICATORS[measure.removeprefix(prefix)].label[language]
            return text(f"sweep_{prefix}of", language, indicator=indicator)
    return text(f"sweep_measure_{measure}", language)


def measure_text(value: float, measure: str, language: str) -> str:
    """A value of a measure with its unit."""
    if math.isnan(value):
        return "-"
    for prefix in (BEST, TAKEN):
        if measure.startswith(prefix):
            return value_text(value, INDICATORS[measure.removeprefix(prefix)].unit, language)
    return f"{value:.4f}" if measure == HYPERVOLUME else f"{value:,.1f}"


def measure_scale(measure: str, language: str) -> tuple[float, str]:
    """What a measure is divided by to read well, and its unit then; empty where it has none."""
    for prefix in (BEST, TAKEN):
        if measure.startswith(prefix):
            scale, unit = shown_scale(INDICATORS[measure.removeprefix(prefix)].unit, language)
            return scale, unit.removeprefix("-")
    return 1.0, ""
