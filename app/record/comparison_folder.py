"""The folder that `renewal record compare` writes: actuals, and the plan against them by village and year."""

from __future__ import annotations

from pathlib import Path

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.record.actuals_file import actuals_digest, actuals_frame
from app.record.comparison import Comparison
from app.record.subject import Subject
from app.runs.about_tables import about_tables
from data.catalogue import text
from data.dictionary import TABLES


def write_comparison(out: Path, shown: Comparison, subject: Subject, *, city: str) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        shown: the plan and what came of it.
        subject: the plan.
        city: name or path as it was given.

    Raises:
        InputError: the folder cannot be written.
    """
    resolved = subject.resolved
    frames = {
        "actuals": actuals_frame(shown.actuals, resolved.city),
        "compared": shown.by_village_and_year(),
        "villages": shown.by_village(),
        "years": shown.by_year(),
    }
    about = about_tables("record", resolved, city, command="record compare", more_digests={}) | {
        "run": subject.run.name,
        "plan_id": subject.digests.plan_id,
        "plan": subject.digests.plan,
        "actuals": actuals_digest(shown.actuals, resolved.city),
        "last_year": shown.last_year,
        "evaluator": text("compared_evaluator", "en"),
    }
    with new_folder(out) as draft:
        for name in TABLES["record"]:
            without_formulas(frames[name]).to_csv(draft / f"{name}.csv", index=False)
        write_json(draft / "about.json", about)
