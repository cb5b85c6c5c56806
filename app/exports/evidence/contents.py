"""What an evidence package holds, file by file: plan, outcomes, basis, compliance, explanation, record, self-check."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from app.compliance.exception_files import exceptions_yaml
from app.compliance.exceptions import bound
from app.compliance.matrix import Compliance
from app.compliance.tables import compliance_frame, compliance_record, exceptions_frame, places_frame
from app.exports.evidence.self_check import TOLERANCE, Check, self_check
from app.exports.layers import write_geojson, write_schedule
from app.files.names import without_formulas
from app.plans.tables import PlanTables, assumptions_frame
from app.record.log import head_and_lines
from app.record.printed import record_lines
from app.report.provenance import notes_frame
from app.runs.run_folder import Run
from app.words.fill_words import filled_counts
from data.dictionary import Column, table_columns
from data.parameter_book import load_book
from data.scenario_files import scenario_to_yaml
from envs.kernel.indicators.registry import INDICATORS, YEARLY
from envs.kernel.project_account import ITEMS


@dataclass(frozen=True, eq=False)
class Evidence:
    """A plan, and what a package says of it.

    Attributes:
        run: of the plan.
        plan_id: one of its plans.
        tables: of the plan.
        found: the plan against its rules, its exceptions bound to it.
        explanation: files of `renewal explain` by name; none where there is no explanation.
        files: path in the package -> content, without pages and manifest.
        checks: the self-check.
    """

    run: Run
    plan_id: str
    tables: PlanTables
    found: Compliance
    explanation: Mapping[str, bytes]
    files: Mapping[str, bytes]
    checks: tuple[Check, ...]


def gather(
    run: Run, plan_id: str, tables: PlanTables, found: Compliance, explanation: Mapping[str, bytes], folder: Path
) -> Evidence:
    """Put together what a package holds, and check it.

    Args:
        run: of the plan.
        plan_id: one of its plans.
        tables: of the plan.
        found: the plan against its rules.
        explanation: files of `renewal explain` by name.
        folder: an empty one to work in.

    Raises:
        InputError: the self-check fails, the record is broken, or the city lies nowhere on the globe.
    """
    granted = bound([item for item, _ in found.exceptions], found.plan_digest, run.resolved.digest)
    standings = [standing for _, standing in found.exceptions]
    found = replace(found, exceptions=tuple(zip(granted, standings, strict=True)))
    cash_flow = tables.cash_flow()
    files = dict(_plan_files(run, plan_id, tables, found, folder))
    checks = self_check(run, plan_id, tables, found, folder / "plan.csv", cash_flow)
    files |= dict(_outcome_files(tables, cash_flow))
    files |= dict(_basis_files(run, plan_id))
    files |= dict(_compliance_files(found, tables))
    files |= {f"explanation/{name}": content for name, content in explanation.items()}
    files |= dict(_record_files(run, plan_id))
    files["check/self_check.json"] = json_bytes(check_record(run, plan_id, tables, checks))
    return Evidence(run, plan_id, tables, found, explanation, files, checks)


def _plan_files(
    run: Run, plan_id: str, tables: PlanTables, found: Compliance, folder: Path
) -> Iterator[tuple[str, bytes]]:
    writers: dict[str, Callable[[Path, Run, str, PlanTables, Compliance], None]] = {
        "plan.csv": write_schedule,
        "villages.geojson": write_geojson,
    }
    for name, write in writers.items():
        write(folder / name, run, plan_id, tables, found)
        yield f"plan/{name}", (folder / name).read_bytes()
    if found.exceptions:
        yield "plan/exceptions.yaml", exceptions_yaml([item for item, _ in found.exceptions]).encode("utf-8")


def _outcome_files(tables: PlanTables, cash_flow: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    yield "outcomes/indicators.csv", csv_bytes(tables.indicators())
    yield "outcomes/yearly.csv", csv_bytes(tables.yearly())
    yield "outcomes/cash_flow.csv", csv_bytes(cash_flow)
    yield "outcomes/indicators_by_district.csv", csv_bytes(tables.by_district())


def _basis_files(run: Run, plan_id: str) -> Iterator[tuple[str, bytes]]:
    resolved = run.resolved
    yield "basis/scenario.yaml", scenario_to_yaml(resolved.scenario, load_book()).encode("utf-8")
    yield "basis/parameters.csv", csv_bytes(parameters_frame(run))
    yield "basis/sources.csv", csv_bytes(sources_frame(run))
    yield "basis/notes.csv", csv_bytes(notes_frame(run, plan_id))
    city = run.record.city.model_dump(mode="json", exclude={"path"})
    known: dict[str, Any] = {"crs": resolved.city.crs, "districts": list(resolved.city.districts)}
    known |= {"n_zones": resolved.city.n_zones, "n_villages": resolved.city.n_villages}
    yield "basis/city.json", json_bytes(city | known | {"digest": resolved.city.digest})


def parameters_frame(run: Run) -> pd.DataFrame:
    """Every parameter as it was used, with what the book has where the scenario changed it."""
    frame, published = assumptions_frame(run.resolved), load_book()
    frame.insert(4, "book_value", [published[key].value_text for key in frame["key"]])
    return frame


def sources_frame(run: Run) -> pd.DataFrame:
    """What the numbers rest on: sources of parameters with what rests on each, layers that are synthetic or filled."""
    book, city = run.resolved.book, run.resolved.city
    rows = [
        {
            "kind": "parameters", "source": source, "n": len(keys),
            "letters": " ".join(sorted({book[key].confidence for key in keys})), "what": "; ".join(keys),
        }
        for source, keys in _by_source(run).items()
    ]  # fmt: skip
    rows += [
        {"kind": "synthetic", "source": note, "n": 1, "letters": "E", "what": layer}
        for layer, note in sorted(city.synthetic.items())
    ]
    rows += [
        {
            "kind": "filled in",
            "source": fill.rule,
            "n": fill.n_filled,
            "letters": fill.letter,
            "what": f"{fill.layer}.{fill.column}",
        }
        for fill in city.fills
    ]
    return pd.DataFrame(rows, columns=list(table_columns("evidence", "sources")))


def _by_source(run: Run) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key in run.resolved.book.facts:
        keys.setdefault(run.resolved.book[key].source, []).append(key)
    return keys


def _compliance_files(found: Compliance, tables: PlanTables) -> Iterator[tuple[str, bytes]]:
    yield "compliance/clauses.csv", csv_bytes(compliance_frame(found))
    yield "compliance/places.csv", csv_bytes(places_frame(found, tables))
    yield "compliance/exceptions.csv", csv_bytes(exceptions_frame(found))
    yield "compliance/compliance.json", json_bytes(compliance_record(found))


def _record_files(run: Run, plan_id: str) -> Iterator[tuple[str, bytes]]:
    """The log of the run and its head; none where nothing is recorded."""
    head, lines = head_and_lines(run.folder)
    if not head:
        return
    yield "record/log.jsonl", "".join(f"{line}\n" for line in lines).encode("utf-8")
    said = {language: list(record_lines(run, plan_id, language)) for language in ("en", "zh")}
    yield "record/head.json", json_bytes({"head": head, "n_lines": len(lines), "said": said})


def check_record(run: Run, plan_id: str, tables: PlanTables, checks: tuple[Check, ...]) -> dict[str, Any]:
    """The self-check as JSON."""
    return {
        "plan_id": plan_id,
        "plan_digest": tables.digest,
        "digests": dict(run.record.digests.pairs()),
        "tolerance": TOLERANCE,
        "filled_values": filled_counts(run.resolved.city),
        "checks": [
            {
                "name": check.name, "holds": check.holds, "n_compared": check.n,
                "largest_relative_difference": check.largest, "en": check.words("en"), "zh": check.words("zh"),
            }
            for check in checks
        ],
    }  # fmt: skip


def dictionary_frame(files: Mapping[str, bytes]) -> pd.DataFrame:
    """One row per column of every table of the package: type, unit, labels, meaning.

    Args:
        files: path -> content, tables among them.
    """
    rows = []
    for path, content in sorted(files.items()):
        if not path.endswith(".csv"):
            continue
        head = content.decode("utf-8-sig").partition("\n")[0].strip()
        known = _known_columns(path)
        for name in (cell.strip().strip('"') for cell in head.split(",")):
            column = known.get(name) or _indicator_column(name)
            said: dict[str, Any] = {"file": path, "column": name}
            if column is not None:
                said |= {"type": column.type, "unit": column.unit, "label_en": column.label["en"]}
                said |= {"label_zh": column.label["zh"], "description": column.description}
            rows.append(said)
    return pd.DataFrame(rows, columns=list(table_columns("evidence", "dictionary")))


def _known_columns(path: str) -> Mapping[str, Column]:
    """Columns of a table of the package that the data dictionary has."""
    chapter, _, name = path.removesuffix(".csv").rpartition("/")
    place = {
        "compliance": "compliance", "explanation": "explain", "plan": "evidence", "outcomes": "evidence",
        "basis": "evidence", "": "evidence",
    }[chapter]  # fmt: skip
    try:
        return table_columns(place, name)
    except KeyError:
        return {}


def _indicator_column(name: str) -> Column | None:
    """Of a column that is an indicator, its yearly series, its change or an item of the account."""
    item = YEARLY.get(name) or INDICATORS.get(name) or INDICATORS.get(name.removesuffix("_change"))
    if item is not None:
        return Column(
            type="number",
            unit=item.unit,
            low=-1e30,
            high=1e30,
            label={"en": item.label["en"], "zh": item.label["zh"]},
            description=item.recipe_in("en"),
        )
    if name in {each.name for each in ITEMS} | {"net_cash_flow_cny"}:
        return table_columns("evidence", "cash_flow")["item"]
    return None


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as a spreadsheet opens it: UTF-8 with its mark, formulas neutralized."""
    return without_formulas(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def json_bytes(content: object) -> bytes:
    """JSON, the same for the same content."""
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")
