"""Every page and every section opens, in both languages, and shows the numbers of the run folder."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.runs.run_folder import load_run
from app.web.documents.scenario_draft import draft_of
from app.web.sections.residents import gains_section
from app.web.shell import cached_people
from app.words.console import value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from room_fixtures import choose, shown

LANGUAGES = ("zh", "en")
SECTIONS = {
    "scenario": ("scenario_section", ("bounds", "rules", "targets", "villages", "parameters")),
    "front": ("method", ("pick", "reference", "limits", "walk")),
    "plan": (
        "plan_section",
        (
            "map",
            "reasons",
            "schedule",
            "money",
            "people",
            "residents",
            "gains",
            "day",
            "parties",
            "travel",
            "scorecard",
            "indicators",
            "edit",
            "export",
        ),
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", SECTIONS)
def test_sections_open(open_page, workspace, page: str, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page(page, lang=language, run="first")
    key, sections = SECTIONS[page]
    for section in sections:
        choose(app, key, section)
        assert not app.exception
        assert not app.error
        assert app.title


def test_a_day_of_another_year(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    """The tables of the section are those of the year that is asked for."""
    app = open_page("plan", lang="en", run="first")
    choose(app, "plan_section", "day")
    app.number_input[0].set_value(2).run()
    assert not app.exception
    assert "year 2 of the plan" in shown(app)
    assert len(app.dataframe) == 4


def test_care_is_weighed_again_without_counting_again(open_page, workspace, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A large city is counted when asked to; then the slider changes the care-weighted mean alone."""
    monkeypatch.setattr(gains_section, "AT_ONCE_PERSONS", 0)
    app = open_page("plan", lang="en", run="first")
    choose(app, "plan_section", "gains")
    assert not app.slider
    next(item for item in app.button if item.label == text("effects_count", "en")).click().run()
    before = {item.label: item.value for item in app.metric}
    monkeypatch.setattr(cached_people, "effects_of", None)
    app.slider[0].set_value(0.0).run()
    assert not app.exception
    after = {item.label: item.value for item in app.metric}
    efficiency, care = (text(f"effects_side_{side}", "en") for side in ("efficiency", "care"))
    assert after[care] == after[efficiency] == before[efficiency] != before[care]


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_page(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("search", lang=language)
    assert text("no_searches", language) in shown(app)
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_plan_shows_the_numbers_of_the_run(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    for position in (0, len(run.plan_ids) - 1):
        app = open_page("plan", lang=language, run="first", plan=run.plan_ids[position])
        row = run.front.iloc[position]
        figures = {item.label: item.value for item in app.metric}
        for name in run.resolved.scenario.objectives:
            item = INDICATORS[name]
            assert figures[item.label[language]] == value_text(float(row[name]), item.unit, language)
            most = value_text(float(run.front[name].max()), item.unit, language)
            assert any(caption.value.endswith(most) for caption in app.caption)


def test_a_link_leads_back(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    app = open_page("plan", lang="en", run="first", plan=run.plan_ids[-1])
    assert app.title[0].value == f"Plan {run.plan_ids[-1]}"
    assert app.query_params["plan"] in (run.plan_ids[-1], [run.plan_ids[-1]])


@pytest.mark.parametrize(
    "query",
    [
        {"run": "../first"},
        {"run": "nowhere"},
        {"run": "first", "plan": "p999"},
    ],
)
def test_wrong_links_are_told(open_page, workspace, query: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang="en", **query)
    assert not app.exception
    assert app.error or app.warning


def test_front_offers_every_plan(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    app = open_page("front", lang="en", run="first")
    picker = next(box for box in app.selectbox if box.label == "Plan")
    assert len(picker.options) == len(run.plan_ids)
    best = int(np.argmax(run.front["net_present_value_cny"]))
    assert any(option.startswith(f"{run.plan_ids[best]} (best net present value") for option in picker.options)


@pytest.mark.parametrize("name", ["x/y", "../../etc/passwd", "edit-nowhere"])
def test_edits_that_are_not_there_leave_the_plan_as_it_is(open_page, workspace, name: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang="en", run="first", plan="p001", edit=name)
    assert not app.exception
    assert app.title[0].value == "Plan p001"


WICKED = "![x](http://example.org/x.png)<script>alert(1)</script>"


@pytest.mark.parametrize("page", ["front", "plan"])
def test_a_record_from_somebody_else_is_text(open_page, workspace, page: str) -> None:  # type: ignore[no-untyped-def]
    _change_record(workspace, algorithm=WICKED, scenario=WICKED, recommended={WICKED: WICKED})
    app = open_page(page, lang="en", run="first")
    assert not app.exception
    assert not app.error
    assert WICKED not in shown(app)
    assert "![" not in shown(app).replace("\\[", "").replace("\\!", "")


@pytest.mark.parametrize("field", ["seed", "evaluations", "seconds", "recommended"])
def test_a_spoiled_record_is_refused_on_the_page(open_page, workspace, field: str) -> None:  # type: ignore[no-untyped-def]
    _change_record(workspace, **{field: WICKED})
    app = open_page("front", lang="en", run="first")
    assert not app.exception
    assert [f"run.json: {field}: is not what" in message.value.replace("\\", "") for message in app.error] == [True]
    assert "![" not in shown(app).replace("\\[", "").replace("\\!", "")


def _change_record(workspace, **changes: object) -> None:  # type: ignore[no-untyped-def]
    path = workspace.run_folder("first") / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def test_a_plan_that_is_not_there_is_told_in_the_language_of_the_page(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang="zh", run="first", plan="p999")
    assert [message.value for message in app.error] == ["搜索结果 first 中没有方案 p999，请在前沿中另选一个"]


def test_changes_that_a_preset_replaced_can_be_taken_back(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    app = open_page("scenario", lang="en")
    years = next(field for field in app.number_input if field.label == "Plan years")
    years.set_value(7).run()
    next(box for box in app.selectbox if box.label == "Preset").select("investment_first").run()
    assert next(field for field in app.number_input if field.label == "Plan years").value == 12
    app.button(key="draft_take_back").click().run()
    assert next(field for field in app.number_input if field.label == "Plan years").value == 7
    assert next(box for box in app.selectbox if box.label == "Preset").value == "balanced"
    assert not any(button.key == "draft_take_back" for button in app.button)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bounds_of_the_programme_are_set_and_read(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("scenario", lang=language)
    choose(app, "scenario_section", "bounds")
    opened = next(item for item in app.get("expander") if text("programme_bounds", language, n=0) in item.label)
    assert opened is not None
    shares = {"intensity_shares": {"mixed": {"low": 0.1, "high": 0.5}}, "renewal_ratio": {"low": 0.2, "high": 0.6}}
    draft = {**draft_of("balanced"), **shares, "villages_per_year_by_year": {"2": 5}, "least_rental_area_m2": 2e5}
    workspace.write("draft", "d1", {"city": "tiny", "preset": "", "content": draft})
    app = open_page("scenario", lang=language, draft="d1")
    choose(app, "scenario_section", "bounds")
    assert not app.exception
    assert not app.error
    spans = [slider.value for slider in app.slider]
    assert (0.2, 0.6) in spans
    assert (0.1, 0.5) in spans
    kept = workspace.read("draft", "d1")["content"]
    assert kept["villages_per_year_by_year"] == {"2": 5}
    assert kept["intensity_shares"] == shares["intensity_shares"]
    next(slider for slider in app.slider if slider.value == (0.2, 0.6)).set_range(0.0, 1.0).run()
    assert workspace.read("draft", "d1")["content"]["renewal_ratio"] is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_target_is_added_with_its_mode(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    workspace.write("draft", "d1", {"city": "tiny", "preset": "", "content": draft_of("balanced")})
    app = open_page("scenario", lang=language, draft="d1")
    choose(app, "scenario_section", "targets")
    next(box for box in app.selectbox if box.label == text("target_mode", language)).set_value("hard").run()
    next(box for box in app.number_input if "target_value" in (box.key or "")).set_value(1.0).run()
    next(box for box in app.button if box.label == text("target_add", language)).click().run()
    (target,) = workspace.read("draft", "d1")["content"]["targets"]
    assert target["mode"] == "hard"
    assert text("mode_hard", language) in shown(app)


def test_a_title_given_on_page_front_is_shown_wherever_the_run_is(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    app = open_page("front", lang="zh", run="first")
    field = next(item for item in app.text_input if item.key.startswith("rename_title"))
    field.set_value("少搬*租户*")
    next(item for item in app.button if item.key.startswith("rename_take")).click()
    app.run()
    assert not app.exception
    assert (workspace.run_folder("first") / "title.txt").read_text(encoding="utf-8") == "少搬*租户*\n"
    assert app.selectbox[0].format_func("first") == "少搬*租户*"
    assert "少搬\\*租户\\*" in shown(app.switch_page("views/plan.py").run())
