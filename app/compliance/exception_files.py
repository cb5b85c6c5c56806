"""Files of exceptions: a table or YAML that people write, read strictly; YAML beside the plan, with its digests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.compliance.exceptions import GrantedException
from app.files.atomic import new_file
from app.files.names import FORMULA_STARTS
from app.runs.names import EDITED
from data.catalogue import LANGUAGES, Message, message
from data.errors import InputError, printable, refuse
from data.files.table_files import read_csv_table
from data.headings.synonyms import EXCEPTIONS, read_heading, synonyms
from data.parameter import unknown_name
from data.strict_yaml import dump_mapping, read_mapping
from data.table_cells import is_missing
from envs.kernel import ResolvedScenario
from envs.rules.check import Rule, rules_of
from envs.rules.targets import target_rule

SUFFIXES = (".csv", ".yaml", ".yml")
FIELDS = ("rule", "villages", "reason", "name", "role", "granted", "plan_digest", "scenario_digest")
NEEDED = ("rule", "reason", "name", "role")
LONGEST: Mapping[str, int] = {"reason": 1_000, "name": 80, "role": 80, "rule": 200}
"""Letters of a field."""
MOST_EXCEPTIONS, MOST_BYTES, MOST_ERRORS = 500, 2_000_000, 20
FOLDER, FILE_SUFFIX, VERSION = "exceptions", ".exceptions.yaml", 1
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BETWEEN = re.compile(r"[;；,，、]+")

Cells = Mapping[str, object]


def exceptions_of_run(folder: Path, plan_id: str) -> Path:
    """Where exceptions of a plan of a run lie, edited or not: beside the run's plans."""
    return folder / FOLDER / f"{plan_id.partition(EDITED)[0]}.yaml"


def exceptions_of_file(plan: Path) -> Path:
    """Where exceptions of a plan in a file of its own lie: beside it."""
    return plan.with_name(plan.stem + FILE_SUFFIX)


