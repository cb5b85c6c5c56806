"""The folder that `renewal stress` writes: spreads, chances, ranks, fans, causes, rules, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from app.charts.front_chart import write_front_chart
from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.runs.about_tables import about_tables
from app.runs.names import ABOUT_FILE
from app.runs.run_folder import Run
from app.stress.causes import NO_CAUSES, Causes, causes_frame
from app.stress.chances import chances_frame
from app.stress.experiments import experiments_frame, outcomes_frame
from app.stress.failures import Failures, input_label, input_unit, rule_sentence, rules_frame
from app.stress.price_of_robustness import PriceOfRobustness, price_frame
from app.stress.stress_frames import (
    error_bars,
    fan_frame,
    indicator_fan_frame,
    ranks_frame,
    spread_frame,
    worst_years_frame,
)
from app.stress.stress_of_run import Stress
from data.catalogue import LANGUAGES, text
from envs.futures.spread import TAIL
from envs.futures.stress import MARKETS
from envs.futures.worlds import uncertain_keys
from envs.kernel.futures.market_paths import market_model

EXPERIMENTS_FOLDER = "experiments"


def stress_frames(stress: Stress, causes: Causes, failures: list[Failures]) -> dict[str, pd.DataFrame]:
    """The tables by name."""
    return {
        "spread": spread_frame(stress),
        "chances": chances_frame(stress),
        "ranks": ranks_frame(stress),
        "fan": fan_frame(stress),
        "indicator_fan": indicator_fan_frame(stress),
        "worst_years": worst_years_frame(stress),
        "causes": causes_frame(stress, causes),
        "rules": rules_frame(failures),
    }


def write_stress(
    out: Path,
    stress: Stress,
    failures: list[Failures],
    *,
    run: Run,
    city: str,
    causes: Causes = NO_CAUSES,
    price: PriceOfRobustness | None = None,
    language: str = "en",
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        stress: plans in futures.
        failures: under which futures each fails.
        run: of the plans.
        city: name or path as it was given.
        causes: what moves the plans.
        price: of robustness, where a plain front was given beside.
        language: of the picture.

    Raises:
        InputError: the folder cannot be written.
    """
    frames = stress_frames(stress, causes, failures)
    frames["price"] = price_frame(price)
    with new_folder(out) as draft:
        for name, frame in frames.items():
            without_formulas(frame).to_csv(draft / f"{name}.csv", index=False)
        (draft / EXPERIMENTS_FOLDER).mkdir()
        for name, frame in (("experiments", experiments_frame(stress)), ("outcomes", outcomes_frame(stress))):
            without_formulas(frame).to_csv(draft / EXPERIMENTS_FOLDER / f"{name}.csv", index=False)
        _write_picture(draft / "front.png", stress, run, frames["spread"], language)
        write_json(draft / ABOUT_FILE, _about(stress, failures, causes, city, run.folder.name))


def _write_picture(path: Path, stress: Stress, run: Run, spread: pd.DataFrame, language: str) -> None:
    """The front with P10 to P90 of every plan measured."""
    front = run.front[run.front["plan_id"].isin(stress.plan_ids)].reset_index(drop=True)
    marked = {preset: plan for preset, plan in run.record.recommended.items() if plan in stress.plan_ids}
    bars = error_bars(spread, front["plan_id"].tolist(), stress.resolved.scenario.objectives)
    write_front_chart(path, stress.resolved, front, marked, language=language, error_bars=bars)


def _about(stress: Stress, failures: list[Failures], causes: Causes, city: str, run: str) -> Mapping[str, object]:
    resolved, stressed = stress.resolved, stress.stressed
    said = about_tables(
        "stress", resolved, city, command="stress", more_digests={"futures": resolved.book.futures_digest}
    )
    return said | {
        "note": text("stress_note_worlds" if stressed.n_worlds else "stress_note", "en"),
        "run": run,
        "plan_ids": list(stress.plan_ids),
        "seed": stressed.seed,
        "n_futures": stressed.n_futures,
        "n_worlds": stressed.n_worlds,
        "n_worlds_refused": stressed.n_refused,
        "parameters_in_worlds": list(uncertain_keys(resolved.book)) if stressed.n_worlds else [],
        "n_futures_in_fans": stressed.flows_cny.shape[1],
        "n_sobol": causes.n_base,
        "tail_share": TAIL,
        "inputs": {name: _input(stress, name) for name in (*MARKETS, *stressed.inputs)},
        "markets": asdict(market_model(resolved.book)),
        "resolved_digest": resolved.digest,
        "rules": {
            one.plan_id: {language: rule_sentence(stress, one, language) for language in LANGUAGES} for one in failures
        },
    }


def _input(stress: Stress, name: str) -> dict[str, str]:
    """What a column of experiments.csv is."""
    return {"unit": input_unit(stress, name)} | {
        language: input_label(stress, name, language) for language in LANGUAGES
    }
