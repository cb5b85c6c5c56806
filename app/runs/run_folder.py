"""The run folder: what a search found, and all that is needed to compute it again. Tables, JSON and YAML only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import replaced
from app.files.names import is_id
from app.plans.tables import plan_rows
from app.runs.agreement_store import resolve_with_agreements
from app.runs.names import FRONT_FILE, PLANS_FILE, PROGRESS_FILE, SCENARIO_FILE
from app.runs.plan_files import MOST_GIVEN, PLAN_COLUMNS
from app.runs.record import (
    RunRecord,
    bounds_digest,
    read_opened_record,
    refuse_older_model,
    refuse_own_model,
)
from data.catalogue import message
from data.city import City
from data.errors import InputError, printable, reason_of, refuse
from data.files.cities import load_city
from data.files.parquet_tables import read_parquet_table
from data.parameter import unknown_name
from data.parameter_book import load_book
from data.scenario import INTENSITIES, LAND_USES, Scenario
from data.scenario_files import load_scenario, scenario_to_yaml
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import OPTIONAL_COLUMNS

PROGRESS_COLUMNS = ("evaluations", "seconds", "hypervolume", "front_size")
TEXT_COLUMNS = ("plan_id", "valid")
MOST_PLANS = 10_000
"""Of a run folder that is read; a search keeps 300."""


@dataclass(frozen=True, eq=False)
class Run:
    """A run read back.

    Attributes:
        folder: where it lies.
        record: run.json.
        resolved: its scenario against its city, digests checked.
        plan_ids: ids in the order of the batch.
        plans: the batch.
        front: front.csv.
    """

    folder: Path
    record: RunRecord
    resolved: ResolvedScenario
    plan_ids: tuple[str, ...]
    plans: Plans
    front: pd.DataFrame

    def plan(self, plan_id: str) -> Plans:
        """One plan as a batch.

        Raises:
            InputError: there is no such plan.
        """
        if plan_id not in self.plan_ids:
            problem = unknown_name(plan_id, self.plan_ids)
            first, last = self.plan_ids[0], self.plan_ids[-1]
            file = self.folder / FRONT_FILE
            raise refuse("plan_unknown_in_run", file=file, layer="plan_id", problem=problem, first=first, last=last)
        position = self.plan_ids.index(plan_id)
        return self.plans[position : position + 1]


def plan_id_of(position: int) -> str:
    """Id of the plan at a position of the front: p001, p002, ..."""
    return f"p{position + 1:03d}"


def write_scenario(folder: Path, resolved: ResolvedScenario) -> None:
    """Replace scenario.yaml."""
    with replaced(folder / SCENARIO_FILE) as partial:
        partial.write_text(scenario_to_yaml(resolved.scenario, load_book()), encoding="utf-8")


def write_progress(folder: Path, progress: Sequence[Mapping[str, Any]]) -> None:
    """Replace progress.csv, of rows with PROGRESS_COLUMNS."""
    steps = pd.DataFrame(list(progress), columns=list(PROGRESS_COLUMNS))
    whole = dict.fromkeys(("evaluations", "front_size"), np.int64)
    with replaced(folder / PROGRESS_FILE) as partial:
        steps.astype(whole).to_csv(partial, index=False)


def write_front(folder: Path, resolved: ResolvedScenario, plans: Plans, front: pd.DataFrame) -> None:
    """Replace front.csv (app.plans.tables.front_frame) and plans.parquet, the plans in its order."""
    with replaced(folder / FRONT_FILE) as partial:
        front.to_csv(partial, index=False)
    with replaced(folder / PLANS_FILE) as partial:
        plans_frame(plans, front["plan_id"].tolist(), resolved.city).to_parquet(partial, index=False)


def plans_frame(plans: Plans, plan_ids: Sequence[str], city: City) -> pd.DataFrame:
    """One row per plan and village."""
    tables = []
    for k, plan_id in enumerate(plan_ids):
        rows = plan_rows(plans[k : k + 1], city.villages.village_id)
        rows.insert(0, "plan_id", plan_id)
        tables.append(rows)
    if not tables:
        return pd.DataFrame(columns=["plan_id", *PLAN_COLUMNS])
    return pd.concat(tables, ignore_index=True)


def load_run(
    folder: Path,
    *,
    city: str | None = None,
    read_city: Callable[[str], City] = load_city,
    resolve_with: Callable[[Scenario, City], ResolvedScenario] = resolve_with_agreements,
) -> Run:
    """Read a run folder and resolve its scenario against its city.

    Args:
        folder: the run.
        city: where the city lies now, if it was moved; its digest must still be the run's.
        read_city: how a city is read, for callers that keep cities.
        resolve_with: how a scenario is resolved, for callers that keep resolved scenarios.

    Raises:
        InputError: a file is missing or malformed, the run is not complete or of an older model (app.runs.stored_run
            reads what such a run stored), or city, scenario or parameters are not those of the run.
    """
    record = read_opened_record(folder)
    resolved = resolve_run(folder, record, city=city, read_city=read_city, resolve_with=resolve_with)
    plan_ids, plans = read_plans(folder / PLANS_FILE, resolved.city)
    front = read_front(folder / FRONT_FILE, plan_ids, grows=record.provisional)
    n = len(front)
    return Run(folder=folder, record=record, resolved=resolved, plan_ids=plan_ids[:n], plans=plans[:n], front=front)


def resolve_run(
    folder: Path,
    record: RunRecord,
    *,
    city: str | None = None,
    read_city: Callable[[str], City] = load_city,
    resolve_with: Callable[[Scenario, City], ResolvedScenario] = resolve_with_agreements,
) -> ResolvedScenario:
    """Resolve the scenario of a run against its city, with the digests checked; see load_run."""
    refuse_own_model(folder, record)
    refuse_older_model(folder, record)
    source = city or record.city.source
    resolved_city = read_city(source)
    scenario = load_scenario(folder / SCENARIO_FILE)
    for name, digest, recorded in (
        ("city", resolved_city.digest, record.digests.city),
        ("scenario", bounds_digest(scenario), record.digests.scenario),
        ("parameters", load_book().override(scenario.parameters).digest, record.digests.parameters),
    ):
        if digest != recorded:
            raise refuse_other_digest(source if name == "city" else folder / SCENARIO_FILE, name, digest, recorded)
    return resolve_with(scenario, resolved_city)


def seed_plans_of(folder: Path, city: City, source: str) -> Plans:
    """The plans of a run as a beginning for another; those of an older model too, for plans are plans.

    Args:
        folder: the run.
        city: of the search that begins.
        source: where that city lies.

    Raises:
        InputError: as load_run, or the run of an older model lists other villages.
    """
    if read_opened_record(folder).is_older:
        return read_plans(folder / PLANS_FILE, city)[1]
    return load_run(folder, city=source).plans


def refuse_other_digest(file: object, part: str, digest: str, recorded: str) -> InputError:
    """The refusal of a city, scenario or parameters that are not the run's.

    Args:
        file: of the part.
        part: `city`, `scenario` or `parameters`.
        digest: of what is there.
        recorded: in the record of the run.
    """
    name = message(f"part_{part}")
    return refuse("digest_not_of_run", file=file, name=name, digest=digest[:12], recorded=recorded[:12])


def read_plans(path: Path, city: City) -> tuple[tuple[str, ...], Plans]:
    """Read plans.parquet into a batch, in the order of the file.

    Raises:
        InputError: it cannot be read, or does not list every village of the city once per plan.
    """
    try:
        columns = ["plan_id", *PLAN_COLUMNS]
        table = read_parquet_table(path, columns, MOST_PLANS * city.n_villages, optional=OPTIONAL_COLUMNS)
    except InputError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise refuse("plans_unreadable", file=path, reason=reason_of(error)) from None
    ids = list(dict.fromkeys(table["plan_id"].tolist()))
    wrong = [printable(str(name), 40) for name in ids if not is_id(str(name))]
    if wrong:
        raise refuse("ids_wrong", file=path, layer="plan_id", rows=wrong)
    shape = (len(ids), city.n_villages)
    expected = np.tile(city.villages.village_id, len(ids)).astype(str)
    order = np.repeat(ids, city.n_villages)
    if len(table) != len(order) or (table["plan_id"].to_numpy(str) != order).any():
        raise refuse("plans_of_some_villages", file=path, layer="plan_id", n=city.n_villages)
    if (table["village_id"].to_numpy(str) != expected).any():
        raise refuse("plans_of_other_villages", file=path, layer="village_id")
    whole = [_numbers(path, table, "start_year").astype(np.int64)]
    whole += [_positions(path, table, "intensity", INTENSITIES), _positions(path, table, "land_use", LAND_USES)]
    ratio = [_numbers(path, table, name) for name in ("floor_area_ratio", "facility_ratio")]
    given = {name: _given(path, table, name).reshape(shape) for name in OPTIONAL_COLUMNS if name in table}
    return tuple(ids), Plans(*(column.reshape(shape) for column in (*whole, *ratio)), **given)


def _given(path: Path, table: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An optional column: numbers, or nothing where the model decides."""
    left = table[name].isna().to_numpy()
    values = _numbers(path, table.assign(**{name: table[name].where(~left, 0.0)}), name)
    high = MOST_GIVEN[name]
    if (values > high).any() or (name == "compensation_multiplier" and (values[~left] == 0.0).any()):
        raise refuse("given_out_of_range", file=path, layer=name, most=high)
    return np.where(left, np.nan, values)


