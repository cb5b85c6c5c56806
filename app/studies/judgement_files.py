"""What judging leaves: judgement.json, ladder.csv, changes.csv, approximations.csv, and the plans as PLAN.csv."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.plans.mapped_plan import MappedPlan
from app.plans.rule_table import broken_hard_rules, broken_told_rules, finding_record
from app.plans.tables import plan_rows
from app.runs.record import digests, recorded_city, versions
from app.runs.run_folder import Run
from app.studies.plan_judgement import PlanJudgement, Step, Verdict
from data.city import City
from data.importing.plans.asked_plan import Approximation
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.model_version import MODEL_VERSION
from envs.kernel.plans import Plans
from optimizers.mending.plan_model import UNCHANGED

JUDGEMENT_FILE, LADDER_FILE, CHANGES_FILE = "judgement.json", "ladder.csv", "changes.csv"
APPROXIMATIONS_FILE, ASKED_FILE, MAPPED_FILE = "approximations.csv", "asked.csv", "mapped.csv"
SHOWN_DOMINATING = 10


def mended_file(most: int) -> str:
    """Name of the plan of a rung."""
    return f"mended_{most}.csv"


def write_judgement(out: Path, run: Run, plan: Path, brought: MappedPlan, judged: PlanJudgement) -> None:
    """Write the folder, whole or not at all.

    Args:
        out: new or empty folder.
        run: against whose front the plan was judged.
        plan: file that was brought.
        brought: what was read of it.
        judged: what is said of it.

    Raises:
        InputError: the folder cannot be written.
    """
    city = run.resolved.city
    with new_folder(out) as draft:
        write_json(draft / JUDGEMENT_FILE, judgement_record(run, plan, brought, judged))
        _write_table(draft / APPROXIMATIONS_FILE, approximations_frame(brought.approximations))
        _write_plan(draft / ASKED_FILE, judged.asked.plan, city)
        _write_plan(draft / MAPPED_FILE, judged.mapped.plan, city)
        if judged.ladder is None:
            return
        _write_table(draft / LADDER_FILE, ladder_frame(judged))
        _write_table(draft / CHANGES_FILE, changes_frame(judged, city))
        for step in judged.steps:
            _write_plan(draft / mended_file(step.rung.most), step.verdict.plan, city)


def judgement_record(run: Run, plan: Path, brought: MappedPlan, judged: PlanJudgement) -> dict[str, Any]:
    """Everything but the tables, for JSON."""
    names = judged.objectives
    return {
        "format_version": 1,
        "command": "judge",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "model_version": MODEL_VERSION,
        "versions": versions(),
        "plan_file": plan.name,
        "run": run.folder.name,
        "city": recorded_city(run.resolved.city, run.record.city.source).model_dump(),
        "scenario": run.resolved.scenario.name,
        "digests": digests(run.resolved).model_dump(),
        "objectives": list(names),
        "units": {name: INDICATORS[name].unit for name in names},
        "ranges": dict(zip(names, judged.ranges.tolist(), strict=True)),
        "notes": {language: [note.text(language) for note in brought.notes] for language in ("en", "zh")},
        "n_approximations": len(brought.approximations),
        "approximations_by_field": _counted(brought.approximations),
        "asked": verdict_record(judged.asked, names),
        "mapped": verdict_record(judged.mapped, names),
        "n_dominating": len(judged.dominating),
        "dominated_by": [
            {"plan_id": name, "better_by": dict(zip(names, lead, strict=True))}
            for name, lead in zip(judged.dominating, judged.lead.tolist(), strict=True)
        ][:SHOWN_DOMINATING],
        "nearest": judged.nearest,
        "not_worse_within_ranges": UNCHANGED,
        "fewest_changes_found_to_front": judged.fewest_on_front,
        "fewest_changes_found_within_rules": judged.fewest_within_rules,
        "fewest_changes_proven_for_rules": judged.proven_for_rules,
        "estimate": estimate_record(judged),
        "evaluations": None if judged.ladder is None else judged.ladder.evaluations,
        "seconds": None if judged.ladder is None else judged.ladder.seconds,
        "stopped_by_time": judged.ladder is not None and judged.ladder.stopped_by_time,
        "ladder": [step_record(step, names) for step in judged.steps],
    }


def estimate_record(judged: PlanJudgement) -> dict[str, Any]:
    """What the linear model says of the rungs, for JSON; empty where it says nothing."""
    return {} if judged.ladder is None or judged.ladder.estimate is None else asdict(judged.ladder.estimate)


def least_gaps(judged: PlanJudgement) -> list[float | None]:
    """Gap below which no plan of each rung is expected [ranges]; None where nothing is."""
    return list(estimate_record(judged).get("least_gap", [None] * len(judged.steps)))


def verdict_record(verdict: Verdict, names: tuple[str, ...]) -> dict[str, Any]:
    """A plan beside the front, for JSON."""
    return {
        "objectives": dict(zip(names, verdict.reached.tolist(), strict=True)),
        "gap_to_front": verdict.gap,
        "valid": not broken_hard_rules(verdict.findings),
        "broken": broken_hard_rules(verdict.findings),
        "reported_broken": broken_told_rules(verdict.findings),
        "rules": [finding_record(item) for item in verdict.findings],
    }


def step_record(step: Step, names: tuple[str, ...]) -> dict[str, Any]:
    """A rung, for JSON."""
    record = verdict_record(step.verdict, names)
    record.pop("rules")
    return {"most": step.rung.most, "changes": step.rung.changes, "file": mended_file(step.rung.most), **record}


def ladder_frame(judged: PlanJudgement) -> pd.DataFrame:
    """One row per rung, that of no change first: objectives before and after, gap, rules broken."""
    rows = []
    told = [(0, 0, judged.mapped), *((step.rung.most, step.rung.changes, step.verdict) for step in judged.steps)]
    for (most, changes, verdict), expected in zip(told, [None, *least_gaps(judged)], strict=True):
        row: dict[str, Any] = {"most_changes": most, "changes": changes}
        for k, name in enumerate(judged.objectives):
            before, after = float(judged.mapped.reached[k]), float(verdict.reached[k])
            row |= {f"{name}_before": before, f"{name}_after": after, f"{name}_change": after - before}
        broken = broken_hard_rules(verdict.findings)
        row |= {"gap_to_front": verdict.gap, "gap_expected_at_least": expected}
        row |= {"n_rules_broken": len(broken), "rules_broken": " ".join(broken)}
        rows.append(row | {"plan_file": mended_file(most) if most else MAPPED_FILE})
    return pd.DataFrame(rows)


def changes_frame(judged: PlanJudgement, city: City) -> pd.DataFrame:
    """One row per rung and changed village: what was decided, what is decided now, and what that alone is worth."""
    columns = ["most_changes", "village_id", "name", "district"]
    fields = ("start_year", "intensity", "land_use", "floor_area_ratio", "facility_ratio")
    columns += [f"{end}_{field}" for end in ("from", "to") for field in fields]
    columns += [f"own_change_{name}" for name in judged.objectives]
    rows = []
    for step in judged.steps:
        for idx, gain in zip(step.village_idx.tolist(), step.own_gain.tolist(), strict=True):
            ends = (*_decision(judged.mapped.plan, idx), *_decision(step.verdict.plan, idx))
            names = (str(city.villages.village_id[idx]), str(city.villages.name[idx]))
            rows.append((step.rung.most, *names, city.districts[int(city.villages.district_idx[idx])], *ends, *gain))
    return pd.DataFrame(rows, columns=columns)


def _decision(plan: Plans, idx: int) -> tuple[int, str, str, float, float]:
    """What a plan decides on a village, as the columns of PLAN.csv say it; blank where it is kept."""
    year = int(plan.start_year[0, idx])
    if year == 0:
        return 0, "", "", np.nan, np.nan
    words = (str(INTENSITIES[int(plan.intensity[0, idx])]), str(LAND_USES[int(plan.land_use[0, idx])]))
    return year, *words, float(plan.floor_area_ratio[0, idx]), float(plan.facility_ratio[0, idx])


def approximations_frame(approximations: tuple[Approximation, ...]) -> pd.DataFrame:
    """One row per approximation."""
    rows = [(item.village_id, item.field, item.asked, item.became) for item in approximations]
    return pd.DataFrame(rows, columns=["village_id", "field", "asked", "became"])


def _counted(approximations: tuple[Approximation, ...]) -> dict[str, int]:
    fields = [item.field for item in approximations]
    return {name: fields.count(name) for name in dict.fromkeys(fields)}


def _write_plan(path: Path, plan: Plans, city: City) -> None:
    rows = plan_rows(plan, city.villages.village_id)
    _write_table(path, rows[rows["start_year"] > 0])


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    without_formulas(frame).to_csv(path, index=False)
