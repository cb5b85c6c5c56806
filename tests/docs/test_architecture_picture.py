"""The picture of the house is that of the house: its folders, and who uses whom."""

from __future__ import annotations

import re
import runpy
from graphlib import TopologicalSorter
from typing import Any

import pytest

from page_fixtures import ROOT


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "architecture_picture.py"))


@pytest.fixture(scope="module")
def house(script: dict[str, Any]) -> Any:
    return script["house"]()


def test_picture_is_up_to_date(script: dict[str, Any], house: Any) -> None:
    assert script["PICTURE"].read_text(encoding="utf-8") == script["drawing"](house), "run `make pictures`"


def test_table_is_up_to_date(script: dict[str, Any], house: Any) -> None:
    assert script["page_with"](script["table"](house)) == script["PAGE"].read_text(encoding="utf-8"), (
        "run `make pictures`"
    )


def test_boxes_are_the_folders(script: dict[str, Any], house: Any) -> None:
    boxes = set(re.findall(r'data-box="([^":]*)"', script["drawing"](house)))
    folders = {
        str(file.parent.relative_to(ROOT)) for top in script["tops"]() for file in (ROOT / top).glob("*/__init__.py")
    }
    assert boxes == folders


def test_data_flows_one_way(house: Any) -> None:
    assert house.above["data"] == set()
    assert house.above["envs"] == {"data"}
    assert house.above["agents"] == house.above["optimizers"] == {"data", "envs"}


def test_no_files_import_each_other_in_a_circle(script: dict[str, Any]) -> None:
    """Imports inside functions and for types count, too; graphlib names the circle."""
    files = script["modules"]()
    graph = {name: set(script["imported"](path, files)) - {name} for name, path in files.items()}
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(files)


def test_a_circle_is_refused(script: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="circle"):
        script["levels"](["a", "b"], {"a": {"b"}, "b": {"a"}})


def test_arrows_that_follow_are_left_out(script: dict[str, Any]) -> None:
    uses = {"roof": {"wall", "floor"}, "wall": {"floor"}, "floor": set()}
    assert script["direct"](list(uses), uses) == [("wall", "roof"), ("floor", "wall")]