def _numbers(path: Path, table: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        values = table[name].to_numpy(np.float64)
    except (TypeError, ValueError):
        raise refuse("numbers_needed", file=path, layer=name) from None
    if not (np.isfinite(values) & (values >= 0.0)).all():
        raise refuse("numbers_not_negative", file=path, layer=name)
    return values


def _positions(path: Path, table: pd.DataFrame, name: str, words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    position = {str(word): k for k, word in enumerate(words)}
    unknown = sorted({str(cell) for cell in table[name].unique()} - set(position))
    if unknown:
        raise refuse("word_not_among", file=path, layer=name, choices=tuple(position), found=printable(unknown[0], 40))
    return np.array([position[str(cell)] for cell in table[name]], dtype=np.int64)


def read_front(path: Path, plan_ids: Sequence[str], *, grows: bool = False) -> pd.DataFrame:
    """Read front.csv, every number exactly as it was written.

    Args:
        path: the file.
        plan_ids: of plans.parquet, in its order.
        grows: a search adds plans to both files just now, one after the other: what both list already is read.

    Raises:
        InputError: it cannot be read, or lists other plans.
    """
    try:
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)
        missing = [name for name in ("plan_id", "valid", "n_violations") if name not in cells]
        if missing:
            raise refuse("columns_missing", file=path, names=missing)
        numbers: dict[str, list[float]] = {
            str(name): [float(cell or "nan") for cell in cells[name]] for name in cells if name not in TEXT_COLUMNS
        }
        front = cells.assign(**numbers, valid=cells["valid"] == "True").astype({"n_violations": np.int64})
        listed = front["plan_id"].tolist()
    except InputError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise refuse("front_unreadable", file=path, reason=reason_of(error)) from None
    if grows:
        n = min(len(listed), len(plan_ids))
        front, listed, plan_ids = front.iloc[:n], listed[:n], plan_ids[:n]
    if listed != list(plan_ids) or (grows and not listed):
        raise refuse("front_of_other_plans", file=path, layer="plan_id")
    return front
