"""The table of agreements is made once, kept, read back bit for bit, and attached wherever a scenario asks for it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from app.cli.main import main
from app.files.kept import cache_folder
from app.runs import agreement_store
from app.runs.agreement_store import (
    FOLDER,
    MOST_TABLES,
    read_table,
    resolve_with_agreements,
    with_agreements,
    write_table,
)
from data.files.cities import load_city
from data.scenario import Bargaining, Scenario
from envs.kernel.agreements import Agreements
from envs.people.bargaining.table import table_digest

COUNTED = Scenario(
    plan_years=3,
    density_levels=1,
    facility_levels=1,
    bargaining=Bargaining.COUNTED,
    parameters={"shadow.facility_floor": 12_000},
)
CITY = load_city("tiny")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def same(one: Agreements | None, other: Agreements | None) -> bool:
    assert one is not None
    assert other is not None
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Agreements)]
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def test_it_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    first = resolve_with_agreements(COUNTED, CITY)
    kept = list(cache_folder(FOLDER).iterdir())
    assert [path.suffix for path in kept] == [".npz"]
    monkeypatch.setattr(agreement_store, "tabulate", lambda *_args, **_more: told.append(1))
    again = resolve_with_agreements(COUNTED, CITY)
    assert told == []
    assert same(first.agreements, again.agreements)
    reported = resolve_with_agreements(COUNTED.model_copy(update={"bargaining": Bargaining.REPORTED}), CITY)
    assert same(first.agreements, reported.agreements)
    assert with_agreements(first) is first
    monkeypatch.setattr("envs.people.bargaining.table.TABLE_VERSION", 99)
    assert read_table(kept[0], table_digest(first)) is None  # as it would be made by another version


def test_off_has_no_table() -> None:
    off = resolve_with_agreements(COUNTED.model_copy(update={"bargaining": Bargaining.OFF}), CITY)
    assert off.agreements is None
    assert not cache_folder(FOLDER).exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_what_cannot_be_read_is_made_again(content: bytes) -> None:
    first = resolve_with_agreements(COUNTED, CITY)
    path = next(cache_folder(FOLDER).glob("*.npz"))
    path.write_bytes(content)
    assert read_table(path, table_digest(first)) is None
    assert same(resolve_with_agreements(COUNTED, CITY).agreements, first.agreements)


def test_another_digest_is_not_read(tmp_path: Path) -> None:
    made = resolve_with_agreements(COUNTED, CITY)
    assert made.agreements is not None
    path = tmp_path / "table.npz"
    write_table(path, made.agreements, "a" * 64)
    assert read_table(path, "b" * 64) is None
    assert same(read_table(path, "a" * 64), made.agreements)
    assert read_table(tmp_path / "none.npz", "a" * 64) is None


def test_only_the_newest_are_kept() -> None:
    folder = cache_folder(FOLDER)
    folder.mkdir(parents=True)
    for k in range(MOST_TABLES + 3):
        (folder / f"{k:016d}.npz").write_bytes(b"old")
    resolve_with_agreements(COUNTED, CITY)
    assert len(list(folder.glob("*.npz"))) == MOST_TABLES


def test_without_a_folder_it_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert resolve_with_agreements(COUNTED, CITY).agreements is not None


@pytest.mark.parametrize("mode", ["reported", "counted"])
def test_evaluate_on_the_command_line(mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, plan = tmp_path / "s.yaml", tmp_path / "p.csv"
    scenario.write_text(
        f"plan_years: 3\nbargaining: {mode}\ndensity_levels: 1\nfacility_levels: 1\n"
        "parameters: {shadow.facility_floor: 12000}\n"
    )
    plan.write_text(
        "village_id,start_year,intensity,land_use,floor_area_ratio,facility_ratio\n"
        "V1,1,rebuild,commodity_housing,1.9,0.15\nV2,2,mixed,mixed_use,2.2,0.15\n"
    )
    out = tmp_path / "out"
    assert (
        main(["evaluate", "--city", "tiny", "--scenario", str(scenario), "--plan", str(plan), "--out", str(out)]) == 0
    )
    assert "Villages at risk" in capsys.readouterr().out
