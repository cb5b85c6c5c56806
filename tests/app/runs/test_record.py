"""run.json: older records still open, newer ones are refused, a spoiled one is told by file and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.runs.names import RunStatus
from app.runs.record import RECORD_VERSION, read_record, write_record
from app.runs.run_folder import load_run
from data.errors import InputError

GOLDEN = Path(__file__).with_name("golden")
"""run.json as written by 0.3.0, which gave no version: of a search and of a policy's plans."""


def _folder(tmp_path: Path, name: str, **changes: object) -> Path:
    content = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps(content | changes), encoding="utf-8")
    return tmp_path


def test_a_search_without_a_version_opens(tmp_path: Path) -> None:
    record = read_record(_folder(tmp_path, "search_v1"))
    assert (record.record_version, record.command, record.status) == (1, "optimize", RunStatus.COMPLETED)
    assert (record.seed, record.threads, record.evaluations_wanted, record.minutes_wanted) == (3, 1, 400, None)
    assert record.city.source == "tiny"
    assert set(record.anchors) == set(record.objectives)
    assert set(record.recommended) == {"investment_first", "commute_first", "accessibility_first", "balanced"}


def test_plans_of_a_policy_without_a_version_open(tmp_path: Path) -> None:
    record = read_record(_folder(tmp_path, "planned_v1"))
    assert record.is_planned
    assert len(record.preferences_planned) == record.evaluations
    assert len(record.preference_of_plan) == record.n_plans


@pytest.mark.parametrize("name", ["search_v1", "planned_v1"])
def test_what_is_read_is_written_again_under_the_same_names(name: str, tmp_path: Path) -> None:
    before = json.loads((_folder(tmp_path, name) / "run.json").read_text(encoding="utf-8"))
    write_record(tmp_path, read_record(tmp_path))
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8")) == before


def test_a_new_run_says_its_version_and_an_old_folder_is_read(run_folder: Path) -> None:
    content = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert content.pop("record_version") == RECORD_VERSION
    golden = json.loads((GOLDEN / "search_v1.json").read_text(encoding="utf-8"))
    preparations = {"policy", "policy_plans", "policy_seconds", "anchors_seconds"}
    assert set(content) == {*golden, *preparations, "model_version"}
    (run_folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    assert load_run(run_folder).record.record_version == 1


def test_the_record_of_a_later_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run\.json: record_version: is 99, but this program knows") as caught:
        read_record(_folder(tmp_path, "search_v1", record_version=99, status={"of": "later"}))
    assert "本程序只识别到" in caught.value.text("zh")


SPOILED: tuple[tuple[str, Any], ...] = (
    ("command", "evaluate"),
    ("status", "going"),
    ("seed", "3"),
    ("seed", -1),
    ("threads", 0),
    ("evaluations", 1.5),
    ("seconds", "x"),
    ("minutes_wanted", 0.0),
    ("objectives", []),
    ("recommended", "<script>"),
    ("city", None),
    ("digests", {"city": "", "scenario": ""}),
    ("anchors", {"mean_commute_km": {"best": 1.0}}),
)


@pytest.mark.parametrize(("field", "value"), SPOILED)
def test_a_spoiled_record_is_told_by_file_and_field(field: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"run\.json: {field}[\w.]*: is (missing|not)") as caught:
        read_record(_folder(tmp_path, "search_v1", **{field: value}))
    assert str(caught.value).count("\n") == 0
    assert "运行记录" in caught.value.text("zh")


def test_a_city_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="city: is not what"):
        read_record(_folder(tmp_path, "search_v1", city={"name": "tiny", "embedded": None, "path": None}))


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    _folder(tmp_path, "search_v1", seconds=float("nan"))
    with pytest.raises(InputError, match="seconds"):
        read_record(tmp_path)
