"""What the system does to a command: nobody reads its output, names that no disk can hold."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[3]
RENEWAL = f"{shlex.quote(sys.executable)} -m app.cli.main"
LONG = "n" * 256


def in_a_shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, cwd=REPOSITORY, env=os.environ, check=False, timeout=120
    )


@pytest.mark.parametrize(
    "line",
    [
        "{renewal} scenario show balanced | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}",
        "{renewal} scenario show balanced | true; exit ${{PIPESTATUS[0]}}",
        "{renewal} city show tiny | true; exit ${{PIPESTATUS[0]}}",
        "{renewal} --help | true; exit ${{PIPESTATUS[0]}}",
        "{renewal} city list >&-",
        "{renewal} scenario show balanced >&- 2>&-",
        "{renewal} city list <&- >&- 2>&-",
        "{renewal} city list 2>&-",
    ],
)
def test_an_output_that_nobody_reads_is_no_error(line: str) -> None:
    done = in_a_shell(line.format(renewal=RENEWAL))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["{renewal} city lst 2>&-", "{renewal} city lst 2>&1 | true; exit ${{PIPESTATUS[0]}}"])
def test_wrong_words_are_wrong_though_nobody_hears_it(line: str) -> None:
    assert in_a_shell(line.format(renewal=RENEWAL)).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_full_disk_under_the_output_is_told() -> None:
    done = in_a_shell(f"{RENEWAL} scenario list > /dev/full")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "city show {long}.gpkg",
        "city validate {long}",
        "city synthesize --villages 8 --seed 1 --out {long}.gpkg",
        "city travel {city} --out {long}.parquet",
        "city import --zones {city} --villages {city} --mapping {long}.yaml --out c.gpkg",
        "scenario show {long}.yaml",
        "scenario anchors --city {long} --scenario balanced",
        "evaluate --city {city} --scenario balanced --plan {plan} --out {long}",
        "evaluate --city {city} --scenario balanced --plan {plan} --out a/{long}",
        "evaluate --city {city} --scenario balanced --plan {long} --out o",
        "evaluate --run {long} --plan p001 --out o",
        "check --city {city} --scenario balanced --plan {long}",
        "check --city {city} --scenario balanced --plan {plan} --report {long}.json",
        "optimize --city {city} --scenario balanced --out {long}",
        "optimize --city {city} --scenario balanced --out o --seed-plans {long}",
        "optimize --out {long} --resume",
        "export --run {long} --plan p001 --to a.csv",
        "plan --city {city} --scenario balanced --out {long}",
        "plan --city {city} --scenario balanced --out o --policy {long}",
        "compare {long} {long}1",
        "seek --city {city} --scenario balanced --lever villages_per_year --range 1 2 --out {long}",
        "sensitivity --run {long} --plan p001",
        "app --runs {long}",
        "bench --search --keep {long}.json",
    ],
)
def test_a_name_that_no_disk_holds_is_one_line(
    line: str,
    city_path: Path,
    plan_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main(line.format(long=LONG, city=city_path, plan=plan_path).split()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
