"""A search of a model of the user's own: run it, keep what it found, write the run folder."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from app.runs.checkpoint import read_checkpoint
from app.runs.names import CHECKPOINT_FILE, RUN_FILE, RunStatus
from app.runs.own_model.model_file import LoadedModel, lines_in, refuse_failure
from app.runs.own_model.model_run import front_of, write_model_front
from app.runs.record import (
    Digests,
    OwnModel,
    OwnObjective,
    RunCity,
    RunRecord,
    anchor_ranges,
    begun_record,
    read_record,
)
from app.runs.run_folder import refuse_other_digest, write_progress
from app.runs.search_work import search_work, was_stopped
from app.runs.working_folder import RunLock, WorkingFolder
from data.catalogue import text
from data.errors import refuse
from envs.models.model import Model
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.loop import CHECKPOINT_SECONDS
from optimizers.search.run_search import search_model
from optimizers.search.search_state import SearchState


@dataclass(frozen=True, eq=False)
class ModelReport:
    """What was written.

    Attributes:
        front: front.csv.
        record: run.json.
    """

    front: pd.DataFrame
    record: RunRecord

    @property
    def interrupted(self) -> bool:
        """True if the search was stopped by hand."""
        return self.record.status == RunStatus.INTERRUPTED


def optimize_model_into(
    out: Path,
    loaded: LoadedModel,
    request: SearchRequest,
    *,
    language: str,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> ModelReport:
    """Search a model from the beginning and fill the run folder.

    Args:
        out: new or empty folder.
        loaded: the model.
        request: how it is searched.
        language: of what is said meanwhile.
        checkpoint_seconds: time between two states kept [s].

    Raises:
        InputError: unknown algorithm or objective, a folder in use, or no plan that respects every rule was found.
    """
    if sys.stderr.isatty():
        sys.stderr.write(f"{text('search_anchors', language)}\n")
    return _work(WorkingFolder(out, _first_record(loaded, request)), loaded, request, None, checkpoint_seconds)


def resume_model_into(
    out: Path, loaded: LoadedModel, budget: Budget, *, checkpoint_seconds: float = CHECKPOINT_SECONDS
) -> ModelReport | None:
    """Go on with a search of a model; None where it is complete.

    Args:
        out: its folder.
        loaded: the model, the same as before.
        budget: replaces the run's if it sets a limit.
        checkpoint_seconds: time between two states kept [s].

    Raises:
        InputError: not the folder of a search of this model, in use, or its checkpoint cannot be read.
    """
    lock = RunLock(out)
    try:
        record = read_record(out)
        if record.own_model is None:
            raise refuse("resume_of_no_model", file=out / RUN_FILE, layer="--resume")
        for name, recorded in record.digests.pairs():
            if (digest := getattr(_digests(loaded), name)) != recorded:
                raise refuse_other_digest(loaded.path, "model", digest, recorded)
        if record.status == RunStatus.COMPLETED:
            lock.release(out)
            return None
        state = read_checkpoint(out / CHECKPOINT_FILE)
    except BaseException:
        lock.release(out)
        raise
    before = Budget(record.evaluations_wanted, record.minutes_wanted)
    request = SearchRequest(
        algorithm=record.algorithm,
        objectives=record.objectives,
        seed=record.seed,
        budget=before if budget.is_open else budget,
        threads=record.threads,
    )
    return _work(WorkingFolder(out, record, lock), loaded, request, state, checkpoint_seconds)


def _work(
    working: WorkingFolder,
    loaded: LoadedModel,
    request: SearchRequest,
    state: SearchState | None,
    checkpoint_seconds: float,
) -> ModelReport:
    """Search and write; whatever ends it is told in run.json, and where the model fails, by its line."""
    try:
        with search_work(working, request.budget, checkpoint_seconds) as hooks:
            found = search_model(loaded.model, request, hooks=hooks, resume=state)
            front = front_of(found)
            write_progress(working.out, found.progress)
            write_model_front(working.out, loaded.model, found, front)
            interrupted = was_stopped(hooks) or found.interrupted
            ended = {
                "status": RunStatus.INTERRUPTED if interrupted else RunStatus.COMPLETED,
                "evaluations": int(found.evaluations),
                "seconds": float(found.seconds),
                "n_plans": len(front),
                "anchors": anchor_ranges(found.objectives, found.anchors),
            }
            working.end(working.record.model_copy(update=ended))
    except Exception as error:
        if lines_in(loaded.path, error):
            raise refuse_failure(loaded.path, error) from None
        raise
    return ModelReport(front, working.record)


def _first_record(loaded: LoadedModel, request: SearchRequest) -> RunRecord:
    """run.json of a search that begins."""
    model = loaded.model
    names = model.objectives if request.objectives is None else request.objectives
    name = type(model).__name__
    return begun_record(
        command="optimize",
        city=RunCity(name=name, path=str(loaded.path)),
        scenario=name,
        objectives=names,
        algorithm=request.algorithm,
        seed=request.seed,
        threads=request.threads,
        evaluations_wanted=request.budget.evaluations,
        minutes_wanted=request.budget.minutes,
        digests=_digests(loaded),
        own_model=OwnModel(source=loaded.source, objectives={name: _own_objective(model, name) for name in names}),
    )


def _own_objective(model: Model, name: str) -> OwnObjective:
    words = model.objective_labels.get(name, {})
    sense = "max" if model.signs[model.objectives.index(name)] > 0 else "min"
    labels = {"en": words.get("en", name), "zh": words.get("zh", name)}
    return OwnObjective.model_validate({"label": labels, "unit": model.objective_units.get(name, ""), "sense": sense})


def _digests(loaded: LoadedModel) -> Digests:
    """Digests of the villages, of what may be chosen, and of the file."""
    villages = hashlib.sha256("|".join(str(name) for name in loaded.model.village_id).encode()).hexdigest()
    return Digests(city=villages, scenario=loaded.model.digest, parameters=loaded.digest)
