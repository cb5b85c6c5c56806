"""The folder that `renewal whatif` writes: tables of differences, rules or neighbors, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.runs.about_tables import about_tables
from app.whatif.asked_plan import AskedPlan
from data.catalogue import text


def write_whatif(
    out: Path,
    asked: AskedPlan,
    tables: Mapping[str, pd.DataFrame],
    *,
    command: str = "whatif",
    plans: Mapping[str, Any] | None = None,
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        asked: the plan that was asked about.
        tables: name (of the dictionary's chapter `whatif`) -> table.
        command: that writes the folder.
        plans: name of a file -> plan as a table, for plans that came out.

    Raises:
        InputError: the folder cannot be written.
    """
    with new_folder(out) as draft:
        for name, table in tables.items():
            without_formulas(table).to_csv(draft / f"{name}.csv", index=False)
        for name, rows in (plans or {}).items():
            rows.to_csv(draft / name, index=False)
        write_json(draft / "about.json", _about(asked, command))


def _about(asked: AskedPlan, command: str) -> dict[str, Any]:
    record = asked.run.record
    said = about_tables("whatif", asked.model.resolved, record.city.source, command=command, more_digests={})
    preference = asked.preference
    return said | {
        "note": text("whatif_note", "en"),
        "run": asked.run.folder.name,
        "plan_id": asked.plan_id,
        "weights": dict(zip(preference.objectives, preference.weights.tolist(), strict=True)),
        "weights_from": asked.source,
        "regret": preference.regret,
    }
