"""What goal seeking leaves: seek.json, the plan as PLAN.csv, and the scenario with the lever applied."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.plans.tables import plan_rows
from app.runs.names import SCENARIO_FILE, SEEK_FILE
from app.runs.record import digests, recorded_city, versions
from app.studies.goal_text import statements
from data.errors import reason_of, refuse
from data.levers import with_lever
from data.parameter_book import load_book
from data.scenario import Target
from data.scenario_files import scenario_to_yaml
from envs.kernel import ResolvedScenario
from optimizers.goals.seek_result import MET, SeekResult, Trial

PLAN_FILE, CLOSEST_FILE = "plan.csv", "closest_plan.csv"


def write_seek(out: Path, resolved: ResolvedScenario, result: SeekResult, *, city: str, seed: int) -> None:
    """Write the folder, whole or not at all.

    seek.json always; where something was searched also the scenario with the lever at the value chosen, and the plan:
    plan.csv where it meets the targets, closest_plan.csv where it does not.

    Args:
        out: new or empty folder.
        resolved: the scenario with its targets, before the lever is moved.
        result: what was found.
        city: name or path, as given.
        seed: of the search.

    Raises:
        InputError: the folder cannot be written.
    """
    with new_folder(out) as draft:
        write_json(draft / SEEK_FILE, seek_record(resolved, result, city=city, seed=seed))
        chosen = result.chosen
        if chosen is None or chosen.attainment.plan is None:
            return
        scenario = with_lever(resolved.scenario, resolved.book, result.span.lever.key, chosen.value)
        (draft / SCENARIO_FILE).write_text(scenario_to_yaml(scenario, load_book()), encoding="utf-8")
        rows = plan_rows(chosen.attainment.plan, resolved.city.villages.village_id)
        renewed = rows.loc[rows["start_year"] > 0]
        without_formulas(renewed).to_csv(draft / (PLAN_FILE if result.outcome == MET else CLOSEST_FILE), index=False)


def seek_record(resolved: ResolvedScenario, result: SeekResult, *, city: str, seed: int) -> dict[str, Any]:
    """Everything but the plan, for JSON."""
    span, lever = result.span, result.span.lever
    return {
        "format_version": 1,
        "command": "seek",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "city": recorded_city(resolved.city, city).model_dump(),
        "scenario": resolved.scenario.name,
        "digests": digests(resolved).model_dump(),
        "seed": seed,
        "evaluations": result.evaluations,
        "seconds": result.seconds,
        "lever": {"key": lever.key, "unit": lever.unit, "label": lever.label, "current": lever.current},
        "range": {"low": span.low, "high": span.high, "step": span.step, "start": span.start},
        "targets": [target.model_dump(mode="json") for target in result.targets],
        "outcome": result.outcome,
        "value": None if result.chosen is None else result.chosen.value,
        "least_is_proved": result.least_is_proved,
        "proved_among_levels_only": result.among_levels,
        "monotone_as_searched": result.monotone,
        "rules_that_bind_nothing": list(result.idle_rules),
        "proof": None
        if result.proof is None
        else {
            "kind": result.proof.kind,
            "targets": [target.model_dump(mode="json") for target in result.proof.targets],
            "values": list(result.proof.values),
        },
        "said": {language: statements(result, language) for language in ("en", "zh")},
        "tried": [_trial_record(trial, result.targets) for trial in result.trials],
    }


def note_trial(path: Path, trial: Trial, targets: tuple[Target, ...]) -> None:
    """Add a line of JSON on a value that was searched; a value searched again has several lines, the last one counts.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(_trial_record(trial, targets), allow_nan=False) + "\n")
    except OSError as error:
        raise refuse("not_writable", file=path, layer="--trials", reason=reason_of(error)) from None


def _trial_record(trial: Trial, targets: tuple[Target, ...]) -> dict[str, Any]:
    attainment = trial.attainment
    reached = zip(targets, attainment.outputs.tolist(), attainment.shortfalls.tolist(), strict=True)
    return {
        "value": trial.value,
        "met": attainment.met,
        "valid_plan_found": attainment.plan is not None,
        "largest_relative_shortfall": _finite(attainment.shortfall),
        "every_plan_evaluated": attainment.exact and not attainment.met,
        "evaluations": attainment.evaluations,
        "targets": [
            {"indicator": target.indicator, "output": _finite(output), "relative_shortfall": _finite(missed)}
            for target, output, missed in reached
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
