"""First page: what it says of the city, what a card begins, and the runs by name."""

from __future__ import annotations

import pytest

from app.runs.title import TITLE_FILE
from app.web.jobs.job_record import ordered_jobs
from app.web.sections.start.preset_words import preset_words
from data.catalogue import text
from data.scenario_files import load_scenario
from room_fixtures import shown

FIRST = {"city": "tiny", "preset": "balanced", "content": load_scenario("balanced").model_dump(mode="json")}


def _words(language: str) -> dict[str, str]:
    """What the first sentence of each preset says."""
    names = ("balanced", "accessibility_first", "by_the_rules")
    return {name: " ".join(preset_words(load_scenario(name), language)) for name in names}


def test_a_preset_says_what_it_puts_first() -> None:
    said = _words("zh")
    assert "同等看重" in said["balanced"]
    assert "最看重公共服务设施可达性（60.0 %）" in said["accessibility_first"]
    assert "≥ 0.8" in said["accessibility_first"]
    assert "硬性规则 6 条" in said["by_the_rules"]
    assert "60.0 %" in _words("en")["accessibility_first"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_city_its_badge_and_the_runs_by_name(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    (workspace.run_folder("first") / TITLE_FILE).unlink(missing_ok=True)
    workspace.write("draft", "d1", FIRST)
    app = open_page("start", lang=language, draft="d1")
    assert not app.exception
    assert not app.error
    page = shown(app)
    assert text("city_tiny", language) in page
    assert text("start_badge_villages", language) in page
    assert "first" in page
    next(item for item in app.button if "start_open" in item.key).click().run()
    assert app.query_params["run"] in ("first", ["first"])


def test_a_card_begins_a_search_of_its_preset_in_the_city_of_the_page(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    workspace.write("draft", "d1", FIRST)
    app = open_page("start", lang="en", draft="d1")
    next(item for item in app.button if item.key.startswith("begin:") and "commute_first" in item.key).click().run()
    (job,) = ordered_jobs(workspace)
    assert (job.order.city, job.order.minutes, job.scenario) == ("tiny", 1.0, "commute_first")  # type: ignore[union-attr]
    written = [workspace.read("draft", name) for name in workspace.names("draft")]
    assert any(item and item["preset"] == "commute_first" and item["city"] == "tiny" for item in written)
