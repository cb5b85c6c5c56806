"""The notebooks of docs/examples run from top to bottom, and hold no output."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pytest

from page_fixtures import ROOT
from search_fixtures import quick_anchors

NOTEBOOKS = sorted((ROOT / "docs" / "examples").glob("*.ipynb"))


def name(path: Path) -> str:
    return path.stem


def code_cells(path: Path) -> Iterator[str]:
    notebook = nbformat.read(path, as_version=4)
    return (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")


def run_cell(source: str, place: str, names: dict[str, Any]) -> object:
    """Run a cell as a notebook does: all of it, and the value of its last line shown."""
    tree = ast.parse(source, place)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, place, "exec"), names)
    value = eval(compile(ast.Expression(last.value), place, "eval"), names) if last else None
    return getattr(value, "_repr_html_", value.__repr__)()


def test_there_are_four() -> None:
    assert [name(path) for path in NOTEBOOKS] == ["first_plan", "own_city", "read_a_run", "train_a_policy"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_is_a_notebook_without_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert notebook["cells"][0]["source"].startswith("# ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "policy" in path.stem:
        pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    plt.switch_backend("agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    names: dict[str, Any] = {"__name__": path.stem}
    with quick_anchors():
        shown = [run_cell(source, f"{path.name}, cell {k}", names) for k, source in enumerate(code_cells(path))]
    assert shown
    plt.close("all")