def read_exceptions(path: Path, resolved: ResolvedScenario) -> tuple[GrantedException, ...]:
    """Read a file of exceptions.

    Args:
        path: CSV with headings in English or Chinese, or YAML.
        resolved: scenario whose rules and villages may be named.

    Raises:
        InputError: everything that is wrong, in one message: row, field, rule and remedy.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise refuse("suffix_wrong", file=path, suffixes=SUFFIXES)
    if not path.is_file():
        raise refuse("file_absent" if not path.exists() else "no_plain_file", file=path)
    if path.stat().st_size > MOST_BYTES:
        raise refuse("file_too_large", file=path, most=MOST_BYTES)
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _yaml_rows(path)
    if not rows:
        raise refuse("exceptions_none", file=path)
    if len(rows) > MOST_EXCEPTIONS:
        raise refuse("exceptions_too_many", file=path, most=MOST_EXCEPTIONS, n=len(rows))
    read: list[GrantedException] = []
    errors: list[InputError] = []
    for row, cells in rows:
        try:
            read.append(checked_exception(cells, resolved))
        except InputError as error:
            errors.append(error.within(file=path, layer=row))
    if errors:
        refusals = [refusal for error in errors for refusal in error.refusals]
        raise InputError(*refusals[:MOST_ERRORS], n_more=max(0, len(refusals) - MOST_ERRORS))
    return tuple(read)


def kept_exceptions(path: Path, resolved: ResolvedScenario) -> tuple[GrantedException, ...]:
    """Exceptions that lie beside a plan; none where no file does."""
    return read_exceptions(path, resolved) if path.exists() else ()


def write_exceptions(path: Path, exceptions: Sequence[GrantedException]) -> None:
    """Write exceptions as YAML; without any, the file goes.

    Raises:
        InputError: the disk refuses.
    """
    if not exceptions:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    with new_file(path) as draft:
        draft.write_text(exceptions_yaml(exceptions), encoding="utf-8")


def exceptions_yaml(exceptions: Sequence[GrantedException]) -> str:
    """Exceptions as `read_exceptions` reads them."""
    return dump_mapping({"version": VERSION, "exceptions": [item.record() for item in exceptions]})


def checked_exception(cells: Cells, resolved: ResolvedScenario) -> GrantedException:
    """An exception from its fields.

    Raises:
        InputError: a needed field is empty, too long, or names what the scenario or the city does not have; of one
            that was granted under another scenario rule and villages are taken as they stand.
    """
    texts = {name: _text(cells.get(name)) for name in FIELDS if name != "villages"}
    for name in NEEDED:
        if not texts[name]:
            raise refuse("exception_field_empty", layer=name)
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            raise refuse("exception_field_long", layer=name, most=most, n=len(texts[name]))
    _check_day(texts["granted"])
    for name in ("plan_digest", "scenario_digest"):
        if texts[name] and not _DIGEST.fullmatch(texts[name]):
            raise refuse("exception_digest_wrong", layer=name, found=texts[name][:20])
    villages = _village_ids(cells.get("villages"))
    if texts["scenario_digest"] not in ("", resolved.digest):  # its rules and villages may be none of these
        return GrantedException(**texts, villages=villages)
    rule = _rule(texts["rule"], resolved)
    _check_villages(villages, rule, resolved)
    return GrantedException(**(texts | {"rule": rule.name}), villages=villages)


def _text(cell: object) -> str:
    """A cell as it is meant: trimmed, on one line, without the apostrophe that an export put before a formula."""
    if cell is None or is_missing(cell):
        return ""
    words = printable(" ".join(str(cell).split()))
    return words[1:] if words.startswith("'") and words[1:].startswith(FORMULA_STARTS) else words


def _rule(words: str, resolved: ResolvedScenario) -> Rule:
    """The rule that is named, by its name or its label in either language."""
    told = map(target_rule, resolved.scenario.targets)
    rules = {rule.name: rule for rule in (*told, *rules_of(resolved.scenario).values())}
    labels = {rule.label[language].casefold(): rule for rule in rules.values() for language in LANGUAGES}
    rule = rules.get(words) or labels.get(words.casefold())
    if rule is None:
        raise refuse("exception_rule_unknown", layer="rule", problem=unknown_name(words, rules))
    return rule


def _village_ids(cell: object) -> tuple[str, ...]:
    """Ids of a cell or a list, each once."""
    parts = [_text(item) for item in cell] if isinstance(cell, list) else _BETWEEN.split(_text(cell))
    return tuple(dict.fromkeys(name.strip() for name in parts if name.strip()))


def _check_villages(names: Sequence[str], rule: Rule, resolved: ResolvedScenario) -> None:
    known = set(resolved.city.villages.village_id.tolist())
    unknown = [name for name in names if name not in known]
    if unknown:
        raise refuse("exception_villages_unknown", layer="villages", rows=unknown, city=resolved.city.name)
    if names and rule.offenders is None:
        raise refuse("exception_not_of_villages", layer="villages", rule=rule.name)


def _check_day(words: str) -> None:
    try:
        if words and len(words) != len("2026-01-31"):
            raise ValueError
        if words:
            date.fromisoformat(words)
    except ValueError:
        raise refuse("exception_day_wrong", layer="granted", found=words[:20]) from None


def _csv_rows(path: Path) -> list[tuple[Message, Cells]]:
    try:
        frame, _ = read_csv_table(path, None, MOST_EXCEPTIONS)
    except InputError as error:
        raise error.within(file=path) from None
    columns: dict[str, str] = {}
    for name in map(str, frame.columns):
        meant = read_heading(name, EXCEPTIONS)
        if meant is None:
            raise refuse("exceptions_column_unknown", file=path, name=name[:40], known=tuple(_headings()))
        if meant.column in columns:
            raise refuse("column_twice", file=path, name=name[:40])
        columns[meant.column] = name
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise refuse("columns_missing", file=path, names=missing)
    return [
        (message("exception_row", n=k), {ours: row[theirs] for ours, theirs in columns.items()})
        for k, row in enumerate(frame.to_dict(orient="records"), start=1)
    ]


@cache
def _headings() -> list[str]:
    """Every column, by its name and what it is called in Chinese."""
    return [f"{name} ({names[-1]})" for name, names in synonyms(EXCEPTIONS).items()]


def _yaml_rows(path: Path) -> list[tuple[Message, Cells]]:
    content = read_mapping(path)
    if content.get("version", VERSION) != VERSION:
        raise refuse("exceptions_version", file=path, version=VERSION, found=str(content["version"])[:20])
    entries = content.get("exceptions")
    if set(content) - {"version", "exceptions"} or not isinstance(entries, list):
        raise refuse("exceptions_no_list", file=path)
    return list(_entries(path, entries))


def _entries(path: Path, entries: Sequence[Any]) -> Iterator[tuple[Message, Cells]]:
    for k, entry in enumerate(entries, start=1):
        row = message("exception_row", n=k)
        if not isinstance(entry, dict):
            raise refuse("exceptions_no_list", file=path, layer=row)
        unknown = [name for name in entry if name not in FIELDS]
        if unknown:
            raise refuse("field_unknown", file=path, layer=row, problem=unknown_name(unknown[0], FIELDS))
        for name, value in entry.items():
            is_list = name == "villages" and isinstance(value, list) and all(isinstance(item, str) for item in value)
            if not (isinstance(value, str) or is_list):
                raise refuse("exception_no_text", file=path, layer=row, name=name)
        yield row, entry
