"""The stranger's test of docs/architecture.md: its examples are applied to a copy of the house and run there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from page_fixtures import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = ("Add an indicator", "Add a rule", "Add a page", "Change a price", "Add a search algorithm")
EXAMPLES = dict(zip(NAMED, re.split(r"^### .*\n", PAGE, flags=re.MULTILINE)[1:], strict=True))


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def apply_diff(diff: str, folder: Path) -> None:
    """Apply a diff whose hunks are found by their lines: `--- path`, then hunks apart by `@@`.

    A hunk without context is put at the end of its file, which is made where it is not there.
    """
    for path, changes in re.findall(r"^--- (\S+)\n(.*?)(?=^--- |\Z)", diff, flags=re.DOTALL | re.MULTILINE):
        file = folder / path
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for hunk in re.split(r"^@@.*\n", changes, flags=re.MULTILINE):
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
            after = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
            assert text.count(before) == 1 if before else True, f"{path}: {before!r}"
            text = text.replace(before, after) if before else text + after
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with all five examples in it; what is compiled comes along, for a copy keeps its times."""
    folder = tmp_path_factory.mktemp("house")
    for top in ("data", "envs", "agents", "optimizers", "app"):
        shutil.copytree(ROOT / top, folder / top, ignore=shutil.ignore_patterns("build"))
    for text in EXAMPLES.values():
        (diff,) = blocks("diff", text)
        apply_diff(diff, folder)
    return folder


def test_examples_run(copy: Path) -> None:
    """Each prints what its comment says."""
    programs = [program for text in EXAMPLES.values() for program in blocks("python", text)]
    assert len(programs) == len(NAMED)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "\n".join(programs)],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "PATH": "", "HOME": str(copy), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said = re.findall(r"^print.*  # (.*)$", "\n".join(programs), flags=re.MULTILINE)
    assert run.stdout.splitlines() == said


def test_examples_are_clean(copy: Path) -> None:
    """What the page shows passes the same lint as everything else."""
    changed = sorted(path for path in re.findall(r"^--- (\S+\.py)$", PAGE, flags=re.MULTILINE))
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--config", str(ROOT / "pyproject.toml"), *changed]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_twelve_changes_are_placed() -> None:
    """Each in three lines, and every file or folder they name is there or is NAME, yet to be made."""
    table = PAGE.split("## Where a change belongs")[1].split("\n\n")[0]
    rows = [row.split(" | ") for row in table.splitlines()[3:]]
    assert len(rows) == 12
    for change, files in rows:
        assert files.count("<br>") == 2, change
    for path in re.findall(r"`((?:data|envs|agents|optimizers|app|tests)/[\w/.]+)`", table):
        assert "NAME" in path or (ROOT / path).exists(), path


def test_kinds_are_registered_where_the_page_says() -> None:
    rows = re.findall(r"^\| .* \| `(\w+)` in `([\w/.]+)` \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 8
    for name, path in rows:
        assert re.search(rf"^(?:def )?{name}\b", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE), path
