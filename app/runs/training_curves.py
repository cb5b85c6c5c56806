"""What trainings leave besides policies: a table of their updates, one of the seeds, and the picture of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from agents.training.ppo import CHECKPOINT_RECORD
from app.charts.training_chart import PANELS, write_training_chart
from app.files.atomic import replaced

UPDATES_FILE, SEEDS_FILE, CHART_FILE = "updates.csv", "seeds.csv", "training.png"


def write_training_curves(out: Path, folders: Sequence[Path], language: str) -> None:
    """Write updates.csv into every folder of a seed, and seeds.csv and training.png over them into `out`.

    Args:
        out: folder of the command.
        folders: of the seeds; those without a checkpoint are left out.
        language: of the picture.
    """
    begun = [folder for folder in folders if (folder / CHECKPOINT_RECORD).is_file()]
    records = [json.loads((folder / CHECKPOINT_RECORD).read_text(encoding="utf-8")) for folder in begun]
    tables = [training_table(record["progress"]) for record in records]
    for folder, table in zip(begun, tables, strict=True):
        with replaced(folder / UPDATES_FILE) as partial:
            table.to_csv(partial, index=False)
    with replaced(out / SEEDS_FILE) as partial:
        pd.DataFrame(_seed_row(record) for record in records).to_csv(partial, index=False)
    with replaced(out / CHART_FILE) as partial:
        write_training_chart(partial, tables, language=language)


def training_table(progress: dict[str, list[dict[str, float]]]) -> pd.DataFrame:
    """Updates and judgements of a training, a row for each number of decisions; NaN where there is none.

    Args:
        progress: as the checkpoint has it.
    """
    updates = pd.DataFrame(progress["updates"], dtype=float)
    judged = pd.DataFrame(progress["rows"], dtype=float).reindex(columns=["steps", "value_over_greedy"])
    if updates.empty:
        return judged.reindex(columns=["steps", *PANELS])
    return updates.merge(judged, on="steps", how="outer").sort_values("steps", ignore_index=True)


def _seed_row(record: dict[str, dict[str, object]]) -> dict[str, object]:
    """What became of one seed."""
    rows = record["progress"]["rows"]
    assert isinstance(rows, list)
    best = max(rows, key=lambda row: row["value_over_greedy"])
    return {
        "seed": record["setting"]["seed"],
        "engine": record["engine"],
        "steps": record["progress"]["steps"],
        "minutes": round(float(str(record["progress"]["seconds"])) / 60.0, 3),
        "value_over_greedy": best["value_over_greedy"],
        "steps_of_best": best["steps"],
    }
