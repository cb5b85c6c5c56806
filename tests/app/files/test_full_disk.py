"""A disk that takes no more: the bytes themselves are refused; each command says so once and leaves no half file."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli.main import main
from app.web.documents.workspace import Workspace
from data.errors import InputError


@contextmanager
def largest_file(n_bytes: int) -> Iterator[None]:
    """While entered, no file of this process grows beyond that; a write fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # openpyxl's half-written sheets
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".csv", ".xlsx", ".pdf"])
def test_an_export_keeps_the_old_file(
    suffix: str, run_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / f"plan{suffix}"
    out.parent.mkdir()
    out.write_bytes(b"old")
    with largest_file(400):
        code = main(["export", "--run", str(run_folder), "--plan", "p001", "--to", str(out)])
    assert (code, out.read_bytes()) == (2, b"old")
    assert capfd.readouterr().err.splitlines()[-1].startswith("error: ")
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--city", "tiny", "--scenario", "tiny", "--plan", "PLAN"],
        ["optimize", "--city", "tiny", "--scenario", "tiny", "--evaluations", "50"],
        ["city", "synthesize", "--villages", "12"],
        ["plan", "--city", "tiny", "--scenario", "tiny"],
        ["train", "--city", "tiny", "--scenario", "tiny", "--steps", "1"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_leaves_nothing(command: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text("village_id,start_year,intensity,land_use,floor_area_ratio,facility_ratio\n")
    out = tmp_path / ("out.gpkg" if command[0] == "city" else "out")
    given = [str(plan) if word == "PLAN" else word for word in command]
    main([*given, "--help"])  # what help imports may write is written before
    capfd.readouterr()
    with largest_file(400):
        code = main([*given, "--out", str(out)])
    assert code == 2
    shown = capfd.readouterr().err
    assert sum(line.startswith("error: ") for line in shown.splitlines()) == 1
    assert "Traceback" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]


def test_a_document_of_the_room_stays_as_it_was(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.write("draft", "d", {"content": {"plan_years": 5}})
    with largest_file(100), pytest.raises(InputError, match="cannot be written"):
        workspace.write("draft", "d", {"content": {"name": "x" * 500}})
    assert workspace.read("draft", "d") == {"content": {"plan_years": 5}}
    assert [path.name for path in (workspace.room / "draft").iterdir()] == ["d.json"]
