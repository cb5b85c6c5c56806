"""The run folder of a model of the user's own: its front under its own names, and what each plan does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from app.files.atomic import replaced
from app.plans.quantities import MARKUP
from app.runs.names import FRONT_FILE, PLANS_FILE
from app.runs.record import RunRecord, read_opened_record
from app.runs.run_folder import plan_id_of, read_front
from app.runs.stored_run import MOST_PLAN_ROWS
from data.catalogue import text
from data.errors import InputError, printable, reason_of, refuse
from data.files.parquet_tables import read_parquet_table
from envs.models.model import Model
from optimizers.search.run_search import FrontFound

DECISION_COLUMNS = ("plan_id", "village_id", "start_year", "option", "option_en", "option_zh")
"""Of plans.parquet; option is the position among the model's options, empty texts where the village is kept."""


@dataclass(frozen=True, eq=False)
class ModelRun:
    """A run of a model of the user's own, read back; its code is not.

    Attributes:
        folder: where it lies.
        record: run.json.
        front: front.csv.
        decisions: plans.parquet, DECISION_COLUMNS.
    """

    folder: Path
    record: RunRecord
    front: pd.DataFrame
    decisions: pd.DataFrame

    def note(self, language: str) -> str:
        """Whose numbers these are, and what is shown of them."""
        assert self.record.own_model is not None
        return text("run_of_own_model_note", language, model=printable(self.record.own_model.source).translate(MARKUP))

    def schedule(self, plan_id: str, language: str) -> pd.DataFrame:
        """What a plan does: village_id, start_year and option in words, in the order of the years."""
        chosen = self.decisions[(self.decisions["plan_id"] == plan_id) & (self.decisions["start_year"] > 0)]
        rows = chosen[["village_id", "start_year", f"option_{language}"]]
        return rows.sort_values("start_year", kind="stable").reset_index(drop=True)


def front_of(found: FrontFound) -> pd.DataFrame:
    """front.csv: the objectives of every plan under their names."""
    front = pd.DataFrame(found.values, columns=list(found.objectives))
    front.insert(0, "plan_id", [plan_id_of(k) for k in range(len(front))])
    return front.assign(valid=True, n_violations=0, n_reported_broken=found.n_reported_broken)


def write_model_front(folder: Path, model: Model, found: FrontFound, front: pd.DataFrame) -> None:
    """Replace front.csv and plans.parquet."""
    with replaced(folder / FRONT_FILE) as partial:
        front.to_csv(partial, index=False)
    with replaced(folder / PLANS_FILE) as partial:
        decisions_frame(model, found, front["plan_id"].tolist()).to_parquet(partial, index=False)


def decisions_frame(model: Model, found: FrontFound, plan_ids: list[str]) -> pd.DataFrame:
    """One row per plan and village, DECISION_COLUMNS."""
    n_plans, n_villages = found.start_year.shape
    starts, option = found.start_year.ravel() > 0, found.option.ravel()
    labels = {
        f"option_{language}": np.where(starts, np.array([words[language] for words in model.option_labels])[option], "")
        for language in ("en", "zh")
    }
    return pd.DataFrame(
        {
            "plan_id": np.repeat(plan_ids, n_villages),
            "village_id": np.tile([str(name) for name in model.village_id], n_plans),
            "start_year": found.start_year.ravel(),
            "option": np.where(starts, option, 0),
            **labels,
        }
    )


def read_model_run(folder: Path) -> ModelRun | None:
    """Read a finished run of a model of the user's own; None where the run is one of the program's kernel.

    Raises:
        InputError: it is no finished run, or its front or its plans cannot be read.
    """
    record, path = read_opened_record(folder), folder / PLANS_FILE
    if record.own_model is None:
        return None
    try:
        decisions = read_parquet_table(path, list(DECISION_COLUMNS), MOST_PLAN_ROWS)
        decisions = decisions.astype(dict.fromkeys(("plan_id", "village_id", "option_en", "option_zh"), str))
        decisions = decisions.astype({"start_year": np.int64, "option": np.int64})
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refuse("plans_unreadable", file=path, reason=reason_of(error)) from None
    front = read_front(folder / FRONT_FILE, list(dict.fromkeys(decisions["plan_id"])))
    missing = [name for name in record.objectives if name not in front or name not in record.own_model.objectives]
    if missing or front.empty:
        raise refuse("columns_missing", file=folder / FRONT_FILE, names=missing)
    return ModelRun(folder, record, front, decisions)
