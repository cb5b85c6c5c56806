"""The page of planner checks is made from runs, and its numbers are those of the evaluator."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.main import main
from app.plans.tables import plan_tables
from data.scenario import Intensity
from data.scenario_files import load_scenario
from page_fixtures import ROOT, n_words, sentences

PRESETS = ("investment_first", "by_the_rules")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of the tiny city under the names of presets."""
    folder = tmp_path_factory.mktemp("runs")
    out = folder / PRESETS[0]
    options = ["--city", "tiny", "--scenario", "tiny", "--evaluations", "60", "--lang", "en", "--out", str(out)]
    assert main(["optimize", *options]) == 0
    shutil.copytree(out, folder / PRESETS[1])
    return folder


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(ROOT / "docs"))
    import planner_check

    sys.path.remove(str(ROOT / "docs"))
    return planner_check


@pytest.fixture(scope="module")
def choice(script: Any, runs: Path) -> Any:
    return script.read(runs)[0]


def test_page_and_picture_are_written(script: Any, runs: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "picture.svg"
    script.write(runs, page, picture)
    assert 1_000 < picture.stat().st_size < 100_000
    text = page.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in PRESETS)
    assert "nan" not in text.lower().split()
    assert np.mean([n_words(sentence) for sentence in sentences(page)]) < 22
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({line.count(" | ") for line in table.splitlines() if not line.startswith("|--")}) == 1, table


def test_the_best_valid_plan_is_chosen(choice: Any) -> None:
    """By hand: a sum of thirds of (f - worst) / (best - worst)."""
    front, anchors = choice.run.front, choice.run.record.anchors
    score = sum((front[name] - ends.worst) / (ends.best - ends.worst) for name, ends in anchors.items()) / 3.0
    assert score[choice.position] == pytest.approx(score[front["valid"]].max())
    assert choice.score == pytest.approx(score[choice.position])


@pytest.mark.usefixtures("script")
def test_presets_that_differ_in_preferences_share_a_search() -> None:
    searched = sys.modules["planner_choice"]._searched
    alike = [searched(load_scenario(name)) for name in ("investment_first", "balanced", "commute_first")]
    assert alike[0] == alike[1] == alike[2] != searched(load_scenario("by_the_rules"))


def test_numbers_are_those_of_the_run(choice: Any) -> None:
    row = choice.run.front.iloc[choice.position]
    assert choice.values["total_cost_cny"] == pytest.approx(row["total_cost_cny"])
    assert sum(map(choice.n_villages, Intensity)) == row["renewed_villages"]
    assert choice.districts["commodity_sold_m2"].sum() == pytest.approx(row["new_commodity_floor_m2"])
    assert choice.n_for_sale > 0


def test_prices_by_hand(choice: Any) -> None:
    """The village of one district sells 40, 35 and 25 % of its floor in three years."""
    sold, factor = choice.districts["commodity_sold_m2"], choice.districts["sale_price_factor"]
    district = sold.sum(axis=1).argmax()
    years = np.flatnonzero(sold[district])
    assert len(years) >= 3
    np.testing.assert_allclose(
        choice.sales_ratio[district], sold[district] / choice.districts["normal_sales_m2"][district]
    )
    assert factor[district].min() <= choice.price_received <= factor[district][years].max()


def test_floors_are_those_of_the_table_of_villages(choice: Any) -> None:
    table = plan_tables(choice.run.resolved, choice.plan).village_outcomes()
    renewed = table[table["start_year"] > 0]
    assert choice.torn_down == pytest.approx(renewed["demolished_floor_m2"].sum() / renewed["existing_floor_m2"].sum())
    facilities = renewed["facility_floor_m2"].sum() / renewed["residents_after_persons"].sum()
    assert choice.facilities_per_resident == pytest.approx(facilities)
    services, density = (choice.run.resolved.book.number(f"hedonic.{name}") for name in ("services", "density"))
    assert abs(choice.hedonic - 1.0) <= (1.0 + services) * 4.0**density - 1.0
    assert 0.5 < choice.facility_standard < 5.0


def test_everybody_displaced_lives_somewhere(choice: Any) -> None:
    lost, here = choice.tenants_moved
    assert lost.sum() == pytest.approx(here.sum())
    assert lost.sum() == pytest.approx(choice.values["displaced_tenants_persons"])
    assert (lost <= choice.tenants_by_district + 1e-9).all()
    assert 0.0 < choice.asked_at_home <= lost.sum()
    assert not choice.full.any()


def test_a_plan_that_does_nothing_has_dashes(script: Any, choice: Any) -> None:
    """In the tiny city nothing earns as much as the empty plan."""
    idle = sys.modules["planner_choice"].most_money(choice)
    assert idle.values["renewed_villages"] == 0
    page = script.page([idle, choice])
    assert "| first and last start year | - |" in page
    assert re.search(r"\| all costs per m2 built, CNY \| - \| [\d,]+ \|", page)
