"""The assumptions page in both languages: book, sensitivity, recipes, dictionary."""

from __future__ import annotations

import numpy as np
import pytest

from app.runs.run_folder import load_run
from app.studies.tornado_file import known_tornado
from app.web.figures.charts_tornado import tornado_figure
from app.web.sections.assumption_sections import book_rows
from app.words.console import money_scale
from data.catalogue import text
from data.dictionary import LAYERS, columns
from data.parameter_book import load_book
from envs.kernel.indicators.registry import INDICATORS
from room_fixtures import choose, shown

LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_show_the_book_the_recipes_and_the_dictionary(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("assumptions", lang=language, run="first")
    assert not app.exception
    facts = [key for key, entry in load_book().items() if not entry.same_as]
    assert app.dataframe[0].value[text("column_key", language)].tolist() == facts
    choose(app, "assumptions_section", "recipes")
    recipes = app.dataframe[0].value
    assert recipes[text("column_key", language)].tolist() == list(INDICATORS)
    assert (recipes[text("column_bias", language)].str.len() > 5).all()
    choose(app, "assumptions_section", "dictionary")
    assert [len(table.value) for table in app.dataframe] == [len(columns(layer)) for layer in LAYERS]
    choose(app, "assumptions_section", "tornado")
    assert text("tornado_needs_plan", language) in shown(app)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tornado_of_the_plan_in_view(open_page, workspace, language: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    keys = ("finance.discount_rate", "std.commerce", "travel.detour")
    monkeypatch.setattr("app.studies.tornado_file.ranged_parameters", lambda book: keys)
    run = load_run(workspace.run_folder("first"))
    plan_id = run.plan_ids[-1]
    app = choose(open_page("assumptions", lang=language, run="first", plan=plan_id), "assumptions_section", "tornado")
    start = [button for button in app.button if "tornado_go" in (button.key or "")]
    if start:
        start[0].click().run()
    assert not app.exception
    assert not app.error
    assert not [button for button in app.button if "tornado_go" in (button.key or "")]
    found = known_tornado(run.resolved, run.plan(plan_id))
    assert found is not None
    assert found.complete
    name = run.resolved.scenario.objectives[0]
    table = app.dataframe[0].value
    bars = [bar for bar in found.bars(name) if bar.swing > 0.0]
    assert table[text("column_key", language)].tolist() == [bar.key for bar in bars]
    scale, unit = money_scale("CNY", language)  # of the net present value
    at_low = f"{text('report_tornado_at_low', language)} [{unit}]"
    np.testing.assert_allclose(table[at_low], [bar.at_low / scale for bar in bars])
    figure = tornado_figure(found, run.resolved.book, "service_accessibility", language)
    widest = found.bars("service_accessibility")[0]
    assert figure.data[0].base + figure.data[0].x[-1] == pytest.approx(widest.at_low)


def test_the_book_is_filtered_by_text_letter_and_change() -> None:
    book = load_book().override({"finance.discount_rate": 0.06})
    assert [row["key"] for row in book_rows(book, "", [], only=True)] == ["finance.discount_rate"]
    assert book_rows(book, "", [], only=False)[0]["key"] == "finance.discount_rate"
    assert {row["confidence"] for row in book_rows(book, "", ["S", "C"], only=False)} == {"S", "C"}
    assert [row["key"] for row in book_rows(book, "折现率", [], only=False)] == ["finance.discount_rate"]
    assert book_rows(book, "no such parameter", [], only=False) == []
